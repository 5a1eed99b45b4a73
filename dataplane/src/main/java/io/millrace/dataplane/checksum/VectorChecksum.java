package io.millrace.dataplane.checksum;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums with the Vector API. Each load takes a whole vector of 64-bit lanes; for each lane two sums are kept, one of the
 * lanes as they are, modulo 2<sup>64</sup>, and one of their upper halves. From both follows the sum of the lower halves,
 * which takes one operation less a vector than summing the halves apart. See {@link ScalarChecksum} for the byte order.
 *
 * <p>The end of the data, shorter than a vector, is read with a whole vector too, and what lies behind the data is
 * masked out. That needs as much of the segment behind the data, so data at the very end of its segment is summed by
 * {@link ScalarChecksum}.
 *
 * <p>Each method says everything itself. A helper that takes or returns vectors would be shorter to read, but where the
 * compiler's budget for inlining runs out, in a large caller for instance, it would call the helper and allocate a box
 * for each vector; the Vector API's own methods are inlined whatever the budget.
 */
final class VectorChecksum {
    /**
     * At most 512 bits, so that an index of a byte fits into a byte; a property makes tests of narrow vectors possible.
     */
    private static final VectorSpecies<Long> LONGS = species(Integer.getInteger(
            "io.millrace.checksum.bits", Math.min(512, LongVector.SPECIES_PREFERRED.vectorBitSize())));

    private static final VectorSpecies<Byte> BYTES = LONGS.withLanes(byte.class);
    private static final int SIZE = LONGS.vectorByteSize();
    private static final ByteVector INDEX =
            (ByteVector) BYTES.iotaShuffle(0, 1, false).toVector();

    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

    private VectorChecksum() {}

    /** Bits of a vector. */
    static int bits() {
        return LONGS.vectorBitSize();
    }

    /** Whether this processor has vectors worth the name. */
    static boolean pays() {
        return LongVector.SPECIES_PREFERRED.vectorBitSize() >= 128;
    }

    static long partial(final MemorySegment memory, final long offset, final int length) {
        if (offset > memory.byteSize() - length - 4L * SIZE) {
            return ScalarChecksum.partial(memory, offset, length);
        }
        if (length <= SIZE) {
            return ScalarChecksum.networkOrder(upToOne(memory, offset, length));
        }
        // Of two vectors only the last one is masked, of three and four that costs less than a loop.
        if (length > 2 * SIZE && length <= 4 * SIZE) {
            return ScalarChecksum.networkOrder(upToFour(memory, offset, length));
        }
        return ScalarChecksum.networkOrder(many(memory, offset, length));
    }

    /**
     * Copies and sums whole vectors. The last one ends where the bytes end: it copies some of them a second time, and
     * what the one before summed is masked out of it.
     */
    static long copy(
            final MemorySegment from,
            final long fromOffset,
            final MemorySegment to,
            final long toOffset,
            final int length) {
        if (length < SIZE) {
            return ScalarChecksum.copy(from, fromOffset, to, toOffset, length);
        }
        final int end = length - SIZE;
        LongVector whole = LongVector.zero(LONGS);
        LongVector uppers = whole;
        final int step = step(from);
        int i = 0;
        for (; i < end - SIZE; i += 2 * step) {
            final LongVector v = LongVector.fromMemorySegment(LONGS, from, fromOffset + i, LITTLE);
            final LongVector w = LongVector.fromMemorySegment(LONGS, from, fromOffset + i + SIZE, LITTLE);
            v.intoMemorySegment(to, toOffset + i, LITTLE);
            w.intoMemorySegment(to, toOffset + i + SIZE, LITTLE);
            whole = whole.add(v.add(w));
            uppers = uppers.add(v.lanewise(VectorOperators.LSHR, 32)).add(w.lanewise(VectorOperators.LSHR, 32));
        }
        if (i < end) {
            final LongVector v = LongVector.fromMemorySegment(LONGS, from, fromOffset + i, LITTLE);
            v.intoMemorySegment(to, toOffset + i, LITTLE);
            whole = whole.add(v);
            uppers = uppers.add(v.lanewise(VectorOperators.LSHR, 32));
            i += SIZE;
        }
        final ByteVector last = ByteVector.fromMemorySegment(BYTES, from, fromOffset + end, LITTLE);
        last.intoMemorySegment(to, toOffset + end, LITTLE);
        final LongVector rest = ByteVector.zero(BYTES)
                .blend(last, INDEX.compare(VectorOperators.GE, (byte) (i - end)))
                .reinterpretAsLongs();
        final LongVector restUppers = rest.lanewise(VectorOperators.LSHR, 32);
        if ((length & 1) != 0) {
            // The last vector begins at an odd offset, so that its bytes are those of the other halves of words.
            final long odd = restUppers.add(rest.and(0xFFFF_FFFFL)).reduceLanes(VectorOperators.ADD);
            final long even = uppers.add(whole.sub(uppers.lanewise(VectorOperators.LSHL, 32)))
                    .reduceLanes(VectorOperators.ADD);
            return ScalarChecksum.networkOrder(even) + InternetChecksum.odd(ScalarChecksum.networkOrder(odd));
        }
        whole = whole.add(rest);
        uppers = uppers.add(restUppers);
        return ScalarChecksum.networkOrder(
                uppers.add(whole.sub(uppers.lanewise(VectorOperators.LSHL, 32))).reduceLanes(VectorOperators.ADD));
    }

