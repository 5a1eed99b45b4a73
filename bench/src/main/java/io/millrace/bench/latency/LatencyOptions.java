package io.millrace.bench.latency;

import io.millrace.bench.forward.ForwardMode;
import java.time.Duration;

/**
 * How to measure.
 *
 * @param mode what is done to each packet
 * @param rate packets a second, 1 to 10,000,000
 * @param packetSize bytes of each packet without frame check sequence, 64 to 1518
 * @param start how long the start is, which is shown apart
 * @param steady how long to measure after that
 * @param rounds how often Millrace and the reference are started in turn, at least 1
 */
public record LatencyOptions(ForwardMode mode, long rate, int packetSize, Duration start, Duration steady, int rounds) {
    /** A million packets of 64 bytes a second, 5 and 15 seconds, three times. */
    public static final LatencyOptions DEFAULT =
            new LatencyOptions(ForwardMode.IO, 1_000_000, 64, Duration.ofSeconds(5), Duration.ofSeconds(15), 3);

    private static final long MAX_RATE = 10_000_000;

    /** Of these many the time of the last one, in nanoseconds times the rate, still fits into 63 bits. */
    private static final long MAX_PACKETS = 9_000_000_000L;

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
        if (start.plus(steady).toNanos() / 1e9 * rate > MAX_PACKETS) {
            throw new IllegalArgumentException("more than " + MAX_PACKETS + " packets a run; measure for less time");
        }
        if (mode == ForwardMode.CSUM) {
            throw new IllegalArgumentException(
                    "mode csum; the packets of this benchmark have no checksum, choose io or" + " macswap");
        }
    }
}
