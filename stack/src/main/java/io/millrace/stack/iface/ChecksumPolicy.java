package io.millrace.stack.iface;

import io.millrace.stack.wire.IpRepr;

/**
 * Which checksums an interface checks and writes itself, by protocol. {@link #BOTH} is right unless the device does it;
 * where a driver says of each packet what it has checked, that is taken into account without any setting here.
 *
 * @param ipv4 header checksum of IPv4
 * @param udp UDP. While it is checked a datagram over IPv6 without a checksum is refused (RFC 8200 section 8.1), also
 *     one that the device calls good; an interface that does not check takes it
 * @param tcp TCP
 * @param icmpv4 ICMP for IPv4
 * @param icmpv6 ICMP for IPv6, neighbour discovery included
 */
public record ChecksumPolicy(
        ChecksumMode ipv4, ChecksumMode udp, ChecksumMode tcp, ChecksumMode icmpv4, ChecksumMode icmpv6) {
    /** Everything is checked and written. */
    public static final ChecksumPolicy BOTH = all(ChecksumMode.BOTH);

    /** Nothing is checked nor written. */
    public static final ChecksumPolicy NONE = all(ChecksumMode.NONE);

    /** The same for all protocols. */
    public static ChecksumPolicy all(final ChecksumMode mode) {
        return new ChecksumPolicy(mode, mode, mode, mode, mode);
    }

    /** The same with another mode for UDP. */
    public ChecksumPolicy withUdp(final ChecksumMode mode) {
        return new ChecksumPolicy(ipv4, mode, tcp, icmpv4, icmpv6);
    }

    /** The same with another mode for TCP. */
    public ChecksumPolicy withTcp(final ChecksumMode mode) {
        return new ChecksumPolicy(ipv4, udp, mode, icmpv4, icmpv6);
    }

    /** The same with another mode for IPv4 headers. */
    public ChecksumPolicy withIpv4(final ChecksumMode mode) {
        return new ChecksumPolicy(mode, udp, tcp, icmpv4, icmpv6);
    }

    /** The same with another mode for ICMP of both families. */
    public ChecksumPolicy withIcmp(final ChecksumMode mode) {
        return new ChecksumPolicy(ipv4, udp, tcp, mode, mode);
    }

    /** Checksums that are not checked on receipt: bits of {@link IpRepr#CHECKSUM_IPV4} and the like. */
    int trusted() {
        return (ipv4.receive() ? 0 : IpRepr.CHECKSUM_IPV4)
                | (udp.receive() ? 0 : IpRepr.CHECKSUM_UDP | IpRepr.CHECKSUM_UDP_ABSENT)
                | (tcp.receive() ? 0 : IpRepr.CHECKSUM_TCP)
                | (icmpv4.receive() ? 0 : IpRepr.CHECKSUM_ICMPV4)
                | (icmpv6.receive() ? 0 : IpRepr.CHECKSUM_ICMPV6);
    }

    /** Checksums that are not written: bits of {@link IpRepr#CHECKSUM_IPV4} and the like. */
    int unwritten() {
        return (ipv4.transmit() ? 0 : IpRepr.CHECKSUM_IPV4)
                | (udp.transmit() ? 0 : IpRepr.CHECKSUM_UDP)
                | (tcp.transmit() ? 0 : IpRepr.CHECKSUM_TCP)
                | (icmpv4.transmit() ? 0 : IpRepr.CHECKSUM_ICMPV4)
                | (icmpv6.transmit() ? 0 : IpRepr.CHECKSUM_ICMPV6);
    }
}
