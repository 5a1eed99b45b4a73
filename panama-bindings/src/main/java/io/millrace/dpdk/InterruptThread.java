package io.millrace.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread in which EAL waits for what happens at descriptors of drivers. DPDK 22.11 lets it run when EAL is stopped,
 * over memory that is gone then: if a driver has left something to be watched behind, as net_memif does when it is a
 * server and closed, the next event ends the process.
 */
final class InterruptThread {
    private static final String NAME = "eal-intr-thread";
    private static final Path THREADS = Path.of("/proc/self/task");

    /** RTE_INTR_HANDLE_EXT: a descriptor that EAL does not read from itself. */
    private static final int EXTERNAL = 7;

    private static final long PATIENCE_NANOS = 1_000_000_000;
    private static final long LOOK_NANOS = 100_000;

    private InterruptThread() {}

    /**
     * Ends it, for ever, before EAL is stopped and after all devices were closed. Should it hang in a driver, it is left
     * alone after a second.
     */
    static void end() {
        if (!canEndThreads()) {
            return;
        }
        try {
            // It calls what is registered for a descriptor: here one that is readable, and what ends the caller.
            // An alarm would do, too, but EAL, when it is stopped, waits for those that run.
            final MemorySegment handle =
                    (MemorySegment) eal("rte_intr_instance_alloc", FunctionDescriptor.of(ADDRESS, JAVA_INT))
                            .invokeExact(0);
            final FunctionDescriptor setter = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
            final MethodHandle setDescriptor = eal("rte_intr_fd_set", setter);
            final MethodHandle setType = eal("rte_intr_type_set", setter);
            final MethodHandle register =
                    eal("rte_intr_callback_register", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
            final MemorySegment exit = Linker.nativeLinker().defaultLookup().findOrThrow("pthread_exit");
            if (handle.address() != 0
                    && (int) setDescriptor.invokeExact(handle, Libc.eventfd(1)) == 0
                    && (int) setType.invokeExact(handle, EXTERNAL) == 0
                    && (int) register.invokeExact(handle, exit, MemorySegment.NULL) == 0) {
                awaitEnd();
            }
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** The C library loads this library to end a thread, and ends the process if it cannot. */
    @SuppressWarnings("restricted")
    private static boolean canEndThreads() {
        try {
            SymbolLookup.libraryLookup("libgcc_s.so.1", Arena.global());
            return true;
        } catch (final IllegalArgumentException e) {
            return false;
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle eal(final String name, final FunctionDescriptor descriptor) {
        final SymbolLookup library = SymbolLookup.libraryLookup(DpdkLibraries.EAL, Arena.global());
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), descriptor);
    }

    private static void awaitEnd() {
        final long begin = System.nanoTime();
        while (isAlive() && System.nanoTime() - begin < PATIENCE_NANOS) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Whether this process has the thread. */
    static boolean isAlive() {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (final Path thread : threads) {
                if (isIt(thread)) {
                    return true;
                }
            }
        } catch (final IOException | DirectoryIteratorException e) {
            System.getLogger(InterruptThread.class.getName()).log(System.Logger.Level.DEBUG, e.toString());
        }
        return false;
    }

    private static boolean isIt(final Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).strip().equals(NAME);
        } catch (final IOException e) {
            return false; // it ended
        }
    }
}
