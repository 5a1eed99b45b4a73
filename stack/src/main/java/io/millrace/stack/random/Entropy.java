package io.millrace.stack.random;

import java.security.SecureRandom;

/**
 * Unpredictable numbers for one shard. Its 128-bit key comes from the system's {@link SecureRandom} once, at start; every
 * number is {@link SipHash} of a counter under that key, so that drawing one allocates nothing, blocks never and tells
 * nothing about the others. A seeded source draws the same numbers in every run, for tests and reproducible benchmarks.
 *
 * <p>Not thread-safe: one shard, one source.
 */
public final class Entropy {
    private final SipHash generator;
    private final SipHash host;
    private long drawn;

    private Entropy(final long k0, final long k1) {
        this.generator = new SipHash(k0, k1);
        // Words of another length than those that are drawn, so that neither tells of the other.
        this.host = new SipHash(generator.hash(0, 0), generator.hash(0, 1));
    }

    private Entropy(final Entropy other) {
        this.generator = new SipHash(other.nextLong(), other.nextLong());
        this.host = other.host;
    }

    /** A source keyed by the system's randomness. */
    public static Entropy secure() {
        final SecureRandom random = new SecureRandom();
        return new Entropy(random.nextLong(), random.nextLong());
    }

    /** A source that repeats itself: equal seeds, equal numbers. Predictable, so never for traffic of strangers. */
    public static Entropy seeded(final long seed) {
        return new Entropy(seed, ~seed * 0x9E3779B97F4A7C15L);
    }

    /**
     * A source for another stack of the same host: unrelated numbers, but the same {@linkplain #hostHash host's
     * hashes}.
     */
    public Entropy split() {
        return new Entropy(this);
    }

    /** 64 random bits. */
    public long nextLong() {
        return generator.hash(drawn++);
    }

    /** 32 random bits. */
    public int nextInt() {
        return (int) (nextLong() >>> 32);
    }

    /**
     * A number from 0 to {@code bound - 1}, each with equal probability to within {@code bound / 2^32}.
     *
     * @param bound 1 to {@code Integer.MAX_VALUE}
     */
    public int nextInt(final int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /** A keyed hash that all sources have alike which were {@linkplain #split split} from one. */
    public SipHash hostHash(final HostSecret secret) {
        return new SipHash(host.hash(secret.ordinal(), 0), host.hash(secret.ordinal(), 1));
    }

    /** A keyed hash of its own, unrelated to what this source and its other hashes return. */
    public SipHash newHash() {
        return new SipHash(nextLong(), nextLong());
    }

    /** The same for places in a table, which nobody outside gets to see. */
    public SipHash newTableHash() {
        return SipHash.forTables(nextLong(), nextLong());
    }
}
