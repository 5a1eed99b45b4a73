package io.millrace.bench.memif;

import io.millrace.bench.command.JvmCommand;
import io.millrace.bench.forward.ForwardMode;
import io.millrace.bench.netns.ChildProcess;
import io.millrace.bench.reference.EalArguments;
import io.millrace.bench.reference.TestpmdProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A process that forwards between memif links on one CPU: the one that is measured, or its reference. */
public abstract sealed class ForwardingProcess implements AutoCloseable {
    private static final String BURST = "32";

    private static final Path PROCESSES = Path.of("/proc");

    private ForwardingProcess() {}

    /**
     * Starts {@code millrace forward}. Packets flow when this returns and the links are up.
     *
     * @param links whose client ends it gets
     * @param count number of links
     * @param cpu where it forwards
     */
    public static ForwardingProcess millrace(
            final MemifLinks links, final int count, final ForwardMode mode, final int cpu) throws IOException {
        return new Millrace(links, count, mode, cpu);
    }

    /**
     * Starts {@code dpdk-testpmd}. Packets flow when this returns and the links are up.
     *
     * @param links whose client ends it gets
     * @param count number of links
     * @param cpu where it forwards
     * @param control another CPU, where its prompt waits
     */
    public static ForwardingProcess testpmd(
            final MemifLinks links, final int count, final ForwardMode mode, final int cpu, final int control)
            throws IOException {
        final Testpmd testpmd = new Testpmd(links, count, mode, cpu, control);
        testpmd.process.command("start");
        return testpmd;
    }

    /** Garbage collections since its start; 0 where there is no collector. */
    public abstract int collections() throws IOException;

    /** Number of the process. */
    abstract long pid();

    /** Stops it where it is, so that another one can have its CPU, or lets it go on. */
    public final void pause(final boolean stop) throws IOException, InterruptedException {
        final int code = new ProcessBuilder("sh", "-c", "kill -" + (stop ? "STOP " : "CONT ") + pid())
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("the forwarder has ended");
        }
    }

    /**
     * How long the thread that forwards was ready to run, but another had its CPU, in nanoseconds since its start.
     *
     * @param thread its number
     */
    public final long waitedNanos(final String thread) throws IOException {
        return Long.parseLong(times(threads().resolve(thread))[1]);
    }

    /** Number of the thread that forwards: the one that has run longest. */
    public final String thread() throws IOException {
        long mostRun = -1;
        Path longest = threads();
        try (Stream<Path> all = Files.list(threads())) {
            for (final Path thread : (Iterable<Path>) all::iterator) {
                final long run = Long.parseLong(times(thread)[0]);
                if (run > mostRun) {
                    mostRun = run;
                    longest = thread;
                }
            }
        }
        return String.valueOf(longest.getFileName());
    }

    private Path threads() {
        return PROCESSES.resolve(Long.toString(pid())).resolve("task");
    }

    /** How long a thread has run, and has waited for a CPU. */
    private static String[] times(final Path thread) throws IOException {
        return Files.readString(thread.resolve("schedstat")).split(" ", -1);
    }

    /** Ends it. */
    @Override
    public abstract void close() throws IOException;

    private static final class Millrace extends ForwardingProcess {
        private static final int STOP_SECONDS = 20;

        private final Process process;
        private final Path collections;

        Millrace(final MemifLinks links, final int count, final ForwardMode mode, final int cpu) throws IOException {
            collections = links.file("collections.log");
            final List<String> arguments = new ArrayList<>(List.of("forward", "--mode", mode.label()));
            for (int i = 0; i < count; i++) {
                arguments.addAll(List.of("--port", links.client(i)));
            }
            arguments.addAll(List.of("--burst", BURST, "--cpus", Integer.toString(cpu), "--idle", "spin"));
            process = new ProcessBuilder(JvmCommand.of(List.of("-Xlog:gc:file=" + collections), arguments))
                    .redirectErrorStream(true)
                    .start();
            final List<String> said = new ArrayList<>();
            final BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            for (String line = output.readLine(); line == null || !line.startsWith("ready"); line = output.readLine()) {
                if (line == null) {
                    throw new IOException("millrace forward does not start: " + String.join(" ", said));
                }
                said.add(line);
            }
        }

        @Override
        long pid() {
            return process.pid();
        }

        @Override
        public int collections() throws IOException {
            try (Stream<String> lines = Files.lines(collections)) {
                return Math.toIntExact(
                        lines.filter(line -> line.contains("Pause")).count());
            }
        }

        @Override
        public void close() {
            process.destroy();
            ChildProcess.end(process, STOP_SECONDS);
        }
    }

    private static final class Testpmd extends ForwardingProcess {
        private final TestpmdProcess process;

        Testpmd(final MemifLinks links, final int count, final ForwardMode mode, final int cpu, final int control)
                throws IOException {
            final String prefix = EalArguments.filePrefix("testpmd");
            final List<String> eal = new ArrayList<>(EalArguments.of(prefix, false));
            eal.add("--lcores=0@" + control + ",1@" + cpu);
            for (int i = 0; i < count; i++) {
                eal.add("--vdev=" + links.client(i));
            }
            process = TestpmdProcess.start(
                    prefix,
                    eal,
                    List.of("--forward-mode=" + mode.label(), "--burst=" + BURST, "--total-num-mbufs=16384"));
        }

        @Override
        long pid() {
            return process.pid();
        }

        @Override
        public int collections() {
            return 0;
        }

        @Override
        public void close() throws IOException {
            process.close();
        }
    }
}
