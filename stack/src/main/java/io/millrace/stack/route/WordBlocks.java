package io.millrace.stack.route;

import java.util.Arrays;

/**
 * Blocks of words in one array that grows. A block's capacity follows from its length, in steps of at most half; freed
 * blocks wait in a list for each capacity, linked through their first words.
 */
final class WordBlocks {
    private static final int[] CAPACITIES = {1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 72, 96, 144, 192};
    private static final byte[] CLASS_OF_LENGTH = new byte[193];

    /** Capacities of longer blocks: powers of two, and three quarters of them, from 256 on. */
    private static final int LARGE = CAPACITIES.length;

    private static final int CLASSES = LARGE + 2 * 22;

    static {
        for (int length = 1, kind = 0; length < CLASS_OF_LENGTH.length; length++) {
            kind += length > CAPACITIES[kind] ? 1 : 0;
            CLASS_OF_LENGTH[length] = (byte) kind;
        }
    }

    /** All blocks; another array after an allocation. */
    long[] words = new long[32];

    private final int[] free = new int[CLASSES];

    /** Where no block was yet. 0 is no place, so that it ends lists. */
    private int end = 1;

    /** A block of at least that many words, whose content is arbitrary. */
    int allocate(final int length) {
        final int kind = kind(length);
        final int block = free[kind];
        if (block != 0) {
            free[kind] = (int) words[block];
            return block;
        }
        final int fresh = end;
        end += capacity(kind);
        if (end > words.length) {
            words = Arrays.copyOf(words, Math.max(end, words.length + (words.length >>> 1)));
        }
        return fresh;
    }

    /**
     * Changes the length of a block and keeps its words, as many as fit.
     *
     * @param block where it is; of no meaning if it has no words
     * @return where it is now; 0 if it has no words any more
     */
    int resize(final int block, final int oldLength, final int newLength) {
        if (oldLength != 0 && newLength != 0 && kind(oldLength) == kind(newLength)) {
            return block;
        }
        int moved = 0;
        if (newLength != 0) {
            moved = allocate(newLength);
            if (oldLength != 0) {
                System.arraycopy(words, block, words, moved, Math.min(oldLength, newLength));
            }
        }
        if (oldLength != 0) {
            final int kind = kind(oldLength);
            words[block] = free[kind];
            free[kind] = block;
        }
        return moved;
    }

    private static int kind(final int length) {
        if (length < CLASS_OF_LENGTH.length) {
            return CLASS_OF_LENGTH[length];
        }
        final int power = 32 - Integer.numberOfLeadingZeros(length - 1);
        final boolean full = length > 3 << (power - 2);
        return LARGE + 2 * (power - 8) - (full ? 0 : 1);
    }

    private static int capacity(final int kind) {
        if (kind < LARGE) {
            return CAPACITIES[kind];
        }
        final int above = kind - LARGE;
        return (above & 1) == 0 ? 256 << (above / 2) : 384 << (above / 2);
    }
}
