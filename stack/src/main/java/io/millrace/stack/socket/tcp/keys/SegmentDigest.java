package io.millrace.stack.socket.tcp.keys;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Computes what signs a segment. One serves a shard: it holds the JDK's digest and the room that a segment is gathered in,
 * some 64 KiB, and allocates nothing per segment. What is derived from master keys is allocated. Not thread-safe.
 */
public final class SegmentDigest {
    /** Bytes of an MD5 signature. */
    public static final int MD5_LENGTH = 16;

    private static final int CODE = AoAlgorithm.CODE_LENGTH;
    private static final int EXTENSION = 4;
    private static final int BLOCK = 16;

    /** RFC 5926 section 3.1.1: what stands before the context and behind it. */
    private static final long LABEL = 0x01_5443_502D_414FL; // 1, "TCP-AO"

    private static final int LABEL_LENGTH = 7;

    private static final int PSEUDO_HEADER_V4 = 12;
    private static final int PSEUDO_HEADER_V6 = 40;

    private final byte[] room = new byte[EXTENSION + PSEUDO_HEADER_V6 + 0xFFFF + BLOCK];
    private final ByteBuffer fields = ByteBuffer.wrap(room);
    private final byte[] result = new byte[Hmac.LENGTH];
    /** As long as the other once AES signs something. */
    private byte[] spare = {};

    private final MessageDigest md5 = digest("MD5");
    private final Hmac hmac = new Hmac();

    /** Signs a segment that lies ready but for its signature, with checksum 0. */
    public void signMd5(
            final Md5Key key,
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int length,
            final long code) {
        md5(key, ip, memory, offset, length);
        MemorySegment.copy(result, 0, memory, ValueLayout.JAVA_BYTE, code, MD5_LENGTH);
    }

    /** Whether a segment is signed so. The time that this takes does not depend on what differs. */
    public boolean verifyMd5(
            final Md5Key key,
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int length,
            final long code) {
        md5(key, ip, memory, offset, length);
        return same(memory, code, MD5_LENGTH);
    }

