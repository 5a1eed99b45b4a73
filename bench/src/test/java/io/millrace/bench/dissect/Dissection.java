package io.millrace.bench.dissect;

import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.ArpView;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.VlanView;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A frame as our views read it, under tshark's names of fields. What a view refuses ends it, as it ends our stack's
 * work.
 */
final class Dissection {
    private static final String GOOD = "1";
    private static final String BAD = "0";
    private static final String ABSENT = "3";
    private static final String ILLEGAL = "4";
    private static final int MAX_HEADERS = 8;

    private final MemorySegment memory;
    private final Map<String, String> fields = new LinkedHashMap<>();
    private final IpRepr ip = new IpRepr();

    private Dissection(final MemorySegment memory) {
        this.memory = memory;
    }

    /** The fields of a frame. */
    static Map<String, String> of(
            final MemorySegment memory, final long offset, final int length, final Medium medium) {
        final Dissection dissection = new Dissection(memory);
        if (medium == Medium.ETHERNET) {
            dissection.ethernet(offset, offset + length);
        } else {
            dissection.ip(offset, length);
        }
        return dissection.fields;
    }

    private void ethernet(final long offset, final long end) {
        if (end - offset < EthernetView.LENGTH) {
            return;
        }
        put("eth.src", new MacAddress(EthernetView.src(memory, offset)));
        put("eth.dst", new MacAddress(EthernetView.dst(memory, offset)));
        int type = EthernetView.type(memory, offset);
        long at = offset + EthernetView.LENGTH;
        final List<String> tags = new ArrayList<>();
        while (VlanView.isTag(type) && end - at >= VlanView.LENGTH) {
            tags.add(Integer.toString(VlanView.id(memory, at)));
            type = VlanView.type(memory, at);
            at += VlanView.LENGTH;
        }
        if (!tags.isEmpty()) {
            put("vlan.id", String.join(",", tags));
        }
        switch (type) {
            case EthernetView.TYPE_IPV4, EthernetView.TYPE_IPV6 -> {
                final int version = end > at ? Ipv4View.version(memory, at) : 0;
                if (version == (type == EthernetView.TYPE_IPV4 ? 4 : 6)) {
                    ip(at, (int) (end - at));
                }
            }
            case EthernetView.TYPE_ARP -> arp(at, end);
            default -> {}
        }
    }

    private void arp(final long at, final long end) {
        if (end - at < ArpView.LENGTH || !ArpView.isEthernetIpv4(memory, at)) {
            return;
        }
        put("arp.opcode", ArpView.operation(memory, at));
        put("arp.src.hw_mac", new MacAddress(ArpView.senderMac(memory, at)));
        put("arp.dst.hw_mac", new MacAddress(ArpView.targetMac(memory, at)));
        put("arp.src.proto_ipv4", IpAddress.of(IpFamily.V4, 0, ArpView.senderIp(memory, at)));
        put("arp.dst.proto_ipv4", IpAddress.of(IpFamily.V4, 0, ArpView.targetIp(memory, at)));
    }

    private void ip(final long at, final int length) {
        if (length > 0 && Ipv4View.version(memory, at) == 4) {
            ipv4(at, length);
        } else if (length > 0 && Ipv6View.check(memory, at, length) == Ipv6View.VALID) {
            ipv6(at);
        }
    }

    private void ipv4(final long at, final int length) {
        if (Ipv4View.check(memory, at, length) != Ipv4View.VALID) {
            return;
        }
        final int headerLength = Ipv4View.headerLength(memory, at);
        ip.family = IpFamily.V4;
        ip.srcLo = Ipv4View.src(memory, at);
        ip.dstLo = Ipv4View.dst(memory, at);
        ip.protocol = Ipv4View.protocol(memory, at);
        ip.payloadLength = Ipv4View.totalLength(memory, at) - headerLength;
        put("ip.hdr_len", headerLength);
        put("ip.dsfield", hex(2, Ipv4View.trafficClass(memory, at)));
        put("ip.len", Ipv4View.totalLength(memory, at));
        put("ip.id", hex(4, Ipv4View.id(memory, at)));
        put("ip.frag_offset", Ipv4View.fragmentOffset(memory, at) / 8); // in their units
        put("ip.ttl", Ipv4View.ttl(memory, at));
        put("ip.proto", ip.protocol);
        put("ip.checksum", hex(4, Ipv4View.checksum(memory, at)));
        put("ip.checksum.status", Ipv4View.verifies(memory, at, headerLength) ? GOOD : BAD);
        put("ip.src", IpAddress.of(IpFamily.V4, 0, ip.srcLo));
        put("ip.dst", IpAddress.of(IpFamily.V4, 0, ip.dstLo));
        if (!Ipv4View.isFragment(memory, at)) {
            payload(at + headerLength);
        }
    }

