package io.millrace.bench.reference;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Compiles sources of C: against DPDK's headers, for what is inline there and so in no library, or by themselves. */
public final class CompiledC {
    private CompiledC() {}

    /**
     * Compiles with {@code gcc -O3 -march=native} and the flags of {@code libdpdk}.
     *
     * @param owner the class whose resource the source is
     * @param name of the source, without {@code .c}
     * @param folder for the source and the library
     * @param libraries that it is linked with, such as {@code rte_mbuf}
     * @return the library
     * @throws IOException if there is no compiler, or no header of DPDK; the message is the compiler's
     */
    public static Path compile(final Class<?> owner, final String name, final Path folder, final List<String> libraries)
            throws IOException, InterruptedException {
        final Path source = copy(owner, name, folder);
        final Path library = folder.resolve(name + ".so");
        final List<String> command = new ArrayList<>(List.of("gcc", "-shared", "-fPIC"));
        command.addAll(run(List.of("pkg-config", "--cflags", "libdpdk"))
                .trim()
                .lines()
                .flatMap(line -> Arrays.stream(line.split("\\s+", -1)))
                .filter(flag -> !flag.isEmpty())
                .toList());
        // After DPDK's own flags, among which is a -march of its own.
        command.addAll(List.of("-O3", "-march=native", "-o", library.toString(), source.toString()));
        libraries.forEach(linked -> command.add("-l" + linked));
        run(command);
        return library;
    }

    /**
     * Compiles a program that needs nothing but the C library, with {@code gcc -O3 -march=native}.
     *
     * @param owner the class whose resource the source is
     * @param name of the source, without {@code .c}
     * @param folder for the source and the program
     * @return the program
     * @throws IOException if there is no compiler; the message is the compiler's
     */
    public static Path program(final Class<?> owner, final String name, final Path folder)
            throws IOException, InterruptedException {
        final Path source = copy(owner, name, folder);
        final Path program = folder.resolve(name);
        run(List.of("gcc", "-O3", "-march=native", "-o", program.toString(), source.toString()));
        return program;
    }

    private static Path copy(final Class<?> owner, final String name, final Path folder) throws IOException {
        final Path source = folder.resolve(name + ".c");
        try (InputStream text = Objects.requireNonNull(owner.getResourceAsStream(name + ".c"), name)) {
            Files.copy(text, source);
        }
        return source;
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
