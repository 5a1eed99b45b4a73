package io.millrace.bench.packetdrill.host;

import io.millrace.bench.socketapi.Linux;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The signature of a segment (RFC 2385), and the key for it as a program hands it over on Linux. The stack has code of its
 * own for that, whose mistakes a script would not see if both were the same.
 */
public final class Md5Signature {
    private static final int TCP = 6;
    private static final int HEADER = 20;
    private static final int CHECKSUM = 16;

    // struct tcp_md5sig
    private static final int SIZE = 216;
    private static final int V4_ADDRESS = 4;
    private static final int V6_ADDRESS = 8;
    private static final int KEY_LENGTH = 130;
    private static final int KEY = 136;

    private Md5Signature() {}

    /**
     * The code of a segment.
     *
     * @param segment from the start of its header to the end of its payload; options do not count
     */
    public static byte[] code(final IpAddress from, final IpAddress to, final ByteBuffer segment, final String secret) {
        final boolean v4 = from instanceof Ipv4Address;
        final ByteBuffer pseudo = ByteBuffer.allocate(v4 ? 12 : 40);
        if (v4) {
            pseudo.putInt((int) from.lo()).putInt((int) to.lo());
            pseudo.putShort((short) TCP).putShort((short) segment.remaining());
        } else {
            pseudo.putLong(from.hi()).putLong(from.lo()).putLong(to.hi()).putLong(to.lo());
            pseudo.putInt(segment.remaining()).putInt(TCP);
        }
        final byte[] bytes = new byte[segment.remaining()];
        segment.get(segment.position(), bytes);
        bytes[CHECKSUM] = 0;
        bytes[CHECKSUM + 1] = 0;
        final int data = (bytes[12] >>> 4 & 0xF) * Integer.BYTES;
        final MessageDigest digest = digest();
        digest.update(pseudo.array());
        digest.update(bytes, 0, HEADER);
        digest.update(bytes, data, bytes.length - data);
        return digest.digest(secret.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }

    /** What TCP_MD5SIG takes on Linux; of FreeBSD, which knows the key already, a program asks for its use only. */
    static byte[] option(final IpAddress peer, final String secret) {
        final boolean v4 = peer instanceof Ipv4Address;
        final ByteBuffer option = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        option.putShort(0, (short) (v4 ? Linux.AF_INET : Linux.AF_INET6));
        option.putShort(KEY_LENGTH, (short) secret.length());
        option.put(KEY, secret.getBytes(StandardCharsets.ISO_8859_1));
        option.order(ByteOrder.BIG_ENDIAN);
        if (v4) {
            option.putInt(V4_ADDRESS, (int) peer.lo());
        } else {
            option.putLong(V6_ADDRESS, peer.hi()).putLong(V6_ADDRESS + Long.BYTES, peer.lo());
        }
        return option.array();
    }
}
