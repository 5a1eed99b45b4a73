package io.millrace.stack;

import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Builds packets byte by byte and takes them apart, with nothing of the code under test but the parsers of addresses: the
 * second opinion of tests. Lengths and checksums are right; tests that want them wrong change them afterwards.
 */
public final class Bytes {
    private Bytes() {}

    /** Bytes from hexadecimal text; spaces mean nothing. */
    public static byte[] hex(final String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    /** Arrays one after the other. */
    public static byte[] join(final byte[]... parts) {
        final ByteBuffer all =
                ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
        for (final byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    /** An address's bytes. */
    public static byte[] address(final String text) {
        final IpAddress address = IpAddress.parse(text);
        if (address.bits() == 32) {
            return ByteBuffer.allocate(4).putInt((int) address.lo()).array();
        }
        return ByteBuffer.allocate(16)
                .putLong(address.hi())
                .putLong(address.lo())
                .array();
    }

    /** A MAC address's bytes. */
    public static byte[] mac(final String text) {
        final byte[] eight =
                ByteBuffer.allocate(8).putLong(MacAddress.parse(text).value()).array();
        return Arrays.copyOfRange(eight, 2, 8);
    }

    /** A frame. */
    public static byte[] ethernet(final String dst, final String src, final int type, final byte[] payload) {
        return join(mac(dst), mac(src), new byte[] {(byte) (type >> 8), (byte) type}, payload);
    }

    /** A frame from a peer to the stack of a {@link StackRig}. */
    public static byte[] frame(final byte[] ip) {
        final int type = ip.length > 0 && ip[0] >> 4 == 6 ? 0x86DD : 0x0800;
        return ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", type, ip);
    }

    /** An IPv4 packet. */
    public static byte[] ipv4(final String src, final String dst, final int protocol, final byte[] payload) {
        return ipv4(src, dst, protocol, new byte[0], payload);
    }

    /** An IPv4 packet with options. */
    public static byte[] ipv4(
            final String src, final String dst, final int protocol, final byte[] options, final byte[] payload) {
        final int headerLength = 20 + options.length;
        final byte[] packet = ByteBuffer.allocate(headerLength + payload.length)
                .put((byte) (0x40 | headerLength / 4))
                .put((byte) 0)
                .putShort((short) (headerLength + payload.length))
                .putShort((short) 0x1234)
                .putShort((short) 0)
                .put((byte) 64)
                .put((byte) protocol)
                .putShort((short) 0)
                .put(address(src))
                .put(address(dst))
                .put(options)
                .put(payload)
                .array();
        return sealIpv4(packet);
    }

    /** Puts the right header checksum into an IPv4 packet. */
    public static byte[] sealIpv4(final byte[] packet) {
        put16(packet, 10, 0);
        put16(packet, 10, checksum(Arrays.copyOf(packet, (packet[0] & 0xF) * 4)));
        return packet;
    }

    /** An IPv6 packet with hop limit 255. */
    public static byte[] ipv6(final String src, final String dst, final int nextHeader, final byte[] payload) {
        return ByteBuffer.allocate(40 + payload.length)
                .putInt(0x6000_0000)
                .putShort((short) payload.length)
                .put((byte) nextHeader)
                .put((byte) 255)
                .put(address(src))
                .put(address(dst))
                .put(payload)
                .array();
    }

    /** A UDP datagram. */
    public static byte[] udp(
            final String src, final int srcPort, final String dst, final int dstPort, final byte[] payload) {
        final byte[] datagram = ByteBuffer.allocate(8 + payload.length)
                .putShort((short) srcPort)
                .putShort((short) dstPort)
                .putShort((short) (8 + payload.length))
                .putShort((short) 0)
                .put(payload)
                .array();
        put16(datagram, 6, transportChecksum(src, dst, 17, datagram));
        return datagram;
    }

    /** An ICMP message for IPv4. */
    public static byte[] icmpv4(final int type, final int code, final int parameter, final byte[] data) {
        final byte[] message = icmp(type, code, parameter, data);
        put16(message, 2, checksum(message));
        return message;
    }

    /** An ICMP message for IPv6. */
    public static byte[] icmpv6(
            final String src,
            final String dst,
            final int type,
            final int code,
            final int parameter,
            final byte[] data) {
        final byte[] message = icmp(type, code, parameter, data);
        put16(message, 2, transportChecksum(src, dst, 58, message));
        return message;
    }

    /** An ARP packet. */
    public static byte[] arp(
            final int operation,
            final String senderMac,
            final String sender,
            final String targetMac,
            final String target) {
        return join(
                hex("0001 0800 0604"),
                new byte[] {0, (byte) operation},
                mac(senderMac),
                address(sender),
                mac(targetMac),
                address(target));
    }

    /** A neighbour discovery option with a MAC address. */
    public static byte[] linkAddress(final int type, final String mac) {
        return join(new byte[] {(byte) type, 1}, mac(mac));
    }

    /** RFC 1071, as slowly as it is written there. */
    public static int checksum(final byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += (bytes[i] & 0xFFL) << ((i & 1) == 0 ? 8 : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (int) ~sum & 0xFFFF;
    }

    /** Checksum over the pseudo header and a segment. */
    public static int transportChecksum(final String src, final String dst, final int protocol, final byte[] segment) {
        final byte[] tail =
                ByteBuffer.allocate(8).putInt(segment.length).putInt(protocol).array();
        return checksum(join(address(src), address(dst), tail, segment));
    }

    /** Unsigned 16 bits. */
    public static int u16(final byte[] bytes, final int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    /** Writes 16 bits. */
    public static void put16(final byte[] bytes, final int at, final int value) {
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }

    /** A copy with one byte changed. */
    public static byte[] with(final byte[] bytes, final int at, final int value) {
        final byte[] copy = bytes.clone();
        copy[at] = (byte) value;
        return copy;
    }

    /** A copy without the bytes before an index. */
    public static byte[] from(final byte[] bytes, final int start) {
        return Arrays.copyOfRange(bytes, start, bytes.length);
    }

    private static byte[] icmp(final int type, final int code, final int parameter, final byte[] data) {
        return ByteBuffer.allocate(8 + data.length)
                .put((byte) type)
                .put((byte) code)
                .putShort((short) 0)
                .putInt(parameter)
                .put(data)
                .array();
    }
}
