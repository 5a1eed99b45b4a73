package io.millrace.bench.checksum;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** DPDK's checksum, compiled on this machine for this machine; it is an inline function, so no library has it. */
final class RawCksum {
    private static final String SOURCE = "raw_cksum.c";
    private static final String LIBRARY = "raw_cksum.so";

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
        final Path source = folder.resolve(SOURCE);
        try (InputStream text = Objects.requireNonNull(RawCksum.class.getResourceAsStream(SOURCE), SOURCE)) {
            Files.copy(text, source);
        }
        final Path library = folder.resolve(LIBRARY);
        final List<String> command = new ArrayList<>(List.of("gcc", "-shared", "-fPIC"));
        command.addAll(run(List.of("pkg-config", "--cflags", "libdpdk"))
                .trim()
                .lines()
                .flatMap(line -> Arrays.stream(line.split("\\s+", -1)))
                .filter(flag -> !flag.isEmpty())
                .toList());
        // After DPDK's own flags, among which is a -march of its own.
        command.addAll(List.of("-O3", "-march=native", "-o", library.toString(), source.toString()));
        run(command);
        return library;
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

    private static String run(final List<String> command) throws IOException, InterruptedException {
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command.getFirst() + ": " + output.strip());
        }
        return output;
    }
}
