package io.millrace.bench.forward;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Measures {@code dpdk-testpmd}, the reference. */
final class Testpmd {
    private static final String PROGRAM = "dpdk-testpmd";
    private static final Pattern RATE = Pattern.compile("Rx-pps:\\s+(\\d+)");

    private static final Duration WARM_UP = Duration.ofMillis(500);
    private static final String PROMPT = "testpmd> ";
    private static final int STOP_SECONDS = 10;

    private Testpmd() {}

    /** Whether the program is installed. */
    static boolean isInstalled() {
        final String path = System.getenv("PATH");
        return path != null
                && Stream.of(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
    }

    /**
     * Forwards between two null ports, both ways, on one CPU.
     *
     * @param cpu where it forwards
     * @param control another CPU, where its prompt waits
     * @return million packets a second, both directions together
     */
    static double measure(final ForwardMode mode, final ForwardOptions options, final int cpu, final int control)
            throws InterruptedException {
        final List<String> command = new ArrayList<>(List.of(PROGRAM));
        command.addAll(options.ealArguments("testpmd"));
        command.addAll(List.of(
                "--lcores=0@" + control + ",1@" + cpu,
                "--vdev=net_null0,size=" + options.packetSize(),
                "--vdev=net_null1,size=" + options.packetSize(),
                "--",
                "--interactive",
                "--forward-mode=" + mode.label(),
                "--burst=" + options.burst(),
                "--total-num-mbufs=" + options.buffers()));
        try {
            final Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (Writer input = process.outputWriter(StandardCharsets.US_ASCII);
                    BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
                awaitPrompt(output);
                command(input, "start");
                Thread.sleep(WARM_UP.toMillis());
                // Rates are those since the counters were last shown, by its own clock.
                command(input, "show port stats all");
                Thread.sleep(options.duration().toMillis());
                command(input, "show port stats all");
                command(input, "quit");
                // It buffers its answers, so they come all at once in the end.
                return lastRate(output);
            } finally {
                if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
                removeRuntimeFolder(ForwardOptions.filePrefix("testpmd"));
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot run " + PROGRAM + ": " + e.getMessage(), e);
        }
    }

    /** EAL leaves the folder of its locks behind; without telemetry and shared configuration it is empty. */
    private static void removeRuntimeFolder(final String prefix) throws IOException {
        final String user = System.getenv("XDG_RUNTIME_DIR");
        for (final String base : List.of("/var/run", "/tmp", user == null ? "/tmp" : user)) {
            Files.deleteIfExists(Path.of(base, "dpdk", prefix));
        }
    }

    private static void awaitPrompt(final BufferedReader output) throws IOException {
        final StringBuilder said = new StringBuilder();
        while (said.lastIndexOf(PROMPT) < 0) {
            final int c = output.read();
            if (c < 0) {
                throw new IOException(
                        "it ended with: " + said.toString().strip().replace('\n', ' '));
            }
            said.append((char) c);
        }
    }

    private static void command(final Writer input, final String command) throws IOException {
        input.write(command + "\n");
        input.flush();
    }

    /** The rates of both ports when they were last shown, together; million packets a second. */
    private static double lastRate(final BufferedReader output) {
        final List<Long> rates = output.lines()
                .map(RATE::matcher)
                .filter(Matcher::find)
                .map(matcher -> Long.valueOf(matcher.group(1)))
                .toList();
        final int shown = rates.size();
        return (rates.get(shown - 2) + rates.get(shown - 1)) / 1e6;
    }
}
