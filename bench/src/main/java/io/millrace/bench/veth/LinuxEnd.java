package io.millrace.bench.veth;

import io.millrace.bench.netns.ChildProcess;
import io.millrace.bench.netns.Namespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;

/** A program of C on Linux's sockets, as a server or as a client. It ends with its standard input. */
final class LinuxEnd implements End, AutoCloseable {
    private static final int STOP_SECONDS = 5;

    private final Process process;
    private final BufferedReader output;
    private final Writer input;

    private LinuxEnd(final ProcessBuilder builder) throws IOException {
        this.process = builder.redirectErrorStream(true).start();
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        final String first = output.readLine();
        if (!"ready".equals(first)) {
            process.destroyForcibly();
            throw new IOException("the program on Linux's side does not start: " + first);
        }
    }

    /** Starts the server in a namespace. */
    static LinuxEnd server(final Path program, final Namespace namespace, final int cpu, final int port)
            throws IOException {
        return new LinuxEnd(
                namespace.process(program.toString(), Integer.toString(cpu), "server", Integer.toString(port)));
    }

    /** Starts a client in this process's namespace. */
    static LinuxEnd client(final Path program, final int cpu, final String address, final int port) throws IOException {
        return new LinuxEnd(new ProcessBuilder(
                program.toString(), Integer.toString(cpu), "client", address, Integer.toString(port)));
    }

    @Override
    public double push(final long nanos) throws IOException {
        return rate("push", nanos);
    }

    @Override
    public double pull(final long nanos) throws IOException {
        return rate("pull", nanos);
    }

    @Override
    public void ask(final long nanos, final Histogram latency) throws IOException {
        for (final long taken : numbers("ask", nanos)) {
            latency.recordValue(taken);
        }
    }

    private double rate(final String what, final long nanos) throws IOException {
        final List<Long> numbers = numbers(what, nanos);
        return 8.0 * numbers.get(0) / numbers.get(1);
    }

    private List<Long> numbers(final String what, final long nanos) throws IOException {
        input.write(what + " " + nanos / 1_000 + "\n");
        input.flush();
        final String line = output.readLine();
        if (line == null || line.isEmpty() || !Character.isDigit(line.charAt(0))) {
            throw new IOException("Linux's side failed: " + line);
        }
        return Arrays.stream(line.split(" ", 0)).map(Long::valueOf).toList();
    }

    @Override
    public void close() throws IOException {
        input.close();
        ChildProcess.end(process, STOP_SECONDS);
    }
}
