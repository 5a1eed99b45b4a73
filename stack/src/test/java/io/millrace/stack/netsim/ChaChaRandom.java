package io.millrace.stack.netsim;

/**
 * The random numbers that the reference draws: ChaCha with 20 rounds (RFC 8439's block function, a 64-bit counter and a
 * nonce of 0) as a stream of 64-bit numbers, its key stretched from a 64-bit seed by PCG32.
 */
final class ChaChaRandom {
    private static final long PCG_MULTIPLIER = 6_364_136_223_846_793_005L;
    private static final long PCG_INCREMENT = Long.parseUnsignedLong("11634580027462260723");

    private final int[] state = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    private final int[] block = new int[16];
    private int next = 16;

    private ChaChaRandom() {}

    static ChaChaRandom ofSeed(final long seed) {
        final ChaChaRandom random = new ChaChaRandom();
        long pcg = seed;
        for (int i = 0; i < 8; i++) {
            pcg = pcg * PCG_MULTIPLIER + PCG_INCREMENT;
            final int shifted = (int) (((pcg >>> 18) ^ pcg) >>> 27);
            random.state[4 + i] = Integer.rotateRight(shifted, (int) (pcg >>> 59));
        }
        return random;
    }

    /** Numbers of a key that is all zeros, for which test vectors are published. */
    static ChaChaRandom ofZeroKey() {
        return new ChaChaRandom();
    }

    /** From 0 to 1, without 1. */
    double nextUnit() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** From {@code low} to {@code high}, both included. */
    double nextBetween(final double low, final double high) {
        final double largest = Double.longBitsToDouble((-1L >>> 12) | 0x3FF0_0000_0000_0000L) - 1.0;
        final double scale = (high - low) / largest;
        return (Double.longBitsToDouble((nextLong() >>> 12) | 0x3FF0_0000_0000_0000L) - 1.0) * scale + low;
    }

    long nextLong() {
        final long low = Integer.toUnsignedLong(nextInt());
        return (long) nextInt() << 32 | low;
    }

    int nextInt() {
        if (next == block.length) {
            fill();
        }
        return block[next++];
    }

    private void fill() {
        System.arraycopy(state, 0, block, 0, block.length);
        for (int i = 0; i < 10; i++) {
            quarter(0, 4, 8, 12);
            quarter(1, 5, 9, 13);
            quarter(2, 6, 10, 14);
            quarter(3, 7, 11, 15);
            quarter(0, 5, 10, 15);
            quarter(1, 6, 11, 12);
            quarter(2, 7, 8, 13);
            quarter(3, 4, 9, 14);
        }
        for (int i = 0; i < block.length; i++) {
            block[i] += state[i];
        }
        state[12]++;
        if (state[12] == 0) {
            state[13]++;
        }
        next = 0;
    }

    private void quarter(final int a, final int b, final int c, final int d) {
        block[a] += block[b];
        block[d] = Integer.rotateLeft(block[d] ^ block[a], 16);
        block[c] += block[d];
        block[b] = Integer.rotateLeft(block[b] ^ block[c], 12);
        block[a] += block[b];
        block[d] = Integer.rotateLeft(block[d] ^ block[a], 8);
        block[c] += block[d];
        block[b] = Integer.rotateLeft(block[b] ^ block[c], 7);
    }
}