    /** Sums up to one vector. */
    private static long upToOne(final MemorySegment memory, final long offset, final int length) {
        final LongVector v = ByteVector.zero(BYTES)
                .blend(
                        ByteVector.fromMemorySegment(BYTES, memory, offset, LITTLE),
                        INDEX.compare(VectorOperators.LT, (byte) length))
                .reinterpretAsLongs();
        return v.and(0xFFFF_FFFFL).add(v.lanewise(VectorOperators.LSHR, 32)).reduceLanes(VectorOperators.ADD);
    }

    /** Sums more than two vectors and up to four, without a branch. */
    private static long upToFour(final MemorySegment memory, final long offset, final int length) {
        final LongVector a = LongVector.fromMemorySegment(LONGS, memory, offset, LITTLE);
        final LongVector b = ByteVector.zero(BYTES)
                .blend(
                        ByteVector.fromMemorySegment(BYTES, memory, offset + SIZE, LITTLE),
                        INDEX.compare(VectorOperators.LT, (byte) Math.min(SIZE, length - SIZE)))
                .reinterpretAsLongs();
        final LongVector c = ByteVector.zero(BYTES)
                .blend(
                        ByteVector.fromMemorySegment(BYTES, memory, offset + 2L * SIZE, LITTLE),
                        INDEX.compare(VectorOperators.LT, (byte) Math.clamp(length - 2L * SIZE, 0, SIZE)))
                .reinterpretAsLongs();
        final LongVector d = ByteVector.zero(BYTES)
                .blend(
                        ByteVector.fromMemorySegment(BYTES, memory, offset + 3L * SIZE, LITTLE),
                        INDEX.compare(VectorOperators.LT, (byte) Math.max(0, length - 3 * SIZE)))
                .reinterpretAsLongs();
        final LongVector whole = a.add(b).add(c.add(d));
        final LongVector uppers = a.lanewise(VectorOperators.LSHR, 32)
                .add(b.lanewise(VectorOperators.LSHR, 32))
                .add(c.lanewise(VectorOperators.LSHR, 32).add(d.lanewise(VectorOperators.LSHR, 32)));
        return uppers.add(whole.sub(uppers.lanewise(VectorOperators.LSHL, 32))).reduceLanes(VectorOperators.ADD);
    }

    /** Sums more than one vector, two a turn. */
    private static long many(final MemorySegment memory, final long offset, final int length) {
        LongVector whole = LongVector.fromMemorySegment(LONGS, memory, offset, LITTLE);
        LongVector uppers = whole.lanewise(VectorOperators.LSHR, 32);
        int i = SIZE;
        final int step = 2 * step(memory);
        for (; i < length - 2 * SIZE; i += step) {
            final LongVector v = LongVector.fromMemorySegment(LONGS, memory, offset + i, LITTLE);
            final LongVector w = LongVector.fromMemorySegment(LONGS, memory, offset + i + SIZE, LITTLE);
            whole = whole.add(v.add(w));
            uppers = uppers.add(v.lanewise(VectorOperators.LSHR, 32).add(w.lanewise(VectorOperators.LSHR, 32)));
        }
        if (i < length - SIZE) {
            final LongVector v = LongVector.fromMemorySegment(LONGS, memory, offset + i, LITTLE);
            whole = whole.add(v);
            uppers = uppers.add(v.lanewise(VectorOperators.LSHR, 32));
            i += SIZE;
        }
        final LongVector last = ByteVector.zero(BYTES)
                .blend(
                        ByteVector.fromMemorySegment(BYTES, memory, offset + i, LITTLE),
                        INDEX.compare(VectorOperators.LT, (byte) (length - i)))
                .reinterpretAsLongs();
        whole = whole.add(last);
        uppers = uppers.add(last.lanewise(VectorOperators.LSHR, 32));
        return uppers.add(whole.sub(uppers.lanewise(VectorOperators.LSHL, 32))).reduceLanes(VectorOperators.ADD);
    }

    /**
     * {@link #SIZE}, but the compiler cannot know. If it did it would check all accesses of a loop in front of it,
     * which for the few turns that a packet takes costs more than checking each.
     */
    private static int step(final MemorySegment memory) {
        return SIZE + (int) (memory.byteSize() >>> 62);
    }

    private static VectorSpecies<Long> species(final int bits) {
        return switch (bits) {
            case 512 -> LongVector.SPECIES_512;
            case 256 -> LongVector.SPECIES_256;
            default -> LongVector.SPECIES_128;
        };
    }
}
