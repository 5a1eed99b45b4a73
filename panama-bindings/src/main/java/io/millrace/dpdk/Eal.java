package io.millrace.dpdk;

import io.millrace.dpdk.ffi.Dpdk;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * DPDK's environment abstraction layer: memory, threads, drivers. It starts once per process, and having been stopped it
 * cannot start again.
 *
 * <p>EAL starts in a thread of its own that ends at once. The thread that starts EAL becomes its main lcore and is pinned
 * to a core, and the JVM's threads must inherit neither.
 */
public final class Eal implements AutoCloseable {
    private static final AtomicReference<@Nullable Eal> RUNNING = new AtomicReference<>();

    private boolean closed;

    private Eal() {}

    /**
     * Starts EAL.
     *
     * @param arguments EAL's arguments as on a command line, without the program's name, for instance
     *     {@code --in-memory --no-huge --no-pci}
     * @throws EalException if DPDK is missing, of another version, or refuses to start
     */
    public static synchronized Eal start(final List<String> arguments) {
        DpdkLibraries.require();
        if (RUNNING.get() != null) {
            throw new EalException("cannot start DPDK's EAL: it runs in this process already", 0);
        }
        final AtomicReference<@Nullable EalException> failure = new AtomicReference<>();
        final Thread thread = new Thread(() -> failure.set(initialise(arguments)), "millrace-eal-start");
        thread.start();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (final InterruptedException e) {
                // EAL cannot be stopped half-way.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        final EalException problem = failure.get();
        if (problem != null) {
            throw problem;
        }
        final Eal eal = new Eal();
        RUNNING.set(eal);
        return eal;
    }

    /** The EAL that runs in this process, or null. */
    public static @Nullable Eal running() {
        return RUNNING.get();
    }

    /** DPDK's version, for instance {@code DPDK 22.11.11}. Loads DPDK if need be. */
    public static String version() {
        DpdkLibraries.require();
        return Dpdk.rte_version().getString(0);
    }

    /** Whether EAL got its memory from hugepages. */
    public boolean hasHugepages() {
        return Dpdk.rte_eal_has_hugepages() != 0;
    }

    /** Whether devices are given virtual addresses, as they are with an IOMMU and with virtual devices. */
    boolean usesVirtualAddresses() {
        return Dpdk.rte_eal_iova_mode() == Dpdk.RTE_IOVA_VA();
    }

    /**
     * Stops EAL and gives its memory back. All ports and pools must be closed before. Harmless when called again.
     *
     * @throws EalException if DPDK reports a failure
     */
    @Override
    public void close() {
        synchronized (Eal.class) {
            if (closed) {
                return;
            }
            closed = true;
            RUNNING.set(null);
            EalLog.clear();
            final Path folder = RuntimeFolder.find();
            InterruptThread.end();
            EalException.check(Dpdk.rte_eal_cleanup(), "stop DPDK's EAL");
            RuntimeFolder.remove(folder);
        }
    }

    private static @Nullable EalException initialise(final List<String> arguments) {
        EalLog.clear();
        // EAL keeps pointers into its arguments.
        final Arena arena = Arena.global();
        final int count = arguments.size() + 1;
        final MemorySegment argv = arena.allocate(ValueLayout.ADDRESS, count + 1L);
        argv.setAtIndex(ValueLayout.ADDRESS, 0, arena.allocateFrom("millrace"));
        for (int i = 1; i < count; i++) {
            argv.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(Objects.requireNonNull(arguments.get(i - 1))));
        }
        final List<String> printed;
        final int result;
        final int errno;
        try (OutputCapture output = new OutputCapture()) {
            result = Dpdk.rte_eal_init(count, argv);
            errno = EalThreadLocals.errno();
            printed = output.lines();
        }
        if (result >= 0) {
            return null;
        }
        RuntimeFolder.remove(RuntimeFolder.find());
        final String what = "start DPDK's EAL with \"" + String.join(" ", arguments) + "\"";
        // getopt's complaint comes first and begins with the program's name; the rest is the usage text.
        final String complaint =
                printed.isEmpty() || !printed.getFirst().startsWith("millrace: ") ? "" : printed.getFirst();
        return EalException.of(errno, complaint.isEmpty() ? what : what + " (" + complaint.substring(10) + ")");
    }
}
