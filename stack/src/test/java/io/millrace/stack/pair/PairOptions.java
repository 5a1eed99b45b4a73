package io.millrace.stack.pair;

import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/** Changes options of a connection as it goes, and takes back what slows it down. */
final class PairOptions {
    private static final int LEAST_BUFFER = 500;

    private final SplittableRandom random;

    PairOptions(final SplittableRandom random) {
        this.random = random;
    }

    /** Changes one; {@code told} hears which, and to what. */
    void change(final TcpOptions options, final BiConsumer<String, Object> told) {
        final int kind = random.nextInt(16);
        switch (kind) {
            case 0 -> options.noDelay(random.nextBoolean());
            case 1 -> options.cork(random.nextBoolean());
            case 2 -> options.quickAck(random.nextBoolean());
            case 3 -> options.receiveBuffer(1 + random.nextInt(1 << random.nextInt(1, 18)));
            case 4 -> options.sendBuffer(1 + random.nextInt(1 << random.nextInt(1, 18)));
            case 5 -> options.windowClamp(1 + random.nextInt(1 << random.nextInt(1, 18)));
            case 6 -> options.notSentLowWater(1 + random.nextInt(1 << random.nextInt(1, 18)));
            case 7 -> options.receiveLowWater(1 + random.nextInt(1 << random.nextInt(1, 14)));
            case 8 -> options.congestion(algorithm());
            case 9 -> options.pacing(random.nextBoolean());
            case 10 -> options.maxPacingRate(1_000L << random.nextInt(20));
            case 11 -> options.maxSegment(88 + random.nextInt(2_000));
            case 12 -> options.keepAlive(random.nextInt(3) * 1_000_000L, 5_000_000 + random.nextInt(5_000_000), 50);
            case 13 -> options.timers().delayedAck(random.nextInt(500_000));
            case 14 -> options.timers().thinLinearTimeouts(random.nextBoolean());
            default -> options.timers().minRto(1_000 + random.nextInt(300_000));
        }
        told.accept("option", kind);
    }

    private CongestionAlgorithm algorithm() {
        return CongestionAlgorithm.values()[random.nextInt(CongestionAlgorithm.values().length)];
    }

    /** Takes back what may hold data for longer than the peer or the path do. */
    static void calm(final TcpOptions options, final boolean rude) {
        options.cork(false).receiveLowWater(1).maxPacingRate(TcpOptions.UNLIMITED);
        options.windowClamp(Integer.MAX_VALUE);
        // No harm, but byte by byte takes long.
        options.notSentLowWater(Math.max(LEAST_BUFFER, options.notSentLowWater()));
        if (options.receiveBuffer() < LEAST_BUFFER) {
            options.receiveBuffer(LEAST_BUFFER);
        }
        if (options.sendBuffer() < LEAST_BUFFER) {
            options.sendBuffer(LEAST_BUFFER);
        }
        if (rude) {
            options.keepAlive(5_000_000, 5_000_000, 100); // who lost a reset hears of it again
        }
    }
}
