package io.millrace.bench.checksum;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.millrace.bench.reference.CompiledC;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;

/** DPDK's checksum, compiled on this machine for this machine; it is an inline function, so no library has it. */
final class RawCksum {
    private final MethodHandle loop;

    private RawCksum(final MethodHandle loop) {
        this.loop = loop;
    }

    /**
     * Compiles it with {@code gcc -O3 -march=native} and the flags of {@code libdpdk}.
     *
     * @param folder for the source and the library
     * @return the library
     * @throws IOException if there is no compiler, or no header of DPDK; the message is the compiler's
     */
    static Path compile(final Path folder) throws IOException, InterruptedException {
        return CompiledC.compile(RawCksum.class, "raw_cksum", folder, List.of());
    }

    /** Loads the library for the rest of the process's life. */
    @SuppressWarnings("restricted")
    static RawCksum load(final Path library) {
        final SymbolLookup lookup = SymbolLookup.libraryLookup(library, Arena.global());
        return new RawCksum(Linker.nativeLinker()
                .downcallHandle(
                        lookup.findOrThrow("raw_cksum_loop"),
                        FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG)));
    }

    /** Sums packets in turn, {@code rounds} times. */
    long sum(
            final MemorySegment base, final MemorySegment offsets, final int mask, final int rounds, final int length) {
        try {
            return (long) loop.invokeExact(base, offsets, (long) mask, (long) rounds, (long) length);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }
}
