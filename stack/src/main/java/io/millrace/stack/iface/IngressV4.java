package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.fragment.FragmentRepr;
import io.millrace.stack.iface.fragment.Reassembly;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import java.lang.foreign.MemorySegment;

/** Receives IPv4 (RFC 791, RFC 1122 section 3.2): checks every header field, then hands the payload to its protocol. */
final class IngressV4 {
    private static final int MAX_LENGTH = 0xFFFF;

    /** Where a second fragment begins that splits the header of TCP to deceive filters (RFC 3128). */
    private static final int TINY = 8;

    private final Counters<StackCounter> counters;
    private final IpLayer ipLayer;
    private final IcmpErrors errors;
    private final Transports transports;
    private final Forwarding forwarding;
    private final Reassembly reassembly;
    private final Redirects redirects;
    private final FragmentRepr fragment = new FragmentRepr();

    IngressV4(
            final IpLayer ipLayer,
            final Counters<StackCounter> counters,
            final IcmpErrors errors,
            final Transports transports,
            final Forwarding forwarding,
            final Reassembly reassembly,
            final Redirects redirects) {
        this.redirects = redirects;
        this.counters = counters;
        this.ipLayer = ipLayer;
        this.errors = errors;
        this.transports = transports;
        this.forwarding = forwarding;
        this.reassembly = reassembly;
    }

    /**
     * Takes a packet whose place is in {@code packet}; its length there may include padding of the link.
     *
     * @return whether the buffer was taken over
     */
    boolean receive(final Link link, final Inbound packet) {
        final MemorySegment memory = packet.memory;
        final long offset = packet.ipOffset;
        if (packet.ipLength < Ipv4View.MIN_LENGTH) {
            return drop(StackCounter.IPV4_TRUNCATED);
        }
        // Each load of the header is checked against the bounds of its memory: three are enough.
        final long first = Net.i64(memory, offset);
        final int middle = Net.i32(memory, offset + Ipv4View.TTL_OFFSET);
        final long addresses = Net.i64(memory, offset + Ipv4View.SRC_OFFSET);
        final int firstWord = (int) (first >>> 32);
        final int check = Ipv4View.check(firstWord, packet.ipLength);
        if (check != Ipv4View.VALID) {
            return drop(
                    switch (check) {
                        case Ipv4View.BAD_VERSION -> StackCounter.RX_BAD_IP_VERSION;
                        case Ipv4View.BAD_HEADER_LENGTH -> StackCounter.IPV4_BAD_HEADER_LENGTH;
                        default -> StackCounter.IPV4_TRUNCATED;
                    });
        }
        final int headerLength = Ipv4View.headerLength(firstWord);
        if (packet.ip.distrusts(IpRepr.CHECKSUM_IPV4)) {
            final boolean right = headerLength == Ipv4View.MIN_LENGTH
                    ? Ipv4View.verifies(first, middle, addresses)
                    : Ipv4View.verifies(memory, offset, headerLength);
            if (!right) {
                return drop(StackCounter.IPV4_BAD_CHECKSUM);
            }
        }
        if (headerLength > Ipv4View.MIN_LENGTH && !checkOptions(memory, offset)) {
            return false;
        }
        packet.ipLength = firstWord & 0xFFFF;
        packet.ip.readIpv4(first, middle, addresses);
        packet.ip.payloadLength = packet.ipLength - headerLength;
        packet.ip.interfaceIndex = link.index();
        if (!checkAddresses(link, packet)) {
            return false;
        }
        if (packet.transit) {
            return transit(link, packet, headerLength);
        }
        if ((first & Ipv4View.FRAGMENT_BITS) != 0) {
            return fragment(packet, headerLength);
        }
        return dispatch(link, packet, offset + headerLength);
    }

    /** Sends a packet for others on, unless it asks routers to look closer and somebody here does (RFC 2113). */
    private boolean transit(final Link link, final Inbound packet, final int headerLength) {
        if (headerLength > Ipv4View.MIN_LENGTH && !packet.linkGroup) {
            final int alert = Ipv4View.routerAlert(packet.memory, packet.ipOffset);
            if (alert >= 0 && transports.takesAlert(packet, alert)) {
                if (Ipv4View.isFragment(packet.memory, packet.ipOffset)) {
                    return fragment(packet, headerLength);
                }
                transports.alert(packet, alert);
                return false;
            }
        }
        if (packet.reassembled) {
            // Put together for a socket that is gone meanwhile; a router sends on fragments only as they are.
            return drop(StackCounter.FORWARD_PROHIBITED);
        }
        return forwarding.forward(link, packet);
    }

