package io.millrace.bench.ping;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** What came of the requests so far; the same figures as Linux's ping keeps. */
final class PingStatistics {
    private static final int EWMA_SHIFT = 3;
    private static final int SIGNIFICANT_DIGITS = 6;

    long transmitted;
    long received;
    long duplicates;
    long corrupted;
    long errors;
    /** Most requests that were under way at the same time. */
    long pipe;

    private long acknowledged;
    private long min = Long.MAX_VALUE;
    private long max;
    private double sum;
    private double squares;
    private long ewma;

    /** Counts the answer to a request; {@code number} counts requests from 1. */
    void answered(long number, long micros) {
        received++;
        pipe = Math.max(pipe, transmitted - Math.min(acknowledged, number - 1));
        acknowledged = Math.max(acknowledged, number);
        min = Math.min(min, micros);
        max = Math.max(max, micros);
        sum += micros;
        squares += (double) micros * micros;
        ewma = ewma == 0 ? micros << EWMA_SHIFT : ewma + micros - (ewma >> EWMA_SHIFT);
    }

    /** Longest round trip in microseconds. */
    long max() {
        return max;
    }

    /** How many were sent, how many came back. */
    String counts(long elapsedMicros) {
        final StringBuilder text = new StringBuilder();
        text.append(transmitted)
                .append(" packets transmitted, ")
                .append(received)
                .append(" received");
        extra(text, duplicates, "duplicates");
        extra(text, corrupted, "corrupted");
        extra(text, errors, "errors");
        if (transmitted > 0) {
            text.append(", ").append(loss()).append("% packet loss");
            text.append(", time ").append(elapsedMicros / 1_000).append("ms");
        }
        return text.toString();
    }

    /**
     * Round-trip times; empty if there is nothing to tell.
     *
     * @param flood whether to tell the time between requests, too
     */
    String times(boolean flood, long elapsedMicros) {
        final StringBuilder text = new StringBuilder();
        if (received > 0) {
            final double mean = sum / received;
            final double deviation = Math.sqrt(Math.max(0, squares / received - mean * mean));
            text.append(String.format(
                    Locale.ROOT,
                    "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms",
                    min / 1e3,
                    mean / 1e3,
                    max / 1e3,
                    deviation / 1e3));
        }
        if (pipe > 1) {
            text.append(text.isEmpty() ? "" : ", ").append("pipe ").append(pipe);
        }
        if (flood && received > 0 && transmitted > 1) {
            text.append(String.format(
                    Locale.ROOT,
                    ", ipg/ewma %.3f/%.3f ms",
                    elapsedMicros / 1e3 / (transmitted - 1),
                    (ewma >> EWMA_SHIFT) / 1e3));
        }
        return text.toString();
    }

    private static void extra(StringBuilder text, long count, String what) {
        if (count > 0) {
            text.append(", +").append(count).append(' ').append(what);
        }
    }

    /** As C prints it with %g: six digits at most, none without need. */
    private String loss() {
        final double percent = 100.0 * (transmitted - received) / transmitted;
        return new BigDecimal(percent)
                .round(new MathContext(SIGNIFICANT_DIGITS))
                .stripTrailingZeros()
                .toPlainString();
    }
}
