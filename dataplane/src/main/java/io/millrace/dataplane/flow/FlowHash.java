package io.millrace.dataplane.flow;

import java.util.SplittableRandom;

/**
 * The Toeplitz hash of receive-side scaling with a symmetric key: both directions of a flow have the same hash. The
 * key repeats one 16-bit word, as proposed by Woo and Park, "Scalable TCP Session Monitoring with Symmetric Receive-Side
 * Scaling" (KAIST, 2012); here the word is random, so that nobody outside knows which flows share a shard.
 *
 * <p>With such a key the hash depends only on the exclusive or of all 16-bit words of the input. A word with an odd
 * number of ones makes that dependence one-to-one, since its 16 rotations are then linearly independent. Of those, only
 * words are used by which any aligned 256 neighbouring port numbers fall into all {@value #BUCKETS} buckets evenly.
 *
 * <p>It spreads load; it is no defence: whoever may choose addresses and ports at will can still find flows that fall
 * together. Immutable, so any thread.
 */
public final class FlowHash {
    /** Shards are found through this many buckets, as by the default indirection table of network cards: 128. */
    public static final int BUCKETS = 128;

    private final int word;
    private final int[] low = new int[256];
    private final int[] high = new int[256];

    /**
     * Makes the hash of a key.
     *
     * @param random any number, which chooses one of 24,576 keys
     */
    public FlowHash(final long random) {
        final SplittableRandom words = new SplittableRandom(random);
        int candidate = words.nextInt(0x10000);
        while (!spreads(candidate)) {
            candidate = words.nextInt(0x10000);
        }
        word = candidate;
        for (int i = 0; i < 256; i++) {
            low[i] = toeplitz(word, i);
            high[i] = toeplitz(word, i << 8);
        }
    }

    /** The 16-bit word that the key repeats. */
    public int keyWord() {
        return word;
    }

    /** The key for a network card, {@code length} bytes. */
    public byte[] key(final int length) {
        final byte[] key = new byte[length];
        for (int i = 0; i < length; i++) {
            key[i] = (byte) ((i & 1) == 0 ? word >>> 8 : word);
        }
        return key;
    }

    /**
     * Hash of a flow. IPv4 addresses are {@code hi = 0}, {@code lo = } the 32 bits zero-extended.
     *
     * @param ports source port in the upper and destination port in the lower 16 bits; 0 for protocols without ports
     * @return 32 bits
     */
    public int hash(final long srcHi, final long srcLo, final long dstHi, final long dstLo, final int ports) {
        final long words = srcHi ^ srcLo ^ dstHi ^ dstLo;
        final int half = (int) (words ^ (words >>> 32)) ^ ports;
        final int folded = half ^ (half >>> 16);
        return high[(folded >>> 8) & 0xFF] ^ low[folded & 0xFF];
    }

    /** The bucket of a hash, 0 to {@value #BUCKETS} - 1: its last bits. */
    public static int bucket(final int hash) {
        return hash & (BUCKETS - 1);
    }

    /**
     * The shard of a hash where buckets are shared evenly.
     *
     * @param shards how many there are, 1 to {@value #BUCKETS}
     */
    public static int shard(final int hash, final int shards) {
        return bucket(hash) % shards;
    }

    /**
     * The redirection table by which a device leads a hash to the queue of the shard that {@link #shard} names.
     *
     * @param entries size of the table, a power of two; it is indexed by the hash's last bits
     * @param shards how many there are, 1 to {@value #BUCKETS}
     */
    public static int[] redirectionTable(final int entries, final int shards) {
        final int[] table = new int[entries];
        for (int i = 0; i < entries; i++) {
            table[i] = shard(i, shards);
        }
        return table;
    }

    /** Whether a redirection table of so many entries sees enough of a hash to find every flow's shard. */
    public static boolean isExact(final int entries, final int shards) {
        return entries >= BUCKETS || shard(entries, shards) == 0;
    }

    private static boolean spreads(final int word) {
        final boolean[] seen = new boolean[BUCKETS];
        int buckets = 0;
        for (int i = 0; i < 256; i++) {
            final int bucket = toeplitz(word, i) & (BUCKETS - 1);
            buckets += seen[bucket] ? 0 : 1;
            seen[bucket] = true;
        }
        return buckets == BUCKETS && (Integer.bitCount(word) & 1) == 1;
    }

    /** Hash of a single 16-bit word: for each bit that is set, counted from the left, 32 bits of the key from there. */
    private static int toeplitz(final int word, final int input) {
        final long key = word * 0x0001_0001_0001L;
        int result = 0;
        for (int bit = 0; bit < 16; bit++) {
            if ((input & (0x8000 >>> bit)) != 0) {
                result ^= (int) (key >>> (16 - bit));
            }
        }
        return result;
    }
}
