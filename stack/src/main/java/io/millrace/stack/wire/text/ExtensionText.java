package io.millrace.stack.wire.text;

import io.millrace.stack.wire.Ipv6ExtensionView;

/** Hop-by-hop, destination options and routing headers (RFC 8200 section 4). */
final class ExtensionText {
    private ExtensionText() {}

    /** Appends a header of which the bytes up to {@code end} are there, at least eight. */
    static void append(final Line line, final int type, final long at, final long end) {
        line.text(name(type)).text(" ");
        if (type == Ipv6ExtensionView.ROUTING) {
            line.text("(type ").number(Ipv6ExtensionView.routingType(line.memory(), at));
            line.text(", segleft ")
                    .number(Ipv6ExtensionView.segmentsLeft(line.memory(), at))
                    .text(") ");
            return;
        }
        final int before = line.out().length();
        options(line, at + Ipv6ExtensionView.DATA_OFFSET, end);
        if (line.out().length() > before) {
            line.text(" ");
        }
    }

    /** What tcpdump calls a header. */
    static String name(final int type) {
        return switch (type) {
            case Ipv6ExtensionView.HOP_BY_HOP -> "HBH";
            case Ipv6ExtensionView.ROUTING -> "srcrt";
            case Ipv6ExtensionView.FRAGMENT -> "frag";
            default -> "DSTOPT";
        };
    }

    private static void options(final Line line, final long from, final long end) {
        long at = from;
        while (at < end) {
            final int type = line.u8(at);
            final int length = Ipv6ExtensionView.optionLength(line.memory(), at, (int) (end - at));
            if (length < 0) {
                line.cut("option");
                return;
            }
            switch (type) {
                case Ipv6ExtensionView.OPTION_PAD1, Ipv6ExtensionView.OPTION_PADN -> {}
                case Ipv6ExtensionView.OPTION_ROUTER_ALERT ->
                    line.text("(rtalert: ")
                            .hex(length == 4 ? line.u16(at + 2) : 0)
                            .text(")");
                case Ipv6ExtensionView.OPTION_RPL ->
                    line.text("(rpl: ").bytes(at + 2, at + length).text(")");
                default ->
                    line.text("(opt ")
                            .hex(type)
                            .text(": len=")
                            .number(length - 2L)
                            .text(")");
            }
            at += length;
        }
    }
}
