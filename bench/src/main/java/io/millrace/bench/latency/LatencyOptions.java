package io.millrace.bench.latency;

import io.millrace.bench.forward.ForwardMode;
import java.time.Duration;

/**
 * How to measure.
 *
 * <p>A run has at most 100,000,000 packets.
 *
 * @param mode what is done to each packet
 * @param rate packets a second, 1 to 10,000,000
 * @param packetSize bytes of each packet without frame check sequence, 64 to 1518
 * @param start how long the start of each is, which is shown apart
 * @param steady how long each of their turns is after that
 * @param rounds how often both take turns, at least 1
 * @param realTime whether sender and forwarder run before all ordinary threads in their turns, and rest before these, so
 *     that the others have their share
 */
record LatencyOptions(
        ForwardMode mode, long rate, int packetSize, Duration start, Duration steady, int rounds, boolean realTime) {
    /** A million packets of 64 bytes a second, 5 seconds and 21 turns of one second. */
    public static final LatencyOptions DEFAULT =
            new LatencyOptions(ForwardMode.IO, 1_000_000, 64, Duration.ofSeconds(5), Duration.ofSeconds(1), 21, false);

    private static final long MAX_RATE = 10_000_000;

    private static final long MAX_PACKETS = 100_000_000;

    /** Checks the numbers. */
    public LatencyOptions {
        if (rate < 1 || rate > MAX_RATE) {
            throw new IllegalArgumentException(rate + " packets a second; they are 1 to " + MAX_RATE);
        }
        if (packetSize < 64 || packetSize > 1518) {
            throw new IllegalArgumentException("packets of " + packetSize + " bytes; they have 64 to 1518");
        }
        if (start.isNegative() || steady.isNegative() || steady.isZero() || rounds < 1) {
            throw new IllegalArgumentException(
                    rounds + " rounds of " + steady + " after " + start + "; there must be something to measure");
        }
        if (Math.max(start.toNanos(), steady.toNanos()) / 1e9 * rate > MAX_PACKETS) {
            throw new IllegalArgumentException("more than " + MAX_PACKETS + " packets a turn; measure for less time");
        }
        if (mode == ForwardMode.CSUM) {
            throw new IllegalArgumentException(
                    "mode csum; the packets of this benchmark have no checksum, choose io or" + " macswap");
        }
    }
}