    /** RFC 2385 section 2: the pseudo-header, the header without options and with checksum 0, the data, the key. */
    private void md5(
            final Md5Key key, final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        final int headerLength = TcpView.headerLength(memory, offset);
        int filled = pseudoHeader(ip, length, 0);
        filled = appendHeader(memory, offset, TcpView.MIN_LENGTH, filled);
        filled = append(memory, offset + headerLength, length - headerLength, filled);
        md5.update(room, 0, filled);
        md5.update(key.secret());
        try {
            md5.digest(result, 0, MD5_LENGTH);
        } catch (final DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Signs a segment that lies ready but for its code, with checksum 0.
     *
     * @param extension of its sequence number
     */
    public void signAo(
            final TrafficKey key,
            final int extension,
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int length,
            final long code) {
        ao(key, extension, ip, memory, offset, length, code);
        MemorySegment.copy(result, 0, memory, ValueLayout.JAVA_BYTE, code, AoAlgorithm.CODE_LENGTH);
    }

    /** Whether a segment is signed so. The time that this takes does not depend on what differs. */
    public boolean verifyAo(
            final TrafficKey key,
            final int extension,
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int length,
            final long code) {
        ao(key, extension, ip, memory, offset, length, code);
        return same(memory, code, AoAlgorithm.CODE_LENGTH);
    }

    /**
     * RFC 5925 section 5.1: the extension, the pseudo-header, the header with checksum 0, with its options or with this one
     * only, the code in it 0, and the data.
     */
    private void ao(
            final TrafficKey key,
            final int extension,
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int length,
            final long code) {
        final int headerLength = TcpView.headerLength(memory, offset);
        fields.putInt(0, extension);
        int filled = pseudoHeader(ip, length, EXTENSION);
        if (key.master().coversOptions()) {
            final int header = filled;
            filled = appendHeader(memory, offset, headerLength, filled);
            Arrays.fill(room, header + (int) (code - offset), header + (int) (code - offset) + CODE, (byte) 0);
        } else {
            filled = appendHeader(memory, offset, TcpView.MIN_LENGTH, filled);
            filled = append(memory, code - EXTENSION, EXTENSION, filled); // kind, length and the two IDs
            Arrays.fill(room, filled, filled + CODE, (byte) 0);
            filled += CODE;
        }
        filled = append(memory, offset + headerLength, length - headerLength, filled);
        key.mac(hmac, room, filled, spare, result);
    }

    /** As the other, for a segment to or from where a packet is addressed. */
    public TrafficKey derive(
            final AoKey key,
            final IpRepr ip,
            final int srcPort,
            final int dstPort,
            final int srcIsn,
            final int dstIsn) {
        return derive(key, ip.family, ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, srcPort, dstPort, srcIsn, dstIsn);
    }

    /**
     * Derives what signs the segments of a connection in one direction (RFC 5925 section 5.2, RFC 5926 section 3.1). Allocates
     * it.
     *
     * @param srcIsn initial sequence number of the sender
     * @param dstIsn the receiver's; 0 for a SYN without an acknowledgment
     */
    public TrafficKey derive(
            final AoKey key,
            final int family,
            final long srcHi,
            final long srcLo,
            final long dstHi,
            final long dstLo,
            final int srcPort,
            final int dstPort,
            final int srcIsn,
            final int dstIsn) {
        final AoAlgorithm algorithm = key.algorithm();
        final boolean hashes = algorithm == AoAlgorithm.HMAC_SHA_1_96;
        byte[] secret = key.secret();
        if (!hashes && spare.length == 0) {
            spare = new byte[room.length];
        }
        if (!hashes && secret.length != Cmac.LENGTH) {
            System.arraycopy(secret, 0, room, 0, secret.length);
            new Cmac(new byte[Cmac.LENGTH]).mac(room, secret.length, spare, result);
            secret = Arrays.copyOf(result, Cmac.LENGTH);
        }
        fields.putLong(0, LABEL << Byte.SIZE);
        int filled = LABEL_LENGTH;
        if (family == IpFamily.V4) {
            fields.putInt(filled, (int) srcLo).putInt(filled + 4, (int) dstLo);
            filled += 8;
        } else {
            fields.putLong(filled, srcHi).putLong(filled + 8, srcLo);
            fields.putLong(filled + 16, dstHi).putLong(filled + 24, dstLo);
            filled += 32;
        }
        fields.putInt(filled, srcPort << Short.SIZE | dstPort)
                .putInt(filled + 4, srcIsn)
                .putInt(filled + 8, dstIsn);
        fields.putShort(filled + 12, (short) (algorithm.trafficKeyLength() * Byte.SIZE));
        filled += 14;
        if (hashes) {
            hmac.mac(secret, room, filled, result);
        } else {
            new Cmac(secret).mac(room, filled, spare, result);
        }
        return new TrafficKey(key, Arrays.copyOf(result, algorithm.trafficKeyLength()));
    }

    private int pseudoHeader(final IpRepr ip, final int length, final int at) {
        if (ip.family == IpFamily.V4) {
            fields.putInt(at, (int) ip.srcLo).putInt(at + 4, (int) ip.dstLo);
            fields.putInt(at + 8, TcpView.PROTOCOL << 16 | length);
            return at + PSEUDO_HEADER_V4;
        }
        fields.putLong(at, ip.srcHi)
                .putLong(at + 8, ip.srcLo)
                .putLong(at + 16, ip.dstHi)
                .putLong(at + 24, ip.dstLo);
        fields.putInt(at + 32, length).putInt(at + 36, TcpView.PROTOCOL);
        return at + PSEUDO_HEADER_V6;
    }

    private int appendHeader(final MemorySegment memory, final long offset, final int length, final int filled) {
        final int end = append(memory, offset, length, filled);
        fields.putShort(filled + TcpView.CHECKSUM_OFFSET, (short) 0);
        return end;
    }

    private int append(final MemorySegment memory, final long offset, final int length, final int filled) {
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, room, filled, length);
        return filled + length;
    }

    private boolean same(final MemorySegment memory, final long code, final int length) {
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= Net.u8(memory, code + i) ^ (result[i] & 0xFF);
        }
        return difference == 0;
    }

    static MessageDigest digest(final String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no " + name, e); // all have it
        }
    }
}
