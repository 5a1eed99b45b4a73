package io.millrace.dataplane.ring;

import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Packet handles on their way from one thread to one other, in order: a ring of a power of two places with one producer
 * and one consumer. A burst is one or two bulk copies and one release store; each side keeps what it last saw of the
 * other's position and looks again only when that is not enough, so that in a steady stream the threads exchange the
 * cache lines with the handles and little else.
 *
 * <p>Both positions live in an {@link UnsafeBuffer} of Agrona's, each on a pair of cache lines of its own (adjacent
 * lines are fetched together); they count on and are reduced to places with a mask.
 *
 * <p>The producer's and the consumer's methods belong to one thread each.
 */
public final class HandleRing {
    /** A pair of cache lines, which processors fetch together. */
    private static final int PADDED = 2 * BitUtil.CACHE_LINE_LENGTH;

    // The producer's: how many handles were ever offered, and what it knows of the consumer's head.
    private static final int TAIL = 0;
    private static final int HEAD_CACHE = TAIL + Long.BYTES;

    // The consumer's: how many handles were ever taken, and what it knows of the producer's tail.
    private static final int HEAD = PADDED;
    private static final int TAIL_CACHE = HEAD + Long.BYTES;

    private final UnsafeBuffer positions;
    private final long[] places;
    private final int mask;

    /**
     * Makes a ring.
     *
     * @param handles how many it holds at least, 1 to 2^30; it holds the next power of two
     * @throws IllegalArgumentException if it is out of its range
     */
    public HandleRing(final int handles) {
        if (handles < 1 || handles > 1 << 30) {
            throw new IllegalArgumentException("a ring of " + handles + " handles; it holds 1 to 2^30");
        }
        places = new long[BitUtil.findNextPositivePowerOfTwo(handles)];
        mask = places.length - 1;
        final ByteBuffer bytes = BufferUtil.allocateDirectAligned(2 * PADDED, PADDED);
        positions = new UnsafeBuffer(bytes);
    }

    /** Handles that it holds. */
    public int capacity() {
        return places.length;
    }

    /**
     * Offers handles. Producer only.
     *
     * @return how many were taken, the first ones; the rest still belongs to the caller
     */
    public int offer(final long[] handles, final int from, final int count) {
        final long tail = positions.getLong(TAIL);
        long room = positions.getLong(HEAD_CACHE) + places.length - tail;
        if (room < count) {
            final long head = positions.getLongVolatile(HEAD);
            positions.putLong(HEAD_CACHE, head);
            room = head + places.length - tail;
        }
        final int taken = (int) Math.min(count, room);
        if (taken > 0) {
            final int at = (int) tail & mask;
            final int straight = Math.min(taken, places.length - at);
            System.arraycopy(handles, from, places, at, straight);
            if (straight < taken) {
                System.arraycopy(handles, from + straight, places, 0, taken - straight);
            }
            positions.putLongOrdered(TAIL, tail + taken);
        }
        return taken;
    }

    /**
     * Takes handles. Consumer only.
     *
     * @return how many were written to {@code handles} from index {@code from} on, at most {@code max}
     */
    public int poll(final long[] handles, final int from, final int max) {
        final long head = positions.getLong(HEAD);
        long there = positions.getLong(TAIL_CACHE) - head;
        if (there < max) {
            final long tail = positions.getLongVolatile(TAIL);
            positions.putLong(TAIL_CACHE, tail);
            there = tail - head;
        }
        final int taken = (int) Math.min(max, there);
        if (taken > 0) {
            final int at = (int) head & mask;
            final int straight = Math.min(taken, places.length - at);
            System.arraycopy(places, at, handles, from, straight);
            if (straight < taken) {
                System.arraycopy(places, 0, handles, from + straight, taken - straight);
            }
            positions.putLongOrdered(HEAD, head + taken);
        }
        return taken;
    }
}
