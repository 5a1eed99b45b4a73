package io.millrace.bench.peer.twins;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Segments between the peer and both twins as bytes: the peer's are made here, theirs are taken apart. */
final class TwinSegments {
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int PSH = 8;
    static final int ACK = 16;
    static final int URG = 32;

    /** What a segment has, as a word: its place tells the bit. */
    private static final String LETTERS = "FSRPAUEW";

    private static final int TCP = 6;
    private static final int TCP_HEADER = 20;
    private static final int V4_HEADER = 20;
    private static final int V6_HEADER = 40;

    /** Networks that the twins and the peer are in; the twin is host 1, the peer host 2. */
    private static final byte[] V4 = {10, 9, 0, 0};

    private static final byte[] V6 = {0x20, 1, 0xD, (byte) 0xB8, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    private TwinSegments() {}

    /** What is wrong with a segment's form. */
    enum Defect {
        NONE,
        CHECKSUM,
        /** Its header is said to be shorter than one is. */
        SHORT_HEADER,
        /** Its header is said to be longer than the segment. */
        LONG_HEADER
    }

    /** The flags that letters stand for. */
    static int flags(String letters) {
        int flags = 0;
        for (int i = 0; i < LETTERS.length(); i++) {
            flags |= letters.indexOf(LETTERS.charAt(i)) >= 0 ? 1 << i : 0;
        }
        return flags;
    }

    /** Letters for the flags that are compared: a PSH is a matter of taste. */
    static String letters(int flags) {
        final StringBuilder letters = new StringBuilder();
        for (int i = 0; i < LETTERS.length(); i++) {
            if (i != 3 && (flags & 1 << i) != 0) {
                letters.append(LETTERS.charAt(i));
            }
        }
        return letters.isEmpty() ? "-" : letters.toString();
    }

    /** A segment of the peer's; its numbers are those of the wire. */
    record Sent(int seq, int ack, int flags, int window, int urgent, ByteBuffer options, int length, Defect defect) {
        /** The packet it travels in. */
        byte[] packet(boolean ipv6, int twinPort, int peerPort) {
            final int padded = options.remaining() + 3 & ~3;
            final int segment = TCP_HEADER + padded + length;
            final int header = ipv6 ? V6_HEADER : V4_HEADER;
            final ByteBuffer packet = ByteBuffer.allocate(header + segment);
            ip(packet, ipv6, segment);
            final int words = switch (defect) {
                case SHORT_HEADER -> 4;
                case LONG_HEADER -> 15;
                default -> (TCP_HEADER + padded) / 4;
            };
            packet.position(header);
            packet.putShort((short) peerPort)
                    .putShort((short) twinPort)
                    .putInt(seq)
                    .putInt(ack);
            packet.putShort((short) (words << 12 | flags)).putShort((short) window);
            packet.putShort((short) 0).putShort((short) urgent).put(options.duplicate());
            while (packet.position() < header + TCP_HEADER + padded) {
                packet.put((byte) 0);
            }
            int sum = TCP + segment;
            for (int i = ipv6 ? 8 : 12; i < packet.capacity(); i += 2) { // the addresses and the segment
                sum += (packet.get(i) & 0xFF) << 8 | (i + 1 < packet.capacity() ? packet.get(i + 1) & 0xFF : 0);
            }
            packet.putShort(header + 16, (short) (folded(sum) ^ (defect == Defect.CHECKSUM ? 0x1234 : 0)));
            return packet.array();
        }

        private static void ip(ByteBuffer packet, boolean ipv6, int segment) {
            if (ipv6) {
                packet.putInt(6 << 28).putShort((short) segment).put((byte) TCP).put((byte) 64);
                packet.put(host(V6, 2)).put(host(V6, 1));
                return;
            }
            packet.putShort((short) 0x4500).putShort((short) packet.capacity()).putShort((short) 0);
            packet.putShort((short) 0x4000).put((byte) 64).put((byte) TCP).putShort((short) 0);
            packet.put(host(V4, 2)).put(host(V4, 1));
            int sum = 0;
            for (int i = 0; i < V4_HEADER; i += 2) {
                sum += packet.getShort(i) & 0xFFFF;
            }
            packet.putShort(10, (short) folded(sum));
        }
    }

    private static int folded(int sum) {
        final int once = (sum & 0xFFFF) + (sum >>> 16);
        return ~(once + (once >>> 16)) & 0xFFFF;
    }

    private static byte[] host(byte[] network, int host) {
        final byte[] address = network.clone();
        address[address.length - 1] = (byte) host;
        return address;
    }

    /** A segment of a twin's; its numbers are those of the wire. */
    record Seen(
            int twinPort,
            int peerPort,
            int seq,
            int ack,
            int flags,
            int window,
            int urgent,
            int length,
            int mss,
            int shift,
            boolean sackPermitted,
            boolean timestamps,
            int tsVal,
            int tsEcr,
            List<Integer> sacks) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }

        /** How much of the sequence it takes. */
        int extent() {
            return length + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
        }

        /** A packet taken apart; null if there is no segment within. */
        static @Nullable Seen of(byte[] bytes) {
            final ByteBuffer packet = ByteBuffer.wrap(bytes);
            final boolean ipv6 = packet.get(0) >>> 4 == 6;
            final int header = ipv6 ? V6_HEADER : V4_HEADER;
            if (packet.get(ipv6 ? 6 : 9) != TCP) {
                return null;
            }
            final int flags = packet.getShort(header + 12) & 0x1FF;
            final int options = header + ((packet.get(header + 12) >>> 4 & 0xF) * 4);
            int mss = 0;
            int shift = -1;
            boolean sackPermitted = false;
            boolean timestamps = false;
            int tsVal = 0;
            int tsEcr = 0;
            final List<Integer> sacks = new ArrayList<>();
            for (int at = header + TCP_HEADER; at < options && packet.get(at) != 0; ) {
                final int kind = packet.get(at);
                if (kind == 1) {
                    at++;
                    continue;
                }
                final int size = packet.get(at + 1);
                switch (kind) {
                    case 2 -> mss = packet.getShort(at + 2) & 0xFFFF;
                    case 3 -> shift = packet.get(at + 2);
                    case 4 -> sackPermitted = true;
                    case 5 -> {
                        for (int i = at + 2; i < at + size; i += 4) {
                            sacks.add(packet.getInt(i));
                        }
                    }
                    case 8 -> {
                        timestamps = true;
                        tsVal = packet.getInt(at + 2);
                        tsEcr = packet.getInt(at + 6);
                    }
                    default -> {
                        // Others are not compared.
                    }
                }
                at += size;
            }
            return new Seen(
                    packet.getShort(header) & 0xFFFF,
                    packet.getShort(header + 2) & 0xFFFF,
                    packet.getInt(header + 4),
                    packet.getInt(header + 8),
                    flags,
                    packet.getShort(header + 14) & 0xFFFF,
                    packet.getShort(header + 18) & 0xFFFF,
                    bytes.length - options,
                    mss,
                    shift,
                    sackPermitted,
                    timestamps,
                    tsVal,
                    tsEcr,
                    sacks);
        }
    }
}
