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

/**
 * {@code dpdk-testpmd}, the reference, between two null ports on one CPU, both ways. It is started once and then measures
 * whenever it is its turn; in between its forwarding stands still.
 *
 * <p>It buffers what it says, so that its totals are known in the end only.
 */
final class Testpmd implements AutoCloseable {
    private static final String PROGRAM = "dpdk-testpmd";
    private static final Pattern PACKETS = Pattern.compile("RX-packets:\\s+(\\d+)\\s+RX-missed");
    private static final String PROMPT = "testpmd> ";
    private static final int STOP_SECONDS = 10;
    private static final int FIRST_START_MILLIS = 500;

    /** What makes whole packets: the buffers hold them from then on, since a null port does not write into them. */
    private static final String PACKET_MAKER = "txonly";

    private static final String WORKER = "rte-worker";

    /** Totals that one turn shows: of two ports, before and after. */
    private static final int SHOWN = 4;

    private final Process process;
    private final Writer input;
    private final BufferedReader output;
    private final List<Long> packets = new ArrayList<>();
    private final List<Long> cpuNanos = new ArrayList<>();
    private final Thread reader = Thread.ofPlatform().name("testpmd").daemon().unstarted(this::read);

    private Testpmd(final Process process) {
        this.process = process;
        this.input = process.outputWriter(StandardCharsets.US_ASCII);
        this.output = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** Whether the program is installed. */
    static boolean isInstalled() {
        final String path = System.getenv("PATH");
        return path != null
                && Stream.of(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
    }

    /**
     * Starts it.
     *
     * @param cpu where it forwards
     * @param control another CPU, where its prompt waits
     */
    static Testpmd start(final ForwardMode mode, final ForwardOptions options, final int cpu, final int control)
            throws InterruptedException {
        // Its prompt does not wait for its buffer, and would come in the middle of a line.
        final List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", PROGRAM));
        command.addAll(options.ealArguments("testpmd"));
        command.addAll(List.of(
                "--lcores=0@" + control + ",1@" + cpu,
                "--vdev=net_null0,size=" + options.packetSize(),
                "--vdev=net_null1,size=" + options.packetSize(),
                "--",
                "--interactive",
                "--forward-mode=" + (mode == ForwardMode.CSUM ? PACKET_MAKER : mode.label()),
                "--burst=" + options.burst(),
                "--total-num-mbufs=" + options.buffers()));
        try {
            // What it says on the side would come in the middle of its lines.
            final Testpmd testpmd = new Testpmd(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
            try {
                testpmd.awaitPrompt();
                testpmd.command("set txpkts " + options.packetSize());
                // Its first start takes a while.
                testpmd.startOnce();
                if (mode == ForwardMode.CSUM) {
                    testpmd.command("set fwd " + mode.label());
                    testpmd.command("csum mac-swap off 0");
                    testpmd.command("csum mac-swap off 1");
                    testpmd.startOnce();
                }
            } catch (final IOException | InterruptedException e) {
                testpmd.process.destroyForcibly();
                throw e;
            }
            testpmd.reader.start();
            return testpmd;
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot run " + PROGRAM + ": " + e.getMessage(), e);
        }
    }

    private void startOnce() throws IOException, InterruptedException {
        command("start");
        Thread.sleep(FIRST_START_MILLIS);
        command("stop");
    }

    /** Takes a turn: forwards for a while, then for as long again as is measured. */
    void turn(final Duration warmUp, final Duration duration) throws InterruptedException {
        try {
            command("start");
            Thread.sleep(warmUp.toMillis());
            final Path worker = worker();
            final long before = cpuNanos(worker);
            command("show port stats all");
            Thread.sleep(duration.toMillis());
            cpuNanos.add(cpuNanos(worker) - before);
            command("show port stats all");
            command("stop");
        } catch (final IOException e) {
            throw new UncheckedIOException(PROGRAM + " has ended: " + e.getMessage(), e);
        }
    }

    /** Ends it and gives its rate in each turn, both directions together; million packets a second of CPU time. */
    double[] end() throws InterruptedException {
        try {
            command("quit");
        } catch (final IOException e) {
            throw new UncheckedIOException(PROGRAM + " has ended: " + e.getMessage(), e);
        }
        reader.join(Duration.ofSeconds(STOP_SECONDS));
        if (packets.size() != cpuNanos.size() * SHOWN) {
            throw new IllegalStateException(PROGRAM + " showed " + packets.size() + " totals in " + cpuNanos.size()
                    + " turns; it must have been stopped early");
        }
        final double[] turns = new double[cpuNanos.size()];
        for (int i = 0; i < turns.length; i++) {
            final int at = i * SHOWN;
            final long forwarded = packets.get(at + 2) + packets.get(at + 3) - packets.get(at) - packets.get(at + 1);
            turns[i] = forwarded * 1e3 / cpuNanos.get(i);
        }
        return turns;
    }

    /** Sees to it that it has ended. */
    @Override
    public void close() {
        try {
            input.close();
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            output.close();
            removeRuntimeFolder(ForwardOptions.filePrefix("testpmd"));
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot end " + PROGRAM + ": " + e.getMessage(), e);
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        output.lines()
                .map(PACKETS::matcher)
                .filter(Matcher::find)
                .forEach(matcher -> packets.add(Long.valueOf(matcher.group(1))));
    }

    /** Where the kernel tells of the thread that forwards. */
    private Path worker() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
            for (final Path thread : (Iterable<Path>) threads::iterator) {
                if (Files.readString(thread.resolve("comm")).startsWith(WORKER)) {
                    return thread;
                }
            }
        }
        throw new IOException("it has no thread called " + WORKER);
    }

    /** Time that a thread has spent on a CPU. */
    private static long cpuNanos(final Path thread) throws IOException {
        final String times = Files.readString(thread.resolve("schedstat"));
        return Long.parseLong(times.substring(0, times.indexOf(' ')));
    }

    /** EAL leaves the folder of its locks behind; without telemetry and shared configuration it is empty. */
    private static void removeRuntimeFolder(final String prefix) throws IOException {
        final String user = System.getenv("XDG_RUNTIME_DIR");
        for (final String base : List.of("/var/run", "/tmp", user == null ? "/tmp" : user)) {
            Files.deleteIfExists(Path.of(base, "dpdk", prefix));
        }
    }

    private void awaitPrompt() throws IOException {
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

    private void command(final String command) throws IOException {
        input.write(command + "\n");
        input.flush();
    }
}
