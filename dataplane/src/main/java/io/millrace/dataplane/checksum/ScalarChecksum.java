package io.millrace.dataplane.checksum;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Sums with loads of 64 bits. The bytes are summed in little-endian order and swapped once at the end, which RFC 1071
 * section 2 (B) allows.
 */
final class ScalarChecksum {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private ScalarChecksum() {}

    static long partial(final MemorySegment memory, final long offset, final int length) {
        long sum = 0;
        int i = 0;
        // One accumulator and one load a turn: C2 turns just this form into vector code.
        for (; i < length - 7; i += 8) {
            final long word = memory.get(LONG, offset + i);
            sum += (word & 0xFFFF_FFFFL) + (word >>> 32);
        }
        if ((length & 4) != 0) {
            sum += memory.get(INT, offset + i) & 0xFFFF_FFFFL;
            i += 4;
        }
        if ((length & 2) != 0) {
            sum += memory.get(SHORT, offset + i) & 0xFFFFL;
            i += 2;
        }
        if ((length & 1) != 0) {
            sum += memory.get(BYTE, offset + i) & 0xFFL;
        }
        return networkOrder(sum);
    }

    static long copy(
            final MemorySegment from,
            final long fromOffset,
            final MemorySegment to,
            final long toOffset,
            final int length) {
        long sum = 0;
        int i = 0;
        for (; i < length - 7; i += 8) {
            final long word = from.get(LONG, fromOffset + i);
            to.set(LONG, toOffset + i, word);
            sum += (word & 0xFFFF_FFFFL) + (word >>> 32);
        }
        if ((length & 4) != 0) {
            final int word = from.get(INT, fromOffset + i);
            to.set(INT, toOffset + i, word);
            sum += word & 0xFFFF_FFFFL;
            i += 4;
        }
        if ((length & 2) != 0) {
            final short word = from.get(SHORT, fromOffset + i);
            to.set(SHORT, toOffset + i, word);
            sum += word & 0xFFFFL;
            i += 2;
        }
        if ((length & 1) != 0) {
            final byte last = from.get(BYTE, fromOffset + i);
            to.set(BYTE, toOffset + i, last);
            sum += last & 0xFFL;
        }
        return networkOrder(sum);
    }

    /** Folds a sum of little-endian words to 32 bits and gives it network order. Swapping 32 bits swaps both halves. */
    static long networkOrder(final long sum) {
        final int folded = (int) ((sum + Long.rotateLeft(sum, 32)) >>> 32);
        return Integer.reverseBytes(folded) & 0xFFFF_FFFFL;
    }
}