    private boolean checkOptions(final MemorySegment memory, final long offset) {
        final int options = Ipv4View.checkOptions(memory, offset);
        return options == Ipv4View.VALID
                || drop(
                        options == Ipv4View.SOURCE_ROUTE
                                ? StackCounter.IPV4_SOURCE_ROUTE
                                : StackCounter.IPV4_BAD_OPTIONS);
    }

    private boolean checkAddresses(final Link link, final Inbound packet) {
        final long src = packet.ip.srcLo;
        final long dst = packet.ip.dstLo;
        final AddressSet own = link.addresses(IpFamily.V4);
        final int kind = own.kind(0, dst);
        packet.group = kind != AddressSet.OWN;
        packet.transit = false;
        if (packet.local) {
            return true;
        }
        if (!Ipv4Address.isHost(src) || own.kind(0, src) == AddressSet.BROADCAST) {
            return drop(StackCounter.IPV4_MARTIAN_SOURCE);
        }
        if (ipLayer.routing().owns(IpFamily.V4, 0, src, link)) {
            return drop(StackCounter.IP_SPOOFED_SOURCE);
        }
        if (Ipv4Address.isLoopback(dst) || Ipv4Address.isThisNetwork(dst)) {
            return drop(StackCounter.IPV4_MARTIAN_DESTINATION);
        }
        if (kind == AddressSet.NONE && forwarding.enabled() && IpAddress.isUnicast(IpFamily.V4, 0, dst)) {
            // A router has all its addresses at every interface (RFC 1812 section 5.2.3).
            packet.group = false;
            packet.transit = !ipLayer.isLocalAddress(IpFamily.V4, 0, dst);
            return packet.transit || !packet.linkGroup || drop(StackCounter.IP_UNICAST_IN_BROADCAST);
        }
        if (kind == AddressSet.NONE) {
            return drop(StackCounter.IPV4_NOT_OURS);
        }
        if (kind == AddressSet.OWN && packet.linkGroup) {
            // RFC 1122 section 3.3.6.
            return drop(StackCounter.IP_UNICAST_IN_BROADCAST);
        }
        return true;
    }

    /** Keeps a fragment; the packet that it completes is received next. */
    private boolean fragment(final Inbound packet, final int headerLength) {
        final MemorySegment memory = packet.memory;
        final int place = Ipv4View.fragmentOffset(memory, packet.ipOffset);
        final boolean more = (Ipv4View.flags(memory, packet.ipOffset) & Ipv4View.MORE_FRAGMENTS) != 0;
        final int length = packet.ip.payloadLength;
        if (length == 0 || (more && (length & 7) != 0)) {
            return drop(StackCounter.FRAGMENT_BAD_LENGTH);
        }
        if (headerLength + place + length > MAX_LENGTH) {
            return drop(StackCounter.FRAGMENT_TOO_LONG);
        }
        if (packet.ip.protocol == TcpView.PROTOCOL && place == TINY) {
            return drop(StackCounter.FRAGMENT_TINY);
        }
        fragment.headerLength = headerLength;
        fragment.typeAt = 0;
        fragment.place = place;
        fragment.length = length;
        fragment.more = more;
        fragment.protocol = packet.ip.protocol;
        fragment.id = Ipv4View.id(memory, packet.ipOffset);
        packet.copyTo(fragment);
        packet.whole = reassembly.add(fragment, packet.now);
        return false;
    }

    private boolean dispatch(final Link link, final Inbound packet, final long offset) {
        final IpRepr ip = packet.ip;
        packet.raw = transports.raw(packet);
        return switch (ip.protocol) {
            case TcpView.PROTOCOL -> transports.tcp(packet, offset);
            case UdpView.PROTOCOL -> transports.udp(packet, offset);
            case Icmpv4View.PROTOCOL -> icmp(link, packet, offset);
            default -> {
                if (packet.raw) {
                    yield false;
                }
                errors.protocolUnreachable(packet);
                yield drop(StackCounter.IPV4_UNKNOWN_PROTOCOL);
            }
        };
    }

    private boolean icmp(final Link link, final Inbound packet, final long offset) {
        final int length = packet.ip.payloadLength;
        if (length < IcmpView.LENGTH) {
            return drop(StackCounter.ICMP_TRUNCATED);
        }
        if (packet.ip.distrusts(IpRepr.CHECKSUM_ICMPV4) && !Icmpv4View.verifies(packet.memory, offset, length)) {
            return drop(StackCounter.ICMP_BAD_CHECKSUM);
        }
        if (IcmpView.type(packet.memory, offset) == Icmpv4View.REDIRECT) {
            redirects.receiveV4(link, packet, offset, length);
            return false;
        }
        return transports.icmp(packet, offset);
    }

    private boolean drop(final StackCounter reason) {
        counters.increment(reason);
        return false;
    }
}
