package io.millrace.stack.socket.tcp.keys;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HMAC-SHA-1 (RFC 2104) over the JDK's digest. The JDK's own {@code Mac} allocates with every code and with every change
 * of keys; this does neither, so that one serves all connections of a shard. Not thread-safe.
 */
final class Hmac {
    /** Bytes of a code. */
    static final int LENGTH = 20;

    private static final int BLOCK = 64;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5C;

    private final MessageDigest sha1 = SegmentDigest.digest("SHA-1");
    private final byte[] pad = new byte[BLOCK];

    /** Computes a code into the first bytes of {@code result}. */
    void mac(final byte[] key, final byte[] message, final int length, final byte[] result) {
        try {
            Arrays.fill(pad, (byte) 0);
            if (key.length > BLOCK) {
                sha1.update(key);
                sha1.digest(pad, 0, LENGTH);
            } else {
                System.arraycopy(key, 0, pad, 0, key.length);
            }
            change(INNER);
            sha1.update(pad);
            sha1.update(message, 0, length);
            sha1.digest(result, 0, LENGTH);
            change((byte) (INNER ^ OUTER));
            sha1.update(pad);
            sha1.update(result, 0, LENGTH);
            sha1.digest(result, 0, LENGTH);
        } catch (final DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    private void change(final byte by) {
        for (int i = 0; i < BLOCK; i++) {
            pad[i] ^= by;
        }
    }
}
