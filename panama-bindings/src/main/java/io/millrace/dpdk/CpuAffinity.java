package io.millrace.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.BitSet;

/** Which CPUs the calling thread may run on. Needs Linux, not DPDK. */
public final class CpuAffinity {
    /** CPUs that a mask has room for. */
    private static final int MAX_CPUS = 8192;

    private static final MethodHandle SET = link("sched_setaffinity");
    private static final MethodHandle GET = link("sched_getaffinity");

    private CpuAffinity() {}

    /** CPUs that the calling thread may run on. */
    public static BitSet current() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mask = arena.allocate(MAX_CPUS / Byte.SIZE);
            if (call(GET, mask) < 0) {
                throw new IllegalStateException("cannot read the CPU affinity of " + Thread.currentThread());
            }
            return BitSet.valueOf(mask.toArray(JAVA_BYTE));
        }
    }

    /**
     * Keeps the calling thread on one CPU.
     *
     * @param cpu number of the CPU, from 0
     * @throws IllegalArgumentException if there is no such CPU, or this process may not use it
     */
    public static void pin(final int cpu) {
        final BitSet allowed = current();
        final BitSet wanted = new BitSet();
        if (cpu < 0 || cpu >= MAX_CPUS) {
            throw new IllegalArgumentException("no CPU " + cpu + "; usable are " + allowed);
        }
        wanted.set(cpu);
        set(wanted);
    }

    /**
     * Lets the calling thread run on these CPUs only.
     *
     * @throws IllegalArgumentException if none of them exists and may be used
     */
    public static void set(final BitSet cpus) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mask = arena.allocate(MAX_CPUS / Byte.SIZE);
            final byte[] bytes = cpus.toByteArray();
            MemorySegment.copy(bytes, 0, mask, JAVA_BYTE, 0, Math.min(bytes.length, MAX_CPUS / Byte.SIZE));
            if (call(SET, mask) != 0) {
                throw new IllegalArgumentException("cannot run on CPU " + cpus + "; usable are " + current());
            }
        }
    }

    private static int call(final MethodHandle function, final MemorySegment mask) {
        try {
            return (int) function.invokeExact(0, mask.byteSize(), mask);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(final String name) {
        final Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    }
}
