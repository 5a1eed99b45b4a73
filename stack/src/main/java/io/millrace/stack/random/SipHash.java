package io.millrace.stack.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * SipHash under one 128-bit key (Aumasson and Bernstein, "SipHash: a fast short-input PRF"). A keyed pseudo-random
 * function: without the key nobody can foresee a value or choose inputs that collide.
 *
 * <p>What others get to see is SipHash-2-4: RFC 9293, 3.4.1 and RFC 6528 ask for a function like it for initial sequence
 * numbers. Tables that are indexed by what comes from outside need a secret order too, but show no values; for them
 * there is {@linkplain #forTables SipHash-1-3}, which takes a little over half the time.
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
    private final int wordRounds;
    private final int lastRounds;

    /**
     * SipHash-2-4.
     *
     * @param k0 bytes 0 to 7 of the key, little-endian
     * @param k1 bytes 8 to 15
     */
    public SipHash(final long k0, final long k1) {
        this(k0, k1, 2, 4);
    }

    private SipHash(final long k0, final long k1, final int wordRounds, final int lastRounds) {
        this.k0 = k0;
        this.k1 = k1;
        this.wordRounds = wordRounds;
        this.lastRounds = lastRounds;
    }

    /** SipHash-1-3, for places in tables, which nobody outside sees. */
    public static SipHash forTables(final long k0, final long k1) {
        return new SipHash(k0, k1, 1, 3);
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

    /** Hash of 32 bytes: two addresses of 128 bits. */
    public long hash(final long a, final long b, final long c, final long d) {
        return hash(4, a, b, c, d, 0);
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
        long m = a;
        long second = b;
        long third = c;
        long fourth = d;
        long fifth = e;
        // A word of the message each time, then its length, then what ends it.
        for (int left = words; left >= -1; left--) {
            v3 ^= m;
            for (int round = left >= 0 ? wordRounds : lastRounds; round > 0; round--) {
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
            if (left > 1) {
                m = second;
                second = third;
                third = fourth;
                fourth = fifth;
            } else if (left == 1) {
                m = (long) words << 59; // 8 * words, in the top byte
            } else {
                m = 0;
                v2 ^= left == 0 ? 0xFF : 0;
            }
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
        for (int i = 0; i <= words + 1; i++) {
            long m = 0;
            if (i < words) {
                m = memory.get(WORD, offset + 8L * i);
            } else if (i == words) {
                m = lastBlock(memory, offset, length);
            } else {
                v2 ^= 0xFF;
            }
            v3 ^= m;
            for (int round = i <= words ? wordRounds : lastRounds; round > 0; round--) {
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
