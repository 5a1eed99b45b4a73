package io.millrace.stack.wire.text;

import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.stack.wire.AccurateEcnOption;
import io.millrace.stack.wire.FastOpenOption;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;

/** TCP segments and UDP datagrams; their ports were printed with the addresses. */
final class TransportText {
    private static final String FLAGS = "FSRP.UEWe";

    private TransportText() {}

    static void udp(final Line line, final IpRepr ip, final long at, final long end, final boolean verify) {
        if (end - at < UdpView.LENGTH) {
            line.text("UDP ").cut("udp");
            return;
        }
        final int length = UdpView.length(line.memory(), at);
        if (length < UdpView.LENGTH || (verify && length > ip.payloadLength)) {
            line.text("UDP, bad length ").number(length);
            return;
        }
        if (verify) {
            final int checksum = UdpView.checksum(line.memory(), at);
            if (checksum == 0 ? ip.family == IpFamily.V6 : !UdpView.verifies(ip, line.memory(), at, length)) {
                line.text("[bad udp cksum ").hex(checksum).text("] ");
            }
        }
        line.text("UDP, length ").number(length - UdpView.LENGTH);
    }

    static void tcp(final Line line, final IpRepr ip, final long at, final long end, final boolean verify) {
        if (end - at < TcpView.MIN_LENGTH) {
            // An ICMP error may quote as little as ports and sequence number.
            if (end - at >= 8) {
                line.text("seq ")
                        .number(Integer.toUnsignedLong(TcpView.seq(line.memory(), at)))
                        .text(" ");
            }
            line.cut("tcp");
            return;
        }
        final int headerLength = TcpView.headerLength(line.memory(), at);
        final int length = ip.payloadLength - headerLength;
        if (headerLength < TcpView.MIN_LENGTH || length < 0) {
            line.text("TCP, bad header length ").number(headerLength);
            return;
        }
        final int flags = TcpView.flags(line.memory(), at);
        line.text("Flags [").text(flags(flags)).text("]");
        if (verify && !verifies(line, ip, at)) {
            line.text(", bad tcp cksum ").hex(TcpView.checksum(line.memory(), at));
        }
        final long seq = Integer.toUnsignedLong(TcpView.seq(line.memory(), at));
        if (length > 0 || (flags & (TcpView.SYN | TcpView.FIN | TcpView.RST)) != 0) {
            line.text(", seq ").number(seq);
            if (length > 0) {
                line.text(":").number((seq + length) & 0xFFFF_FFFFL);
            }
        }
        if ((flags & TcpView.ACK) != 0) {
            line.text(", ack ").number(Integer.toUnsignedLong(TcpView.ack(line.memory(), at)));
        }
        line.text(", win ").number(TcpView.window(line.memory(), at));
        if ((flags & TcpView.URG) != 0) {
            line.text(", urg ").number(line.u16(at + TcpView.URGENT_OFFSET));
        }
        if (headerLength > TcpView.MIN_LENGTH) {
            options(line, at + TcpView.MIN_LENGTH, Math.min(end, at + headerLength));
        }
        line.text(", length ").number(length);
    }

    private static boolean verifies(final Line line, final IpRepr ip, final long at) {
        return InternetChecksum.verifies(InternetChecksum.pseudoHeader(
                        ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, TcpView.PROTOCOL, ip.payloadLength)
                + InternetChecksum.partial(line.memory(), at, ip.payloadLength));
    }

    private static String flags(final int flags) {
        if (flags == 0) {
            return "none";
        }
        final StringBuilder text = new StringBuilder(8);
        for (int bit = 0; bit < FLAGS.length(); bit++) {
            if ((flags & 1 << bit) != 0) {
                text.append(FLAGS.charAt(bit));
            }
        }
        return text.toString();
    }

    private static void options(final Line line, final long from, final long end) {
        line.text(", options [");
        long at = from;
        while (at < end) {
            if (at > from) {
                line.text(",");
            }
            final int kind = line.u8(at);
            if (kind == TcpView.OPTION_END) {
                line.text("eol");
                break;
            }
            if (kind == TcpView.OPTION_NOP) {
                line.text("nop");
                at++;
                continue;
            }
            final int length = end - at < 2 ? 0 : line.u8(at + 1);
            if (length < 2 || length > end - at) {
                line.text(name(kind)).text(" ").cut("bad length");
                break;
            }
            option(line, kind, at, length);
            at += length;
        }
        line.text("]");
    }

    private static void option(final Line line, final int kind, final long at, final int length) {
        if (kind == TcpView.OPTION_EXPERIMENT && length >= 4 && line.u16(at + 2) == FastOpenOption.EXPERIMENT_ID) {
            line.text("exp-tfo");
            fastOpen(line, at + 4, at + length);
            return;
        }
        line.text(name(kind));
        if (kind == TcpView.OPTION_MSS && length == 4) {
            line.text(" ").number(line.u16(at + 2));
        } else if (kind == TcpView.OPTION_WINDOW_SCALE && length == 3) {
            line.text(" ").number(line.u8(at + 2));
        } else if (kind == TcpView.OPTION_TIMESTAMPS && length == 10) {
            line.text(" val ").number(line.u32(at + 2)).text(" ecr ").number(line.u32(at + 6));
        } else if (kind == TcpView.OPTION_SACK && length % 8 == 2) {
            line.text(" ").number(length / 8).text(" ");
            for (int i = 2; i < length; i += 8) {
                line.text("{")
                        .number(line.u32(at + i))
                        .text(":")
                        .number(line.u32(at + i + 4))
                        .text("}");
            }
        } else if (kind == TcpView.OPTION_FAST_OPEN) {
            fastOpen(line, at + 2, at + length);
        } else if (kind == TcpView.OPTION_ACCURATE_ECN_0 && isCounts(length)) {
            counts(line, at + 2, at + length, " e0b ", " e1b ");
        } else if (kind == TcpView.OPTION_ACCURATE_ECN_1 && isCounts(length)) {
            counts(line, at + 2, at + length, " e1b ", " e0b ");
        } else if (length > 2) {
            line.text(" ").bytes(at + 2, at + length);
        }
    }

    private static boolean isCounts(final int length) {
        return length % 3 == 2 && length <= 2 + 3 * AccurateEcnOption.COUNTS;
    }

    private static void counts(
            final Line line, final long from, final long end, final String first, final String last) {
        for (long at = from; at < end; at += 3) {
            line.text(at == from ? first : at == from + 3 ? " ceb " : last)
                    .number(line.u8(at) << 16 | line.u16(at + 1));
        }
    }

    private static void fastOpen(final Line line, final long from, final long end) {
        if (from == end) {
            line.text(" cookiereq");
        } else {
            line.text(" cookie ").bytes(from, end);
        }
    }

    private static String name(final int kind) {
        return switch (kind) {
            case TcpView.OPTION_MSS -> "mss";
            case TcpView.OPTION_WINDOW_SCALE -> "wscale";
            case TcpView.OPTION_SACK_PERMITTED -> "sackOK";
            case TcpView.OPTION_SACK -> "sack";
            case TcpView.OPTION_TIMESTAMPS -> "TS";
            case 19 -> "md5";
            case 30 -> "mptcp";
            case TcpView.OPTION_FAST_OPEN -> "tfo";
            case TcpView.OPTION_ACCURATE_ECN_0, TcpView.OPTION_ACCURATE_ECN_1 -> "accecn";
            default -> "unknown-" + kind;
        };
    }
}
