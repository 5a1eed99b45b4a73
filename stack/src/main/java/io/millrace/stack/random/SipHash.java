package io.millrace.stack.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * SipHash-2-4 under one 128-bit key (Aumasson and Bernstein, "SipHash: a fast short-input PRF"). A keyed pseudo-random
 * function: without the key nobody can foresee a value or choose inputs that collide. RFC 9293, 3.4.1 and RFC 6528 ask
 * for one for initial sequence numbers; hash tables that are indexed by what comes from outside need one too.
 *
 * <p>The message of {@code hash(a, b, ...)} is the words' bytes in little-endian order. Immutable; allocates nothing.
 */
public final class SipHash {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long INIT_0 = 0x736f6d6570736575L;
    private static final long INIT_1 = 0x646f72616e646f6dL;
    private static final long INIT_2 = 0x6c7967656e657261L;
    private static final long INIT_3 = 0x7465646279746573L;

    private final long k0;
    private final long k1;

    /**
     * Takes a key.
     *
     * @param k0 bytes 0 to 7 of the key, little-endian
     * @param k1 bytes 8 to 15
     */
    public SipHash(final long k0, final long k1) {
        this.k0 = k0;
        this.k1 = k1;
    }

    /** Hash of 8 bytes. */
    public long hash(final long a) {
        return hash(1, a, 0, 0, 0, 0);
    }

    /** Hash of 16 bytes. */
    public long hash(final long a, final long b) {
        return hash(2, a, b, 0, 0, 0);
    }

    /** Hash of 24 bytes. */
    public long hash(final long a, final long b, final long c) {
        return hash(3, a, b, c, 0, 0);
    }

    /** Hash of 40 bytes: two addresses of 128 bits and 64 bits more. */
    public long hash(final long a, final long b, final long c, final long d, final long e) {
        return hash(5, a, b, c, d, e);
    }

    private long hash(final int words, final long a, final long b, final long c, final long d, final long e) {
        long v0 = k0 ^ INIT_0;
        long v1 = k1 ^ INIT_1;
        long v2 = k0 ^ INIT_2;
        long v3 = k1 ^ INIT_3;
        for (int i = 0; i <= words + 2; i++) {
            // Rounds of one message word, then of the length block, then four of finalization, two at a time.
            long m = 0;
            if (i < words) {
                m = switch (i) {
                    case 0 -> a;
                    case 1 -> b;
                    case 2 -> c;
                    case 3 -> d;
                    default -> e;
                };
            } else if (i == words) {
                m = (long) words << 59; // 8 * words, in the top byte
            } else if (i == words + 1) {
                v2 ^= 0xFF;
            }
            v3 ^= m;
            for (int round = 0; round < 2; round++) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    /**
     * Hash of bytes in native memory.
     *
     * @param offset of the first byte within {@code memory}
     * @param length number of bytes, 0 or more
     */
    public long hash(final MemorySegment memory, final long offset, final int length) {
        long v0 = k0 ^ INIT_0;
        long v1 = k1 ^ INIT_1;
        long v2 = k0 ^ INIT_2;
        long v3 = k1 ^ INIT_3;
        final int words = length >>> 3;
        for (int i = 0; i <= words + 2; i++) {
            long m = 0;
            if (i < words) {
                m = memory.get(WORD, offset + 8L * i);
            } else if (i == words) {
                m = lastBlock(memory, offset, length);
            } else if (i == words + 1) {
                v2 ^= 0xFF;
            }
            v3 ^= m;
            for (int round = 0; round < 2; round++) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static long lastBlock(final MemorySegment memory, final long offset, final int length) {
        long m = (long) length << 56;
        for (int i = length & ~7; i < length; i++) {
            m |= (memory.get(ValueLayout.JAVA_BYTE, offset + i) & 0xFFL) << (8 * (i & 7));
        }
        return m;
    }
}
