package io.millrace.bench.packetdrill;

import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import java.nio.ByteBuffer;

/**
 * IP headers and checksums, made and checked without the code under test: what one side gets wrong the other must not get
 * wrong in the same way.
 */
final class Internet {
    static final int TCP = 6;
    static final int UDP = 17;
    static final int UDP_HEADER = 8;
    static final int ICMP = 1;
    static final int ICMP6 = 58;
    static final int V4_HEADER = 20;
    static final int V6_HEADER = 40;

    private static final int HOP_LIMIT = 255;

    private Internet() {}

    /** Writes a UDP header, with a checksum of 0. */
    static void udp(final ByteBuffer packet, final int from, final int to, final int payload) {
        packet.putShort((short) from).putShort((short) to);
        packet.putShort((short) (UDP_HEADER + payload)).putShort((short) 0);
    }

    /** A packet with room for a payload, positioned behind its IP header. */
    static ByteBuffer packet(
            final IpAddress from,
            final IpAddress to,
            final int protocol,
            final int trafficClass,
            final int hopLimit,
            final int payload) {
        final boolean v4 = from instanceof Ipv4Address;
        final int hops = hopLimit == 0 ? HOP_LIMIT : hopLimit;
        final ByteBuffer packet = ByteBuffer.allocate((v4 ? V4_HEADER : V6_HEADER) + payload);
        if (v4) {
            packet.put((byte) 0x45).put((byte) trafficClass).putShort((short) (V4_HEADER + payload));
            packet.putShort((short) 0).putShort((short) 0x4000); // don't fragment
            packet.put((byte) hops).put((byte) protocol).putShort((short) 0);
            packet.putInt((int) from.lo()).putInt((int) to.lo());
            packet.putShort(10, (short) ~sum(packet, 0, V4_HEADER, 0));
        } else {
            packet.putInt(0x6000_0000 | (trafficClass << 20)).putShort((short) payload);
            packet.put((byte) protocol).put((byte) hops);
            packet.putLong(from.hi()).putLong(from.lo()).putLong(to.hi()).putLong(to.lo());
        }
        return packet;
    }

    /**
     * The checksum of what follows the IP header up to the packet's end, the pseudo-header included; 0 if it is right.
     */
    static int checksum(final ByteBuffer packet, final int headerLength, final int protocol) {
        return checksum(packet, headerLength, headerLength, protocol);
    }

    /** The same of what begins behind other headers. */
    static int checksum(final ByteBuffer packet, final int headerLength, final int from, final int protocol) {
        final int length = packet.limit() - from;
        if (protocol == ICMP) {
            return ~sum(packet, from, length, 0) & 0xFFFF;
        }
        final boolean v4 = headerLength == V4_HEADER;
        final int start = sum(packet, v4 ? 12 : 8, v4 ? 8 : 32, length + protocol);
        return ~sum(packet, from, length, start) & 0xFFFF;
    }

    /** The sum of 16-bit words, folded. */
    static int sum(final ByteBuffer bytes, final int from, final int length, final int start) {
        long sum = start;
        for (int i = 0; i + 1 < length; i += 2) {
            sum += bytes.getShort(from + i) & 0xFFFF;
        }
        if ((length & 1) != 0) {
            sum += (bytes.get(from + length - 1) & 0xFF) << 8;
        }
        while (sum > 0xFFFF) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (int) sum;
    }
}
