package io.millrace.stack.wire.text;

import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;

/** ICMP for IPv4 (RFC 792). */
final class Icmpv4Text {
    private Icmpv4Text() {}

    static void append(final Line line, final IpRepr ip, final long at, final long end, final boolean verify) {
        line.text("ICMP ");
        if (end - at < IcmpView.LENGTH) {
            line.cut("icmp");
            return;
        }
        if (verify && !Icmpv4View.verifies(line.memory(), at, ip.payloadLength)) {
            line.text("[bad icmp cksum ")
                    .hex(IcmpView.checksum(line.memory(), at))
                    .text("] ");
        }
        final int type = IcmpView.type(line.memory(), at);
        final int code = IcmpView.code(line.memory(), at);
        switch (type) {
            case Icmpv4View.ECHO_REQUEST -> idAndSequence(line.text("echo request, "), ", ", at);
            case Icmpv4View.ECHO_REPLY -> idAndSequence(line.text("echo reply, "), ", ", at);
            case Icmpv4View.TIMESTAMP -> idAndSequence(line.text("time stamp query "), " ", at);
            case Icmpv4View.TIMESTAMP_REPLY -> idAndSequence(line.text("time stamp reply "), " ", at);
            case Icmpv4View.UNREACHABLE -> unreachable(line, code, at, end);
            case Icmpv4View.TIME_EXCEEDED ->
                line.text(
                        switch (code) {
                            case Icmpv4View.TTL_EXCEEDED -> "time exceeded in-transit";
                            case Icmpv4View.REASSEMBLY_TIME_EXCEEDED -> "ip reassembly time exceeded";
                            default -> "time exceeded-#" + code;
                        });
            case Icmpv4View.REDIRECT -> redirect(line, code, at, end);
            case Icmpv4View.PARAMETER_PROBLEM ->
                line.text("parameter problem - ").text(parameter(code, line.u8(at + IcmpView.PARAMETER_OFFSET)));
            case Icmpv4View.SOURCE_QUENCH -> line.text("source quench");
            case Icmpv4View.ROUTER_ADVERTISEMENT -> line.text("router advertisement");
            case Icmpv4View.ROUTER_SOLICITATION -> line.text("router solicitation");
            default -> line.text("type-#").number(type).text(", code ").number(code);
        }
        line.text(", length ").number(ip.payloadLength);
        if (Icmpv4View.isError(type)) {
            IpText.quoted(line, at + IcmpView.DATA_OFFSET, end);
        }
    }

    static void idAndSequence(final Line line, final String joint, final long at) {
        line.text("id ").number(IcmpView.identifier(line.memory(), at));
        line.text(joint).text("seq ").number(IcmpView.sequence(line.memory(), at));
    }

    private static String parameter(final int code, final int pointer) {
        return switch (code) {
            case Icmpv4View.POINTER_ERROR -> "octet " + pointer;
            case Icmpv4View.OPTION_MISSING -> "option missing";
            case Icmpv4View.BAD_LENGTH -> "bad length at octet " + pointer;
            default -> "code " + code;
        };
    }

    private static void unreachable(final Line line, final int code, final long at, final long end) {
        final long quote = at + IcmpView.DATA_OFFSET;
        final boolean readable = end - quote >= Ipv4View.MIN_LENGTH && Ipv4View.version(line.memory(), quote) == 4;
        if (!readable) {
            line.text("unreachable - code ").number(code);
            return;
        }
        final long dst = Ipv4View.dst(line.memory(), quote);
        switch (code) {
            case Icmpv4View.HOST_UNREACHABLE -> line.text("host ").ipv4(dst).text(" unreachable");
            case Icmpv4View.NET_UNREACHABLE -> line.text("net ").ipv4(dst).text(" unreachable");
            case Icmpv4View.PROTOCOL_UNREACHABLE ->
                line.ipv4(dst)
                        .text(" protocol ")
                        .number(Ipv4View.protocol(line.memory(), quote))
                        .text(" unreachable");
            case Icmpv4View.PORT_UNREACHABLE -> portUnreachable(line, dst, quote, end);
            case Icmpv4View.FRAGMENTATION_NEEDED ->
                line.ipv4(dst)
                        .text(" unreachable - need to frag (mtu ")
                        .number(IcmpView.parameter(line.memory(), at) & 0xFFFF)
                        .text(")");
            default -> line.text(what(code)).ipv4(dst).text(" unreachable - ").text(reason(code));
        }
    }

    private static void portUnreachable(final Line line, final long dst, final long quote, final long end) {
        final int protocol = Ipv4View.protocol(line.memory(), quote);
        final long ports = quote + Ipv4View.headerLength(line.memory(), quote);
        line.ipv4(dst);
        if ((protocol == UdpView.PROTOCOL || protocol == TcpView.PROTOCOL) && end - ports >= 4) {
            line.text(" ").text(IpText.protocol(protocol)).text(" port ").number(line.u16(ports + 2));
        } else {
            line.text(" protocol ").number(protocol).text(" port");
        }
        line.text(" unreachable");
    }

    private static String what(final int code) {
        return switch (code) {
            case Icmpv4View.NET_UNKNOWN, Icmpv4View.NET_PROHIBITED, Icmpv4View.NET_UNREACHABLE_FOR_TOS -> "net ";
            case Icmpv4View.HOST_UNKNOWN,
                    Icmpv4View.HOST_PROHIBITED,
                    Icmpv4View.HOST_UNREACHABLE_FOR_TOS,
                    Icmpv4View.ADMINISTRATIVELY_PROHIBITED,
                    Icmpv4View.PRECEDENCE_VIOLATION,
                    Icmpv4View.PRECEDENCE_CUTOFF -> "host ";
            default -> "";
        };
    }

    private static String reason(final int code) {
        return switch (code) {
            case Icmpv4View.SOURCE_ROUTE_FAILED -> "source route failed";
            case Icmpv4View.NET_UNKNOWN, Icmpv4View.HOST_UNKNOWN -> "unknown";
            case Icmpv4View.SOURCE_ISOLATED -> "source host isolated";
            case Icmpv4View.NET_PROHIBITED, Icmpv4View.HOST_PROHIBITED -> "admin prohibited";
            case Icmpv4View.NET_UNREACHABLE_FOR_TOS, Icmpv4View.HOST_UNREACHABLE_FOR_TOS -> "tos prohibited";
            case Icmpv4View.ADMINISTRATIVELY_PROHIBITED -> "admin prohibited filter";
            case Icmpv4View.PRECEDENCE_VIOLATION -> "host precedence violation";
            case Icmpv4View.PRECEDENCE_CUTOFF -> "precedence cutoff";
            default -> "#" + code;
        };
    }

    private static void redirect(final Line line, final int code, final long at, final long end) {
        final long quote = at + IcmpView.DATA_OFFSET;
        line.text("redirect ");
        if (end - quote >= Ipv4View.MIN_LENGTH) {
            line.ipv4(Ipv4View.dst(line.memory(), quote)).text(" ");
        }
        line.text("to ").text(code == Icmpv4View.REDIRECT_NET || code == 2 ? "net " : "host ");
        line.ipv4(line.u32(at + IcmpView.PARAMETER_OFFSET));
    }
}
