package io.millrace.bench.forward;

import io.millrace.bench.reference.Turns;
import io.millrace.dpdk.BurstFunctions;
import io.millrace.dpdk.EthConfig;
import io.millrace.dpdk.EthDevice;
import io.millrace.dpdk.MbufLayout;
import io.millrace.dpdk.Mempool;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * What forwarding costs when nothing is done but calling the drivers: what one receives the other is told to send, and
 * Java looks at no packet. What {@link Forwarder} takes beyond that are its checks and its bookkeeping. An empty burst
 * tells what a call takes, driver included.
 */
final class BareCalls {
    private static final int ANY_SOCKET = -1;
    private static final int DESCRIPTORS = 512;
    private static final int CACHE = 256;
    private static final int ROUNDS = 100_000;
    private static final int TURNS = 11;

    private BareCalls() {}

    /** Measures on the calling thread, which is registered. Says nanoseconds of CPU time. */
    static String measure(final ForwardOptions options) {
        try (Mempool pool = Mempool.create("calls", options.buffers(), CACHE, 2048 + MbufLayout.HEADROOM, ANY_SOCKET);
                EthDevice left = open(2, options, pool);
                EthDevice right = open(3, options, pool);
                Arena arena = Arena.ofConfined()) {
            final BurstFunctions there = BurstFunctions.of(left, 0);
            final BurstFunctions back = BurstFunctions.of(right, 0);
            final long packets =
                    arena.allocate(ValueLayout.JAVA_LONG, options.burst()).address();
            final double[] rounds = new double[TURNS];
            final double[] empty = new double[TURNS];
            for (int turn = -TURNS; turn < TURNS; turn++) {
                final double full = nanos(() -> {
                    forward(there, back, packets, options.burst());
                    forward(back, there, packets, options.burst());
                });
                final double none = nanos(() -> {
                    there.transmit(packets, 0);
                    back.transmit(packets, 0);
                });
                if (turn >= 0) {
                    rounds[turn] = full / 2;
                    empty[turn] = none / 2;
                }
            }
            final double round = Turns.quantile(rounds, 0.5);
            return ("calls and drivers alone: %.1f ns for a burst of %d, %.1f Mpps;"
                            + " a call that sends nothing: %.1f ns")
                    .formatted(round, options.burst(), options.burst() * 1e3 / round, Turns.quantile(empty, 0.5));
        }
    }

    private static double nanos(final Runnable round) {
        final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        final long start = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < ROUNDS; i++) {
            round.run();
        }
        return (double) (threads.getCurrentThreadCpuTime() - start) / ROUNDS;
    }

    private static void forward(
            final BurstFunctions from, final BurstFunctions to, final long packets, final int burst) {
        final int count = from.receive(packets, burst);
        if (to.transmit(packets, count) != count) {
            throw new IllegalStateException("a null port takes everything");
        }
    }

    private static EthDevice open(final int number, final ForwardOptions options, final Mempool pool) {
        final EthDevice device = EthDevice.probe("net_null" + number + ",size=" + options.packetSize());
        device.configure(EthConfig.queues(1, EthConfig.DEFAULT_KEY_WORD));
        device.setupReceiveQueue(0, DESCRIPTORS, pool);
        device.setupTransmitQueue(0, DESCRIPTORS);
        device.start();
        return device;
    }
}
