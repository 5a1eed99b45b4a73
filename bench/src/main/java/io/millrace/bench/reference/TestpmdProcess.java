package io.millrace.bench.reference;

import io.millrace.bench.netns.ChildProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A running {@code dpdk-testpmd}, DPDK's own forwarder, at its prompt. Not thread-safe.
 *
 * <p>It buffers what it says, so that its totals are known in the end only.
 */
public final class TestpmdProcess implements AutoCloseable {
    /** What it is called. */
    public static final String PROGRAM = "dpdk-testpmd";

    private static final Pattern PACKETS = Pattern.compile("RX-packets:\\s+(\\d+)\\s+RX-missed");
    private static final String PROMPT = "testpmd> ";
    private static final String WORKER = "rte-worker";
    private static final int STOP_SECONDS = 10;

    private final Process process;
    private final String filePrefix;
    private final Writer input;
    private final BufferedReader output;

    /** Totals of packets received, in the order in which they were shown. */
    private final List<Long> shown = new ArrayList<>();

    private final Thread reader = Thread.ofPlatform().name("testpmd").daemon().unstarted(this::read);

    private TestpmdProcess(final Process process, final String filePrefix) {
        this.process = process;
        this.filePrefix = filePrefix;
        this.input = process.outputWriter(StandardCharsets.US_ASCII);
        this.output = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** Whether the program is installed. */
    public static boolean isInstalled() {
        final String path = System.getenv("PATH");
        return path != null
                && Stream.of(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
    }

    /**
     * Starts it, and waits for its prompt. What it says from then on is kept from when {@link #listen} is called.
     *
     * @param filePrefix that {@code ealArguments} name, by which what EAL leaves behind is found
     * @param ealArguments of EAL, with CPUs and devices
     * @param arguments of the program itself, without {@code --interactive}
     * @throws IOException if it does not start; the message has its own words
     */
    public static TestpmdProcess start(
            final String filePrefix, final List<String> ealArguments, final List<String> arguments) throws IOException {
        // Its prompt does not wait for its buffer, and would come in the middle of a line.
        final List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", PROGRAM));
        command.addAll(ealArguments);
        command.addAll(List.of("--", "--interactive"));
        command.addAll(arguments);
        // What it says on the side would come in the middle of its lines.
        final TestpmdProcess testpmd = new TestpmdProcess(
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start(),
                filePrefix);
        try {
            testpmd.awaitPrompt();
            return testpmd;
        } catch (final IOException e) {
            testpmd.process.destroyForcibly();
            throw e;
        }
    }

    /** Number of the process. */
    public long pid() {
        return process.pid();
    }

    /** Has a command carried out; returns at once. */
    public void command(final String command) throws IOException {
        input.write(command + "\n");
        input.flush();
    }

    /** Begins to read what it says. */
    public void listen() {
        reader.start();
    }

    /** Time that the thread which forwards has spent on its CPU, in nanoseconds. It has forwarded before. */
    public long workerCpuNanos() throws IOException {
        final String times = Files.readString(worker().resolve("schedstat"));
        return Long.parseLong(times.substring(0, times.indexOf(' ')));
    }

    /** Ends it, and gives the totals of received packets that {@code show port stats} has shown, port after port. */
    public List<Long> end() throws IOException, InterruptedException {
        command("quit");
        reader.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        return List.copyOf(shown);
    }

    /** Sees to it that it has ended. */
    @Override
    public void close() throws IOException {
        input.close();
        ChildProcess.end(process, STOP_SECONDS);
        output.close();
        removeRuntimeFolder();
    }

    private void read() {
        output.lines()
                .map(PACKETS::matcher)
                .filter(Matcher::find)
                .forEach(matcher -> shown.add(Long.valueOf(matcher.group(1))));
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

    /** EAL leaves the folder of its locks behind; without telemetry and shared configuration it is empty. */
    private void removeRuntimeFolder() throws IOException {
        final String user = System.getenv("XDG_RUNTIME_DIR");
        for (final String base : List.of("/var/run", "/tmp", user == null ? "/tmp" : user)) {
            Files.deleteIfExists(Path.of(base, "dpdk", filePrefix));
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
}
