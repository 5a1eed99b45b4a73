package io.millrace.bench.ring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.millrace.bench.reference.CompiledC;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;

/** A {@code rte_ring} and the loops at both its ends, compiled on this machine for this machine: it is all inline. */
final class DpdkRing implements AutoCloseable {
    private static final FunctionDescriptor LOOP = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private final MethodHandle produce;
    private final MethodHandle consume;
    private final MethodHandle free;
    private final long ring;

    private DpdkRing(final SymbolLookup library, final int capacity) {
        this.produce = link(library, "ring_produce", LOOP);
        this.consume = link(library, "ring_consume", LOOP);
        this.free = link(library, "ring_free", FunctionDescriptor.ofVoid(JAVA_LONG));
        try {
            ring = (long) link(library, "ring_make", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG))
                    .invokeExact((long) capacity);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
        if (ring == 0) {
            throw new IllegalStateException("no ring of " + capacity + " entries could be made");
        }
    }

    /**
     * Compiles, loads for the rest of the process's life, and makes a ring.
     *
     * @param folder for source and library
     * @param capacity a power of two, of which the ring holds one less
     * @throws IOException if there is no compiler, or no header of DPDK; the message is the compiler's
     */
    @SuppressWarnings("restricted")
    static DpdkRing make(final Path folder, final int capacity) throws IOException, InterruptedException {
        final Path library = CompiledC.compile(DpdkRing.class, "ring", folder, List.of("rte_ring"));
        return new DpdkRing(SymbolLookup.libraryLookup(library, Arena.global()), capacity);
    }

    /** Hands over the numbers from 0 to {@code total - 1}. */
    void produce(final long total, final int burst) {
        call(produce, total, burst);
    }

    /** Takes so many numbers, and returns their sum. */
    long consume(final long total, final int burst) {
        return call(consume, total, burst);
    }

    private long call(final MethodHandle loop, final long total, final int burst) {
        try {
            return (long) loop.invokeExact(ring, total, (long) burst);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    @Override
    public void close() {
        try {
            free.invokeExact(ring);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(
            final SymbolLookup library, final String name, final FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), descriptor);
    }
}
