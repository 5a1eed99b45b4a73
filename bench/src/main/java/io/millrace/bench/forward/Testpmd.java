package io.millrace.bench.forward;

import io.millrace.bench.reference.TestpmdProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code dpdk-testpmd}, the reference, between two null ports on one CPU, both ways. It is started once and then measures
 * whenever it is its turn; in between its forwarding stands still.
 */
final class Testpmd implements AutoCloseable {
    private static final int FIRST_START_MILLIS = 500;

    /** What makes whole packets: the buffers hold them from then on, since a null port does not write into them. */
    private static final String PACKET_MAKER = "txonly";

    /** Totals that one turn shows: of two ports, before and after. */
    private static final int SHOWN = 4;

    private final TestpmdProcess process;
    private final List<Long> cpuNanos = new ArrayList<>();

    private Testpmd(final TestpmdProcess process) {
        this.process = process;
    }

    /** Whether the program is installed. */
    static boolean isInstalled() {
        return TestpmdProcess.isInstalled();
    }

    /**
     * Starts it.
     *
     * @param cpu where it forwards
     * @param control another CPU, where its prompt waits
     */
    static Testpmd start(final ForwardMode mode, final ForwardOptions options, final int cpu, final int control)
            throws InterruptedException {
        final List<String> eal = new ArrayList<>(options.ealArguments("testpmd"));
        eal.addAll(List.of(
                "--lcores=0@" + control + ",1@" + cpu,
                "--vdev=net_null0,size=" + options.packetSize(),
                "--vdev=net_null1,size=" + options.packetSize()));
        try {
            final Testpmd testpmd = new Testpmd(TestpmdProcess.start(
                    ForwardOptions.filePrefix("testpmd"),
                    eal,
                    List.of(
                            "--forward-mode=" + (mode == ForwardMode.CSUM ? PACKET_MAKER : mode.label()),
                            "--burst=" + options.burst(),
                            "--total-num-mbufs=" + options.buffers())));
            try {
                testpmd.prepare(mode, options);
                return testpmd;
            } catch (final IOException | InterruptedException e) {
                testpmd.process.close();
                throw e;
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot run " + TestpmdProcess.PROGRAM + ": " + e.getMessage(), e);
        }
    }

    private void prepare(final ForwardMode mode, final ForwardOptions options)
            throws IOException, InterruptedException {
        process.command("set txpkts " + options.packetSize());
        // Its first start takes a while.
        startOnce();
        if (mode == ForwardMode.CSUM) {
            process.command("set fwd " + mode.label());
            process.command("csum mac-swap off 0");
            process.command("csum mac-swap off 1");
            startOnce();
        }
        process.listen();
    }

    private void startOnce() throws IOException, InterruptedException {
        process.command("start");
        Thread.sleep(FIRST_START_MILLIS);
        process.command("stop");
    }

    /** Takes a turn: forwards for a while, then for as long again as is measured. */
    void turn(final Duration warmUp, final Duration duration) throws InterruptedException {
        try {
            process.command("start");
            Thread.sleep(warmUp.toMillis());
            final long before = process.workerCpuNanos();
            process.command("show port stats all");
            Thread.sleep(duration.toMillis());
            cpuNanos.add(process.workerCpuNanos() - before);
            process.command("show port stats all");
            process.command("stop");
        } catch (final IOException e) {
            throw new UncheckedIOException(TestpmdProcess.PROGRAM + " has ended: " + e.getMessage(), e);
        }
    }

    /** Ends it and gives its rate in each turn, both directions together; million packets a second of CPU time. */
    double[] end() throws InterruptedException {
        final List<Long> packets;
        try {
            packets = process.end();
        } catch (final IOException e) {
            throw new UncheckedIOException(TestpmdProcess.PROGRAM + " has ended: " + e.getMessage(), e);
        }
        if (packets.size() != cpuNanos.size() * SHOWN) {
            throw new IllegalStateException(TestpmdProcess.PROGRAM + " showed " + packets.size() + " totals in "
                    + cpuNanos.size() + " turns; it must have been stopped early");
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
            process.close();
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot end " + TestpmdProcess.PROGRAM + ": " + e.getMessage(), e);
        }
    }
}
