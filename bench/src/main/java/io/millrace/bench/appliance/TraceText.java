package io.millrace.bench.appliance;

import io.millrace.dataplane.pipeline.PacketTrace;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.text.PacketText;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The ways of packets through the nodes, as text. */
final class TraceText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final long SECOND = 1_000_000;

    private TraceText() {}

    /**
     * A line for each packet, and below it one for each node.
     *
     * @param epochOffsetMicros what must be added to the times to get microseconds since 1970
     */
    static List<String> lines(List<PacketTrace.Path> paths, Medium medium, long epochOffsetMicros) {
        final List<String> lines = new ArrayList<>();
        for (final PacketTrace.Path path : paths) {
            final long micros = path.micros() + epochOffsetMicros;
            final Instant time =
                    Instant.ofEpochSecond(Math.floorDiv(micros, SECOND), Math.floorMod(micros, SECOND) * 1_000);
            final StringBuilder text = new StringBuilder(TIME.format(time.atZone(ZoneId.systemDefault()))).append(' ');
            final int kept = Math.min(path.length(), PacketTrace.SNAP);
            PacketText.append(path.memory(), path.offset(), kept, medium, true, text);
            if (kept < path.length()) {
                text.append(" (first ")
                        .append(kept)
                        .append(" of ")
                        .append(path.length())
                        .append(" bytes)");
            }
            lines.add(text.toString());
            for (final PacketTrace.Hop hop : path.hops()) {
                lines.add(String.format(Locale.ROOT, "  %-12s %s", hop.node(), hop.verdict()));
            }
        }
        return lines;
    }
}
