package io.millrace.bench.serve;

import java.io.PrintWriter;
import java.util.Locale;

/** One line on a terminal that shows what passes through a server, rewritten every time {@link #show} is called. */
public final class LiveCounters {
    /** Instead of a number of connections, where there are none by nature. */
    public static final long NO_CONNECTIONS = -1;

    private static final String ERASE = "\r\u001b[K";

    /**
     * What there is to show, counted since the start.
     *
     * @param nanos when it was read
     * @param connections {@link #NO_CONNECTIONS} where there is no such thing
     */
    public record Sample(
            long nanos, long rxPackets, long rxBytes, long txPackets, long txBytes, long connections, long dropped) {}

    private final PrintWriter out;
    private Sample last;

    LiveCounters(PrintWriter out, Sample first) {
        this.out = out;
        this.last = first;
    }

    /** Shows rates since the last call and totals since the start, and a detail behind them. */
    void show(Sample now, String detail) {
        final double seconds = Math.max(1, now.nanos - last.nanos) / 1e9;
        out.print(ERASE + line(now, seconds) + detail);
        out.flush();
        last = now;
    }

    /** Takes the line away. */
    void clear() {
        out.print(ERASE);
        out.flush();
    }

    private String line(Sample now, double seconds) {
        return "rx %s  tx %s%s  dropped %,d"
                .formatted(
                        rates(now.rxPackets - last.rxPackets, now.rxBytes - last.rxBytes, seconds),
                        rates(now.txPackets - last.txPackets, now.txBytes - last.txBytes, seconds),
                        now.connections == NO_CONNECTIONS ? "" : "  connections %,d".formatted(now.connections),
                        now.dropped);
    }

    private static String rates(long packets, long bytes, double seconds) {
        return scaled(packets / seconds, "p/s") + " " + scaled(8 * bytes / seconds, "bit/s");
    }

    /** A rate with the prefix that suits it, always eight characters and the unit. */
    static String scaled(double rate, String unit) {
        final String prefixes = " kMG";
        double value = rate;
        int prefix = 0;
        while (value >= 999.95 && prefix < prefixes.length() - 1) {
            value /= 1_000;
            prefix++;
        }
        return String.format(Locale.ROOT, "%6.1f %s%s", value, prefix == 0 ? "" : prefixes.charAt(prefix), unit);
    }
}
