package io.millrace.stack.wire;

import io.millrace.dataplane.port.Medium;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Judges a whole packet as a strict receiver would: lengths that agree from layer to layer, checksums that are right,
 * behind up to two VLAN tags. For tests, fuzzers and whoever watches a link; receiving has its own checks, made as each
 * layer is reached.
 *
 * <p>Not thread-safe: it keeps a header that it uses again for the next packet.
 */
public final class PacketCheck {
    private static final String EMPTY = "empty packet";

    private final EthernetRepr ethernet = new EthernetRepr();
    private final IpRepr ip = new IpRepr();
    private final TcpRepr tcp = new TcpRepr();
    private final Ipv6HeaderChain chain = new Ipv6HeaderChain();

    /** Makes one. */
    public PacketCheck() {}

    /**
     * Finds what is wrong with a packet that fills its frame to the last byte.
     *
     * @param offset of its first byte within {@code memory}
     * @param length bytes
     * @return a few words that name the first thing found; null if nothing is wrong, or nothing known is inside
     */
    public @Nullable String problem(
            final Medium medium, final MemorySegment memory, final long offset, final int length) {
        return switch (medium) {
            case ETHERNET -> ethernet(memory, offset, length);
            case IP -> length == 0 ? EMPTY : ip(memory, offset, length, Ipv4View.version(memory, offset));
        };
    }

    private @Nullable String ethernet(final MemorySegment memory, final long offset, final int length) {
        if (length < EthernetView.LENGTH) {
            return "frame shorter than its header";
        }
        if (!ethernet.parse(memory, offset, length)) {
            return "malformed VLAN tags";
        }
        for (int i = 0; i < ethernet.tags; i++) {
            if (ethernet.vlanIds[i] == VlanView.RESERVED_ID) {
                return "reserved VLAN id";
            }
        }
        final long inside = offset + ethernet.headerLength();
        final int rest = length - ethernet.headerLength();
        return switch (ethernet.type) {
            case EthernetView.TYPE_ARP -> rest == ArpView.LENGTH ? null : "ARP packet of a wrong length";
            case EthernetView.TYPE_IPV4 -> rest == 0 ? EMPTY : ip(memory, inside, rest, IpFamily.V4);
            case EthernetView.TYPE_IPV6 -> rest == 0 ? EMPTY : ip(memory, inside, rest, IpFamily.V6);
            default -> null;
        };
    }

    /** Judges an IP packet whose version is known from elsewhere, or was read from itself. */
    private @Nullable String ip(final MemorySegment memory, final long offset, final int length, final int version) {
        if (Ipv4View.version(memory, offset) != version) {
            return "IP version is not the frame's";
        }
        return switch (version) {
            case IpFamily.V4 -> ipv4(memory, offset, length);
            case IpFamily.V6 -> ipv6(memory, offset, length);
            default -> "neither IPv4 nor IPv6";
        };
    }

    private @Nullable String ipv4(final MemorySegment memory, final long offset, final int length) {
        if (Ipv4View.check(memory, offset, length) != Ipv4View.VALID) {
            return "malformed IPv4 header";
        }
        if (Ipv4View.totalLength(memory, offset) != length) {
            return "IPv4 total length is not the packet's";
        }
        final int headerLength = Ipv4View.headerLength(memory, offset);
        if (!Ipv4View.verifies(memory, offset, headerLength)) {
            return "wrong IPv4 checksum";
        }
        if (Ipv4View.checkOptions(memory, offset) == Ipv4View.BAD_OPTIONS) {
            return "malformed IPv4 options";
        }
        if (Ipv4View.isFragment(memory, offset)) {
            return null;
        }
        ip.readIpv4(memory, offset);
        return transport(memory, offset + headerLength, length - headerLength);
    }

    private @Nullable String ipv6(final MemorySegment memory, final long offset, final int length) {
        if (Ipv6View.check(memory, offset, length) != Ipv6View.VALID) {
            return "malformed IPv6 header";
        }
        if (Ipv6View.LENGTH + Ipv6View.payloadLength(memory, offset) != length) {
            return "IPv6 payload length is not the packet's";
        }
        if (!chain.walk(memory, offset, length)) {
            return "malformed IPv6 extension headers";
        }
        if (chain.fragment) {
            return null;
        }
        ip.readIpv6(memory, offset);
        if (!readCoveredAddresses(memory, offset)) {
            return null;
        }
        ip.protocol = chain.protocol;
        return transport(memory, offset + chain.length, length - chain.length);
    }

    /** Reads the addresses that checksums cover from the extension headers; false if these do not tell. */
    private boolean readCoveredAddresses(final MemorySegment memory, final long offset) {
        int type = Ipv6View.nextHeader(memory, offset);
        for (int at = Ipv6View.LENGTH; at < chain.length; ) {
            final long header = offset + at;
            final int length = type == Ipv6ExtensionView.FRAGMENT
                    ? Ipv6ExtensionView.UNIT
                    : Ipv6ExtensionView.length(memory, header);
            if (!Ipv6ExtensionView.coveredAddresses(ip, memory, header, type, length)) {
                return false;
            }
            type = Ipv6ExtensionView.nextHeader(memory, header);
            at += length;
        }
        return true;
    }

    private @Nullable String transport(final MemorySegment memory, final long offset, final int length) {
        return switch (ip.protocol) {
            case TcpView.PROTOCOL -> tcp(memory, offset, length);
            case UdpView.PROTOCOL -> udp(memory, offset, length);
            case Icmpv4View.PROTOCOL -> {
                if (ip.family != IpFamily.V4) {
                    yield null;
                }
                yield length >= IcmpView.LENGTH && Icmpv4View.verifies(memory, offset, length)
                        ? null
                        : "wrong ICMP checksum";
            }
            case Icmpv6View.PROTOCOL -> {
                if (ip.family != IpFamily.V6) {
                    yield null;
                }
                yield length >= IcmpView.LENGTH && Icmpv6View.verifies(ip, memory, offset, length)
                        ? null
                        : "wrong ICMPv6 checksum";
            }
            default -> null;
        };
    }

    private @Nullable String tcp(final MemorySegment memory, final long offset, final int length) {
        if (!tcp.parse(memory, offset, length)) {
            return "malformed TCP header";
        }
        return TcpView.verifies(ip, memory, offset, length) ? null : "wrong TCP checksum";
    }

    private @Nullable String udp(final MemorySegment memory, final long offset, final int length) {
        if (length < UdpView.LENGTH || UdpView.length(memory, offset) != length) {
            return "UDP length is not the packet's";
        }
        if (UdpView.checksum(memory, offset) == 0) {
            return ip.family == IpFamily.V6 ? "UDP without checksum over IPv6" : null;
        }
        return UdpView.verifies(ip, memory, offset, length) ? null : "wrong UDP checksum";
    }
}