    private void ipv6(final long at) {
        ip.family = IpFamily.V6;
        ip.srcHi = Ipv6View.srcHi(memory, at);
        ip.srcLo = Ipv6View.srcLo(memory, at);
        ip.dstHi = Ipv6View.dstHi(memory, at);
        ip.dstLo = Ipv6View.dstLo(memory, at);
        ip.protocol = Ipv6View.nextHeader(memory, at);
        ip.payloadLength = Ipv6View.payloadLength(memory, at);
        put("ipv6.plen", ip.payloadLength);
        put("ipv6.nxt", ip.protocol);
        put("ipv6.hlim", Ipv6View.hopLimit(memory, at));
        put("ipv6.tclass", hex(8, Ipv6View.trafficClass(memory, at)));
        put("ipv6.flow", hex(6, Ipv6View.flowLabel(memory, at)));
        put("ipv6.src", IpAddress.of(IpFamily.V6, ip.srcHi, ip.srcLo));
        put("ipv6.dst", IpAddress.of(IpFamily.V6, ip.dstHi, ip.dstLo));
        long next = at + Ipv6View.LENGTH;
        for (int headers = 0; Ipv6ExtensionView.isExtension(ip.protocol); headers++) {
            final boolean fragment = ip.protocol == Ipv6ExtensionView.FRAGMENT;
            if (headers == MAX_HEADERS || ip.payloadLength < Ipv6ExtensionView.UNIT) {
                return;
            }
            final int length = fragment ? Ipv6ExtensionView.UNIT : Ipv6ExtensionView.length(memory, next);
            if (length > ip.payloadLength) {
                return;
            }
            if (fragment) {
                put("ipv6.fraghdr.ident", hex(8, Ipv6ExtensionView.id(memory, next)));
                if (Ipv6ExtensionView.isFragment(memory, next)) {
                    return;
                }
            } else if (ip.protocol == Ipv6ExtensionView.ROUTING) {
                put("ipv6.routing.type", Ipv6ExtensionView.routingType(memory, next));
                if (Ipv6ExtensionView.segmentsLeft(memory, next) != 0) {
                    return; // the pseudo header has the last destination
                }
            }
            ip.protocol = Ipv6ExtensionView.nextHeader(memory, next);
            ip.payloadLength -= length;
            next += length;
        }
        payload(next);
    }

    private void payload(final long at) {
        switch (ip.protocol) {
            case UdpView.PROTOCOL -> udp(at);
            case TcpView.PROTOCOL -> tcp(at);
            case Icmpv4View.PROTOCOL -> icmp("icmp", IpFamily.V4, at);
            case Icmpv6View.PROTOCOL -> icmp("icmpv6", IpFamily.V6, at);
            default -> {}
        }
    }

    private void udp(final long at) {
        if (ip.payloadLength < UdpView.LENGTH) {
            return;
        }
        final int length = UdpView.length(memory, at);
        put("udp.srcport", UdpView.srcPort(memory, at));
        put("udp.dstport", UdpView.dstPort(memory, at));
        put("udp.length", length);
        if (length >= UdpView.LENGTH && length <= ip.payloadLength) {
            put("udp.checksum", hex(4, UdpView.checksum(memory, at)));
            final boolean none = UdpView.checksum(memory, at) == 0;
            final String absent = ip.family == IpFamily.V4 ? ABSENT : ILLEGAL;
            put("udp.checksum.status", none ? absent : UdpView.verifies(ip, memory, at, length) ? GOOD : BAD);
        }
    }

    private void tcp(final long at) {
        if (ip.payloadLength < TcpView.MIN_LENGTH) {
            return;
        }
        final int headerLength = TcpView.headerLength(memory, at);
        put("tcp.srcport", TcpView.srcPort(memory, at));
        put("tcp.dstport", TcpView.dstPort(memory, at));
        if (headerLength < TcpView.MIN_LENGTH || headerLength > ip.payloadLength) {
            return;
        }
        put("tcp.seq_raw", Integer.toUnsignedString(TcpView.seq(memory, at)));
        put("tcp.ack_raw", Integer.toUnsignedString(TcpView.ack(memory, at)));
        put("tcp.hdr_len", headerLength);
        put("tcp.window_size_value", TcpView.window(memory, at));
        put("tcp.checksum", hex(4, TcpView.checksum(memory, at)));
        final long sum = InternetChecksum.pseudoHeader(
                ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, TcpView.PROTOCOL, ip.payloadLength);
        final boolean good = InternetChecksum.verifies(sum + InternetChecksum.partial(memory, at, ip.payloadLength));
        put("tcp.checksum.status", good ? GOOD : BAD);
        put("tcp.len", ip.payloadLength - headerLength);
    }

    private void icmp(final String name, final int family, final long at) {
        if (ip.family != family || ip.payloadLength < IcmpView.LENGTH) {
            return;
        }
        put(name + ".type", IcmpView.type(memory, at));
        put(name + ".code", IcmpView.code(memory, at));
        put(name + ".checksum", hex(4, IcmpView.checksum(memory, at)));
        final boolean good = family == IpFamily.V4
                ? Icmpv4View.verifies(memory, at, ip.payloadLength)
                : Icmpv6View.verifies(ip, memory, at, ip.payloadLength);
        put(name + ".checksum.status", good ? GOOD : BAD);
    }

    private void put(final String name, final Object value) {
        fields.put(name, value.toString());
    }

    private static String hex(final int digits, final int value) {
        return "0x" + String.format("%0" + digits + "x", value);
    }
}
