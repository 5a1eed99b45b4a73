package io.millrace.stack.route;

import java.util.Arrays;

/**
 * Blocks of up to 192 words in one array that grows. A block's capacity follows from its length, in steps of at most half;
 * freed blocks wait in a list for each capacity, linked through their first words.
 */
final class WordBlocks {
    private static final int[] CAPACITIES = {1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 72, 96, 144, 192};
    private static final byte[] CLASS_OF_LENGTH = new byte[193];

    static {
        for (int length = 1, kind = 0; length < CLASS_OF_LENGTH.length; length++) {
            kind += length > CAPACITIES[kind] ? 1 : 0;
            CLASS_OF_LENGTH[length] = (byte) kind;
        }
    }

    /** All blocks; another array after an allocation. */
    long[] words = new long[32];

    private final int[] free = new int[CAPACITIES.length];

    /** Where no block was yet. 0 is no place, so that it ends lists. */
    private int end = 1;

    /** A block of at least that many words, whose content is arbitrary. */
    int allocate(final int length) {
        final int kind = CLASS_OF_LENGTH[length];
        final int block = free[kind];
        if (block != 0) {
            free[kind] = (int) words[block];
            return block;
        }
        final int fresh = end;
        end += CAPACITIES[kind];
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
        if (oldLength != 0 && newLength != 0 && CLASS_OF_LENGTH[oldLength] == CLASS_OF_LENGTH[newLength]) {
            return block;
        }
        int moved = 0;
        if (newLength != 0) {
            moved = allocate(newLength);
            System.arraycopy(words, block, words, moved, Math.min(oldLength, newLength));
        }
        if (oldLength != 0) {
            words[block] = free[CLASS_OF_LENGTH[oldLength]];
            free[CLASS_OF_LENGTH[oldLength]] = block;
        }
        return moved;
    }
}
