package io.millrace.bench.checksum;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs the measurement of each length in a JVM of its own. */
final class ChecksumBench {
    private ChecksumBench() {}

    /**
     * Measures.
     *
     * @param lengths bytes to sum, 0 to 9,000 each
     * @param progress is told why there is no reference, if there is none
     * @return two results for each length, of even addresses and of odd ones
     * @throws IllegalArgumentException if a length is not in range
     */
    public static List<ChecksumResult> run(final List<Integer> lengths, final Consumer<String> progress)
            throws IOException, InterruptedException {
        for (final int length : lengths) {
            if (length < 0 || length > 9000) {
                throw new IllegalArgumentException("length " + length + "; use 0 to 9000 bytes");
            }
        }
        final Path folder = Files.createTempDirectory("millrace-checksum");
        try {
            final Path reference = compile(folder, progress);
            final List<ChecksumResult> results = new ArrayList<>();
            for (final int length : lengths) {
                results.add(measure(length, false, reference));
                results.add(measure(length, true, reference));
            }
            return results;
        } finally {
            delete(folder);
        }
    }

    private static @Nullable Path compile(final Path folder, final Consumer<String> progress)
            throws InterruptedException {
        try {
            return RawCksum.compile(folder);
        } catch (final IOException e) {
            progress.accept(
                    "no reference, which needs: apt-get install gcc pkg-config libdpdk-dev (" + e.getMessage() + ")");
            return null;
        }
    }

    private static ChecksumResult measure(final int length, final boolean odd, final @Nullable Path reference)
            throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ChecksumTurns.class.getName(),
                Integer.toString(length),
                Boolean.toString(odd)));
        if (reference != null) {
            command.add(reference.toString());
        }
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("the measurement of " + length + " bytes failed: " + output.strip());
        }
        // Before the result the JVM may warn of its incubating module.
        return parse(output.lines().toList().getLast());
    }

    private static ChecksumResult parse(final String line) {
        final String[] fields = line.split(" ", -1);
        return new ChecksumResult(
                Integer.parseInt(fields[0]),
                Boolean.parseBoolean(fields[1]),
                fields[2],
                Double.parseDouble(fields[3]),
                Double.parseDouble(fields[4]),
                Double.parseDouble(fields[5]));
    }

    private static void delete(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
