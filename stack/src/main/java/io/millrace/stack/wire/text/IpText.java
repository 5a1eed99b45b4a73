package io.millrace.stack.wire.text;

import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;

/** IPv4 and IPv6 headers with options and extension headers, then the payload. */
final class IpText {
    private static final int MAX_HEADERS = 16;

    private IpText() {}

    /**
     * Appends a packet.
     *
     * @param end of the bytes that are there
     * @param family what the link says it is; 0 to take the packet's own word
     */
    static void append(final Line line, final long at, final long end, final int family) {
        if (end - at < 1) {
            line.cut("ip");
            return;
        }
        final int version = line.u8(at) >>> 4;
        if (family != 0 && version != family) {
            line.text("IP").text(family == IpFamily.V4 ? "" : "6");
            line.text(" wrong version ").number(version).text(", length ").number(end - at);
        } else if (version == 4) {
            line.text("IP ");
            packet(line, at, end);
        } else if (version == 6) {
            line.text("IP6 ");
            packet(line, at, end);
        } else {
            line.text("unknown IP version ").number(version).text(", length ").number(end - at);
        }
    }

    /**
     * Appends the packet that an ICMP error quotes, in brackets. Nothing if there is none, or if the error is quoted
     * itself: nobody may send that (RFC 1122 section 3.2.2), and quotes within quotes would only end with the packet.
     */
    static void quoted(final Line line, final long at, final long end) {
        if (end - at < 1 || line.quoted()) {
            return;
        }
        line.text(" [");
        packet(new Line(line.memory(), line.out(), true), at, end);
        line.text("]");
    }

    private static void packet(final Line line, final long at, final long end) {
        switch (line.u8(at) >>> 4) {
            case 4 -> ipv4(line, at, end);
            case 6 -> ipv6(line, at, end);
            default -> line.text("no IP packet, length ").number(end - at);
        }
    }

    private static void ipv4(final Line line, final long at, final long end) {
        if (end - at < Ipv4View.MIN_LENGTH) {
            line.cut("ip");
            return;
        }
        final int headerLength = Ipv4View.headerLength(line.memory(), at);
        final int totalLength = Ipv4View.totalLength(line.memory(), at);
        final IpRepr ip = new IpRepr();
        ip.family = IpFamily.V4;
        ip.srcLo = Ipv4View.src(line.memory(), at);
        ip.dstLo = Ipv4View.dst(line.memory(), at);
        ip.protocol = Ipv4View.protocol(line.memory(), at);
        ip.payloadLength = totalLength - headerLength;
        if (headerLength < Ipv4View.MIN_LENGTH || totalLength < headerLength) {
            ends(line, ip);
            line.text("bad header length ").number(headerLength).text(" of ").number(totalLength);
            return;
        }
        if (headerLength > end - at) {
            ends(line, ip);
            line.cut("ip");
            return;
        }
        final boolean first = Ipv4View.fragmentOffset(line.memory(), at) == 0;
        final boolean fragment = Ipv4View.isFragment(line.memory(), at);
        final long payload = at + headerLength;
        final long stop = Math.min(end, at + totalLength);
        if (first && hasPorts(ip.protocol) && stop - payload >= 4) {
            endsWithPorts(line, ip, payload);
        } else {
            ends(line, ip);
        }
        if (!line.quoted() && !Ipv4View.verifies(line.memory(), at, headerLength)) {
            line.text("bad header cksum ")
                    .hex(Ipv4View.checksum(line.memory(), at))
                    .text(", ");
        }
        if (headerLength > Ipv4View.MIN_LENGTH) {
            Ipv4OptionText.append(line, at + Ipv4View.OPTIONS_OFFSET, payload);
        }
        if (fragment) {
            final int offset = Ipv4View.fragmentOffset(line.memory(), at);
            final boolean more = (Ipv4View.flags(line.memory(), at) & Ipv4View.MORE_FRAGMENTS) != 0;
            fragment(line, Ipv4View.id(line.memory(), at), offset, ip.payloadLength, more);
        }
        if (first) {
            payload(line, ip, payload, stop, !fragment && !line.quoted());
        } else {
            line.text(protocol(ip.protocol));
        }
    }

    private static void ipv6(final Line line, final long at, final long end) {
        if (end - at < Ipv6View.LENGTH) {
            line.cut("ip6");
            return;
        }
        final IpRepr ip = new IpRepr();
        ip.family = IpFamily.V6;
        ip.srcHi = Ipv6View.srcHi(line.memory(), at);
        ip.srcLo = Ipv6View.srcLo(line.memory(), at);
        ip.dstHi = Ipv6View.dstHi(line.memory(), at);
        ip.dstLo = Ipv6View.dstLo(line.memory(), at);
        ip.payloadLength = Ipv6View.payloadLength(line.memory(), at);
        final long stop = Math.min(end, at + Ipv6View.LENGTH + ip.payloadLength);
        final long payload = at + Ipv6View.LENGTH;
        ip.protocol = Ipv6View.nextHeader(line.memory(), at);
        if (hasPorts(ip.protocol) && stop - payload >= 4) {
            endsWithPorts(line, ip, payload);
        } else {
            ends(line, ip);
        }
        final int label = Ipv6View.flowLabel(line.memory(), at);
        if (label != 0) {
            line.text("flowlabel ").hex(label).text(", ");
        }
        extensions(line, ip, payload, stop, !line.quoted());
    }

