package io.millrace.bench.dissect;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * Ethernet frames of every protocol that the stack reads, most of them right, some with a wrong checksum or a wrong
 * length. Written byte by byte and not with the stack's own writers, so that one mistake cannot hide another.
 */
final class GeneratedFrames {
    private static final int ROOM = 2_048;
    private static final int UDP = 17;
    private static final int TCP = 6;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int UNKNOWN = 253;
    private static final int[] PROTOCOLS_V4 = {UDP, TCP, ICMP, UNKNOWN};
    private static final int[] PROTOCOLS_V6 = {UDP, TCP, ICMPV6, UNKNOWN};
    private static final byte[][] OPTIONS_V4 = {
        {}, {1, 1, 1, 0}, {7, 7, 4, 0, 0, 0, 0, 0}, {(byte) 0x94, 4, 0, 0}, {(byte) 0x9e, 6, 1, 2, 3, 4, 0, 0}
    };
    private static final byte[][] OPTIONS_TCP = {
        {},
        {2, 4, 5, (byte) 0xb4},
        {2, 4, 5, (byte) 0xb4, 1, 3, 3, 7, 4, 2, 0, 0},
        {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}
    };

    private final RandomGenerator random;

    GeneratedFrames(final RandomGenerator random) {
        this.random = random;
    }

    /** The next frame. */
    byte[] next() {
        final ByteBuffer out = ByteBuffer.allocate(ROOM);
        random(out, 11);
        out.put(0, (byte) (out.get(0) & 0xFE))
                .put(6, (byte) (out.get(6) & 0xFE))
                .put((byte) 1);
        for (int tags = Math.max(0, random.nextInt(5) - 2); tags > 0; tags--) {
            out.putShort((short) 0x8100).putShort((short) random.nextInt());
        }
        switch (random.nextInt(8)) {
            case 0 -> arp(out);
            case 1, 2, 3, 4 -> ipv4(out);
            default -> ipv6(out);
        }
        final byte[] frame = new byte[Math.max(60, out.position())];
        out.get(0, frame, 0, out.position());
        return frame;
    }

    private void arp(final ByteBuffer out) {
        out.putShort((short) 0x0806)
                .putShort((short) 1)
                .putShort((short) 0x0800)
                .put((byte) 6)
                .put((byte) 4);
        out.putShort((short) (1 + random.nextInt(2)));
        random(out, 20);
    }

    private void ipv4(final ByteBuffer out) {
        out.putShort((short) 0x0800);
        final int at = out.position();
        final byte[] options = OPTIONS_V4[random.nextInt(OPTIONS_V4.length)];
        final int headerLength = 20 + options.length;
        final int protocol = PROTOCOLS_V4[random.nextInt(PROTOCOLS_V4.length)];
        final boolean fragment = oneIn(8);
        out.put((byte) (0x40 | headerLength / 4)).put((byte) random.nextInt()).putShort((short) 0);
        out.putShort((short) random.nextInt());
        out.putShort((short) (fragment ? random.nextInt(0x4000) : random.nextInt(2) << 14));
        out.put((byte) random.nextInt()).put((byte) protocol).putShort((short) 0);
        random(out, 8);
        out.put(options);
        payload(out, protocol, sum(out, at + 12, at + 20));
        out.putShort(at + 2, (short) (out.position() - at + wrongLength()));
        out.putShort(at + 10, (short) checksum(sum(out, at, at + headerLength)));
    }

    private void ipv6(final ByteBuffer out) {
        out.putShort((short) 0x86DD);
        final int at = out.position();
        final int protocol = PROTOCOLS_V6[random.nextInt(PROTOCOLS_V6.length)];
        out.putInt(6 << 28 | random.nextInt(1 << 28)).putShort((short) 0).put((byte) protocol);
        out.put((byte) random.nextInt());
        random(out, 32);
        int nextAt = at + 6;
        // Hop-by-hop options, destination options, a routing header that is at its end, an atomic fragment.
        for (final int header : new int[] {0, 60, 43, 44}) {
            if (oneIn(4)) {
                out.put(out.position(), out.get(nextAt)).put(nextAt, (byte) header);
                nextAt = out.position();
                out.position(nextAt + 1);
                switch (header) {
                    case 43 -> out.put((byte) 0).put((byte) 253).put((byte) 0).putInt(0);
                    case 44 -> out.put((byte) 0).putShort((short) 0).putInt(random.nextInt());
                    default -> out.put((byte) 1).put((byte) 1).put((byte) 12).put(new byte[12]);
                }
            }
        }
        payload(out, protocol, sum(out, at + 8, at + 40));
        out.putShort(at + 4, (short) (out.position() - at - 40 + wrongLength()));
    }

    private void payload(final ByteBuffer out, final int protocol, final long addresses) {
        final int at = out.position();
        int checksumAt = 0;
        switch (protocol) {
            case UDP -> {
                // Ports that no dissector claims: what is inside of UDP is none of our business.
                port(out).putInt(0);
                checksumAt = at + 6;
            }
            case TCP -> {
                final byte[] options = OPTIONS_TCP[random.nextInt(OPTIONS_TCP.length)];
                port(out).putInt(random.nextInt()).putInt(random.nextInt());
                out.put((byte) ((5 + options.length / 4) << 4)).put((byte) random.nextInt(0x40));
                out.putShort((short) random.nextInt()).putInt(0).put(options);
                checksumAt = at + 16;
            }
            case ICMP -> {
                out.put((byte) (oneIn(2) ? 8 : 0))
                        .put((byte) 0)
                        .putShort((short) 0)
                        .putInt(random.nextInt());
                checksumAt = at + 2;
            }
            case ICMPV6 -> {
                out.put((byte) (128 + random.nextInt(2)))
                        .put((byte) 0)
                        .putShort((short) 0)
                        .putInt(random.nextInt());
                checksumAt = at + 2;
            }
            default -> {}
        }
        random(out, random.nextInt(100));
        if (protocol == UDP) {
            out.putShort(at + 4, (short) (out.position() - at));
            if (oneIn(8)) {
                return; // without a checksum
            }
        }
        if (checksumAt > 0) {
            final long pseudo = protocol == ICMP ? 0 : addresses + protocol + (out.position() - at);
            final int good = checksum(pseudo + sum(out, at, out.position()));
            final int wrong = good ^ (oneIn(6) ? 1 << random.nextInt(15) : 0);
            out.putShort(checksumAt, (short) (protocol == UDP && wrong == 0 ? 0xFFFF : wrong));
        }
    }

    private ByteBuffer port(final ByteBuffer out) {
        return out.putShort((short) (50_000 + random.nextInt(15_000)))
                .putShort((short) (50_000 + random.nextInt(15_000)));
    }

    private int wrongLength() {
        return oneIn(12) ? random.nextInt(-30, 30) : 0;
    }

    private boolean oneIn(final int n) {
        return random.nextInt(n) == 0;
    }

    private void random(final ByteBuffer out, final int count) {
        final byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        out.put(bytes);
    }

    /** RFC 1071, the plain way. */
    private static long sum(final ByteBuffer bytes, final int from, final int end) {
        long sum = 0;
        for (int i = from; i < end; i += 2) {
            sum += (bytes.get(i) & 0xFF) << 8 | (i + 1 < end ? bytes.get(i + 1) & 0xFF : 0);
        }
        return sum;
    }

    private static int checksum(final long sum) {
        long folded = sum;
        while (folded > 0xFFFF) {
            folded = (folded & 0xFFFF) + (folded >>> 16);
        }
        return (int) ~folded & 0xFFFF;
    }
}
