package io.millrace.bench.demo;

import io.millrace.bench.serve.ServeSummary;
import io.millrace.bench.serve.ServeSummary.PortSummary;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** What the demo says before and after its steps. */
final class DemoReport {
    private DemoReport() {}

    /**
     * What runs where.
     *
     * @param ready the server's line
     * @param peer in words
     */
    static void intro(PrintWriter out, String ready, String peer, List<String> peerAddresses) {
        out.println("Millrace demo");
        out.println("  server       " + ready);
        out.println("  peer         " + peer + ", " + String.join(" ", peerAddresses));
        out.flush();
    }

    /** How it went. */
    static void end(PrintWriter out, Histogram latency, ServeSummary summary, long nanos) {
        out.println();
        out.println("  latency of the short connections, first SYN to last byte echoed");
        HistogramText.print(out, "    ", latency);
        out.println();
        for (final PortSummary port : summary.ports()) {
            out.printf(
                    Locale.ROOT,
                    "  packets      %,d received, %,d sent on %s%n",
                    port.stats().rxPackets(),
                    port.stats().txPackets(),
                    port.info().name());
        }
        out.printf(Locale.ROOT, "  dropped      %,d%s%n", summary.dropped(), reasons(summary));
        out.printf(
                Locale.ROOT,
                "  buffers      %,d in the pool, %,d outstanding%n",
                summary.buffers().poolSize(),
                summary.buffersOutstanding());
        out.printf(Locale.ROOT, "  time         %.1f s%n", nanos / 1e9);
        out.println();
        out.println("What to try next");
        out.println("  ./millrace example           small programs that show the API");
        out.println("  ./millrace serve --help      the same server on a device of yours");
        out.println("  ./millrace doctor            whether this machine is set up for DPDK");
        out.println("  ./millrace bench             what it does in a second, beside DPDK's own tools");
        out.flush();
    }

    private static String reasons(ServeSummary summary) {
        final StringBuilder text = new StringBuilder();
        summary.drops()
                .forEach((reason, count) -> text.append(text.isEmpty() ? " (" : ", ")
                        .append(reason)
                        .append(' ')
                        .append(count));
        return text.isEmpty() ? "" : text.append(')').toString();
    }
}