    /** Walks the extension headers and goes on with what is behind them. */
    private static void extensions(
            final Line line, final IpRepr ip, final long from, final long end, final boolean verify) {
        long at = from;
        boolean whole = verify;
        for (int headers = 0; Ipv6ExtensionView.isExtension(ip.protocol); headers++) {
            final int type = ip.protocol;
            if (headers == MAX_HEADERS || end - at < Ipv6ExtensionView.UNIT) {
                line.cut(ExtensionText.name(type));
                return;
            }
            ip.protocol = Ipv6ExtensionView.nextHeader(line.memory(), at);
            int length = Ipv6ExtensionView.UNIT;
            if (type == Ipv6ExtensionView.FRAGMENT) {
                final int field = line.u16(at + Ipv6ExtensionView.FRAGMENT_OFFSET);
                final boolean more = (field & 1) != 0;
                fragment(line, line.i32(at + 4), field & 0xFFF8, ip.payloadLength - length, more);
                whole &= (field & 0xFFF9) == 0;
                if ((field & 0xFFF8) != 0) {
                    line.text(protocol(ip.protocol));
                    return;
                }
            } else {
                length = Ipv6ExtensionView.length(line.memory(), at);
                ExtensionText.append(line, type, at, Math.min(end, at + length));
                if (length > end - at) {
                    line.cut(ExtensionText.name(type));
                    return;
                }
                whole &= Ipv6ExtensionView.coveredAddresses(ip, line.memory(), at, type, length);
            }
            at += length;
            ip.payloadLength -= length;
        }
        if (at > from && hasPorts(ip.protocol) && end - at >= 4) {
            line.number(line.u16(at)).text(" > ").number(line.u16(at + 2)).text(": ");
        }
        payload(line, ip, at, end, whole);
    }

    /** Source and destination without ports, and a colon. */
    private static void ends(final Line line, final IpRepr ip) {
        address(line, ip.family, ip.srcHi, ip.srcLo).text(" > ");
        address(line, ip.family, ip.dstHi, ip.dstLo).text(": ");
    }

    private static void endsWithPorts(final Line line, final IpRepr ip, final long at) {
        address(line, ip.family, ip.srcHi, ip.srcLo)
                .text(".")
                .number(line.u16(at))
                .text(" > ");
        address(line, ip.family, ip.dstHi, ip.dstLo)
                .text(".")
                .number(line.u16(at + 2))
                .text(": ");
    }

    static Line address(final Line line, final int family, final long hi, final long lo) {
        return family == IpFamily.V4 ? line.ipv4(lo) : line.ipv6(hi, lo);
    }

    private static void fragment(
            final Line line, final int id, final int offset, final int length, final boolean more) {
        line.text("frag (id ").text(Integer.toUnsignedString(id)).text(", ").number(offset);
        line.text("|").number(length).text(more ? "+) " : ") ");
    }

    private static boolean hasPorts(final int protocol) {
        return protocol == TcpView.PROTOCOL || protocol == UdpView.PROTOCOL;
    }

    /**
     * Appends what is in an IP packet.
     *
     * @param whole whether all bytes should be there, so that a checksum can be checked
     */
    private static void payload(final Line line, final IpRepr ip, final long at, final long end, final boolean whole) {
        final boolean verify = whole && end - at == ip.payloadLength;
        switch (ip.protocol) {
            case TcpView.PROTOCOL -> TransportText.tcp(line, ip, at, end, verify);
            case UdpView.PROTOCOL -> TransportText.udp(line, ip, at, end, verify);
            case Icmpv4View.PROTOCOL -> {
                if (ip.family == IpFamily.V4) {
                    Icmpv4Text.append(line, ip, at, end, verify);
                } else {
                    other(line, ip);
                }
            }
            case Icmpv6View.PROTOCOL -> {
                if (ip.family == IpFamily.V6) {
                    Icmpv6Text.append(line, ip, at, end, verify);
                } else {
                    other(line, ip);
                }
            }
            case Ipv6ExtensionView.NO_NEXT_HEADER -> line.text("no next header");
            default -> other(line, ip);
        }
    }

    private static void other(final Line line, final IpRepr ip) {
        line.text(protocol(ip.protocol)).text(", length ").number(Math.max(0, ip.payloadLength));
    }

    /** A protocol's name if it is one of the usual, else its number. */
    static String protocol(final int protocol) {
        return switch (protocol) {
            case Icmpv4View.PROTOCOL -> "icmp";
            case 2 -> "igmp";
            case 4 -> "ipip";
            case TcpView.PROTOCOL -> "tcp";
            case UdpView.PROTOCOL -> "udp";
            case 41 -> "ip6";
            case 47 -> "gre";
            case 50 -> "esp";
            case 51 -> "ah";
            case Icmpv6View.PROTOCOL -> "icmp6";
            case 132 -> "sctp";
            default -> "ip-proto-" + protocol;
        };
    }
}
