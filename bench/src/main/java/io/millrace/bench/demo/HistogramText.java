package io.millrace.bench.demo;

import java.io.PrintWriter;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Draws a histogram of microseconds with characters: a bar for each doubling, then the percentiles. */
final class HistogramText {
    private static final int WIDTH = 40;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

    private HistogramText() {}

    /** Draws bars and percentiles. */
    static void print(PrintWriter out, String indent, Histogram histogram) {
        if (histogram.getTotalCount() == 0) {
            out.println(indent + "nothing to show");
            return;
        }
        long low = Long.highestOneBit(Math.max(1, histogram.getMinValue()));
        final long max = histogram.getMaxValue();
        long most = 1;
        for (long from = low; from <= max; from *= 2) {
            most = Math.max(most, count(histogram, from));
        }
        for (; low <= max; low *= 2) {
            final long count = count(histogram, low);
            final int bar = (int) Math.ceilDiv(count * WIDTH, most);
            out.printf(
                    Locale.ROOT,
                    "%s%9s - %-9s %s %,d%n",
                    indent,
                    micros(low),
                    micros(2 * low),
                    "#".repeat(bar) + " ".repeat(WIDTH - bar),
                    count);
        }
        out.println(indent + percentiles(histogram));
    }

    /** The percentiles that people ask for, on one line. */
    static String percentiles(Histogram histogram) {
        final StringBuilder line = new StringBuilder();
        for (final double percentile : PERCENTILES) {
            line.append(line.isEmpty() ? "" : "   ")
                    .append(
                            percentile == 100
                                    ? "max"
                                    : "p"
                                            + (percentile % 1 == 0
                                                    ? Long.toString((long) percentile)
                                                    : Double.toString(percentile)))
                    .append(' ')
                    .append(micros(histogram.getValueAtPercentile(percentile)));
        }
        return line.toString();
    }

    /** A time in the unit that suits it. */
    static String micros(long micros) {
        if (micros < 1_000) {
            return micros + " us";
        }
        return micros < 1_000_000
                ? String.format(Locale.ROOT, "%.1f ms", micros / 1e3)
                : String.format(Locale.ROOT, "%.2f s", micros / 1e6);
    }

    private static long count(Histogram histogram, long from) {
        return histogram.getCountBetweenValues(from, 2 * from - 1);
    }
}
