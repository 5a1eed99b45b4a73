package io.millrace.stack.iface.fragment;

import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.SipHash;

/**
 * Identifications of fragmented datagrams: unpredictable, since who can guess them can make a victim's fragments collide
 * (RFC 7739), and as long unrepeated as their width allows (RFC 6864 section 4.2): 65,536 datagrams from one address to
 * another with IPv4's protocol the same, 2<sup>32</sup> with IPv6.
 *
 * <p>Each is a counter under a permutation of its own width that is keyed for the pair of addresses: a Feistel network of
 * four rounds of {@link SipHash}. Counters are shared by pairs of addresses that hash alike; that shortens the time until
 * values repeat, but shows nobody what others count. Not thread-safe.
 */
public final class FragmentIds {
    private static final int COUNTERS = 2048;
    private static final int ROUNDS = 4;
    private static final int HALF_V4 = 8;
    private static final int HALF_V6 = 16;

    private final SipHash pairHash;
    private final SipHash roundHash;
    private final int[] counters = new int[COUNTERS];

    /** Makes a source whose keys and first values come from {@code entropy}. */
    public FragmentIds(final Entropy entropy) {
        pairHash = entropy.newHash();
        roundHash = entropy.newHash();
        for (int i = 0; i < COUNTERS; i++) {
            counters[i] = entropy.nextInt();
        }
    }

    /** Identification of the next datagram that IPv4 fragments, 0 to 65,535. */
    public int nextV4(final long src, final long dst, final int protocol) {
        return next(pairHash.hash(src, dst, protocol), HALF_V4);
    }

    /** Identification of the next packet that IPv6 fragments, 32 bits. */
    public int nextV6(final long srcHi, final long srcLo, final long dstHi, final long dstLo) {
        return next(pairHash.hash(srcHi, srcLo, dstHi, dstLo, 0), HALF_V6);
    }

    private int next(final long pair, final int half) {
        final int value = counters[(int) pair & (COUNTERS - 1)]++;
        final int mask = (1 << half) - 1;
        int left = value >>> half & mask;
        int right = value & mask;
        for (int round = 0; round < ROUNDS; round++) {
            final int mixed = left ^ ((int) roundHash.hash(pair, (long) round << 32 | right) & mask);
            left = right;
            right = mixed;
        }
        return left << half | right;
    }
}
