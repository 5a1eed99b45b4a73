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

/**
 * Computes what signs a segment. One serves a shard: it holds the JDK's digest and the room that a segment is gathered in,
 * some 64 KiB, and allocates nothing per segment. Not thread-safe.
 */
public final class SegmentDigest {
    /** Bytes of an MD5 signature. */
    public static final int MD5_LENGTH = 16;

    private static final int PSEUDO_HEADER_V4 = 12;
    private static final int PSEUDO_HEADER_V6 = 40;

    private final byte[] room = new byte[PSEUDO_HEADER_V6 + 0xFFFF];
    private final ByteBuffer fields = ByteBuffer.wrap(room);
    private final byte[] result = new byte[MD5_LENGTH];
    private final MessageDigest md5 = digest("MD5");

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
        int filled = pseudoHeader(ip, length);
        filled = append(memory, offset, TcpView.MIN_LENGTH, filled);
        fields.putShort(filled - TcpView.MIN_LENGTH + TcpView.CHECKSUM_OFFSET, (short) 0);
        filled = append(memory, offset + headerLength, length - headerLength, filled);
        md5.update(room, 0, filled);
        md5.update(key.secret());
        try {
            md5.digest(result, 0, MD5_LENGTH);
        } catch (final DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    private int pseudoHeader(final IpRepr ip, final int length) {
        if (ip.family == IpFamily.V4) {
            fields.putInt(0, (int) ip.srcLo).putInt(4, (int) ip.dstLo).putInt(8, TcpView.PROTOCOL << 16 | length);
            return PSEUDO_HEADER_V4;
        }
        fields.putLong(0, ip.srcHi).putLong(8, ip.srcLo).putLong(16, ip.dstHi).putLong(24, ip.dstLo);
        fields.putInt(32, length).putInt(36, TcpView.PROTOCOL);
        return PSEUDO_HEADER_V6;
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

    private static MessageDigest digest(final String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no " + name, e); // all have it
        }
    }
}
