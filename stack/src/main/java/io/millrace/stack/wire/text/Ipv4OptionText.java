package io.millrace.stack.wire.text;

import io.millrace.stack.wire.Ipv4View;

/** The options of an IPv4 header (RFC 791 section 3.1). */
final class Ipv4OptionText {
    private Ipv4OptionText() {}

    static void append(final Line line, final long from, final long end) {
        line.text("options [");
        long at = from;
        while (at < end) {
            if (at > from) {
                line.text(",");
            }
            final int type = line.u8(at);
            if (type == Ipv4View.OPTION_END) {
                line.text("eol");
                break;
            }
            if (type == Ipv4View.OPTION_NOP) {
                line.text("nop");
                at++;
                continue;
            }
            final int length = end - at < 2 ? 0 : line.u8(at + 1);
            if (length < 2 || length > end - at) {
                line.text(name(type)).text(" ").cut("bad length");
                break;
            }
            option(line, type, at, length);
            at += length;
        }
        line.text("] ");
    }

    private static void option(final Line line, final int type, final long at, final int length) {
        line.text(name(type));
        switch (type) {
            case Ipv4View.OPTION_RECORD_ROUTE,
                    Ipv4View.OPTION_LOOSE_SOURCE_ROUTE,
                    Ipv4View.OPTION_STRICT_SOURCE_ROUTE -> {
                final int pointer = length > 2 ? line.u8(at + 2) : 0;
                for (int i = 3; i + 4 <= length; i += 4) {
                    line.text(i + 1 == pointer ? " ^" : " ").ipv4(line.u32(at + i));
                }
            }
            case Ipv4View.OPTION_TIMESTAMP -> {
                if (length >= 4) {
                    line.text(" flag ")
                            .number(line.u8(at + 3) & 0xF)
                            .text(" overflow ")
                            .number(line.u8(at + 3) >>> 4);
                }
            }
            case Ipv4View.OPTION_ROUTER_ALERT -> {
                if (length == 4) {
                    line.text(" ").number(line.u16(at + 2));
                }
            }
            default -> {
                if (length > 2) {
                    line.text(" ").bytes(at + 2, at + length);
                }
            }
        }
    }

    private static String name(final int type) {
        return switch (type) {
            case Ipv4View.OPTION_RECORD_ROUTE -> "RR";
            case Ipv4View.OPTION_TIMESTAMP -> "timestamp";
            case Ipv4View.OPTION_LOOSE_SOURCE_ROUTE -> "LSRR";
            case Ipv4View.OPTION_STRICT_SOURCE_ROUTE -> "SSRR";
            case Ipv4View.OPTION_ROUTER_ALERT -> "RA";
            default -> "option-" + type;
        };
    }
}
