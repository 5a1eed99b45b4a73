package io.millrace.stack.wire.text;

import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;

/** ICMP for IPv6 (RFC 4443); neighbour discovery is in {@link NdpText}. */
final class Icmpv6Text {
    private Icmpv6Text() {}

    static void append(final Line line, final IpRepr ip, final long at, final long end, final boolean verify) {
        line.text("ICMP6, ");
        if (end - at < IcmpView.LENGTH) {
            line.cut("icmp6");
            return;
        }
        if (verify && !Icmpv6View.verifies(ip, line.memory(), at, ip.payloadLength)) {
            line.text("[bad icmp6 cksum ")
                    .hex(IcmpView.checksum(line.memory(), at))
                    .text("] ");
        }
        final int type = IcmpView.type(line.memory(), at);
        final int code = IcmpView.code(line.memory(), at);
        switch (type) {
            case Icmpv6View.ECHO_REQUEST -> Icmpv4Text.idAndSequence(line.text("echo request, "), ", ", at);
            case Icmpv6View.ECHO_REPLY -> Icmpv4Text.idAndSequence(line.text("echo reply, "), ", ", at);
            case Icmpv6View.UNREACHABLE -> unreachable(line, code, at, end);
            case Icmpv6View.PACKET_TOO_BIG ->
                line.text("packet too big, mtu ").number(line.u32(at + IcmpView.PARAMETER_OFFSET));
            case Icmpv6View.TIME_EXCEEDED ->
                line.text(
                        switch (code) {
                            case Icmpv6View.HOP_LIMIT_EXCEEDED -> "time exceeded in-transit";
                            case Icmpv6View.REASSEMBLY_TIME_EXCEEDED -> "ip6 reassembly time exceeded";
                            default -> "time exceeded, unknown code " + code;
                        });
            case Icmpv6View.PARAMETER_PROBLEM ->
                line.text("parameter problem, ")
                        .text(
                                switch (code) {
                                    case Icmpv6View.ERRONEOUS_FIELD -> "erroneous";
                                    case Icmpv6View.UNKNOWN_NEXT_HEADER -> "next header";
                                    case Icmpv6View.UNKNOWN_OPTION -> "option";
                                    case Icmpv6View.INCOMPLETE_HEADER_CHAIN -> "incomplete header chain";
                                    default -> "code " + code;
                                })
                        .text(" - octet ")
                        .number(line.u32(at + IcmpView.PARAMETER_OFFSET));
            case NdpView.ROUTER_SOLICITATION,
                    NdpView.ROUTER_ADVERTISEMENT,
                    NdpView.NEIGHBOR_SOLICITATION,
                    NdpView.NEIGHBOR_ADVERTISEMENT,
                    NdpView.REDIRECT -> NdpText.append(line, type, at, end);
            case 130 -> line.text("multicast listener query");
            case 131 -> line.text("multicast listener report");
            case 132 -> line.text("multicast listener done");
            case 143 -> line.text("multicast listener report v2");
            default -> line.text("type ").number(type).text(", code ").number(code);
        }
        line.text(", length ").number(ip.payloadLength);
        if (Icmpv6View.isError(type)) {
            IpText.quoted(line, at + IcmpView.DATA_OFFSET, end);
        }
    }

    private static void unreachable(final Line line, final int code, final long at, final long end) {
        final long quote = at + IcmpView.DATA_OFFSET;
        line.text("destination unreachable, ");
        switch (code) {
            case Icmpv6View.NO_ROUTE -> line.text("unreachable route");
            case Icmpv6View.PROHIBITED -> line.text("unreachable prohibited");
            case Icmpv6View.BEYOND_SCOPE -> line.text("beyond scope");
            case Icmpv6View.ADDRESS_UNREACHABLE -> line.text("unreachable address");
            case Icmpv6View.PORT_UNREACHABLE -> line.text("unreachable port");
            case Icmpv6View.SOURCE_POLICY -> line.text("source address failed policy");
            case Icmpv6View.ROUTE_REJECTS -> line.text("reject route");
            default -> line.text("code ").number(code);
        }
        if (end - quote < Ipv6View.LENGTH) {
            return;
        }
        line.text(code == Icmpv6View.PORT_UNREACHABLE ? ", " : " ").ipv6At(quote + Ipv6View.DST_OFFSET);
        final int protocol = Ipv6View.nextHeader(line.memory(), quote);
        final boolean ports = protocol == UdpView.PROTOCOL || protocol == TcpView.PROTOCOL;
        if (code == Icmpv6View.PORT_UNREACHABLE && ports && end - quote >= Ipv6View.LENGTH + 4) {
            line.text(" ").text(IpText.protocol(protocol)).text(" port ");
            line.number(line.u16(quote + Ipv6View.LENGTH + 2));
        }
    }
}
