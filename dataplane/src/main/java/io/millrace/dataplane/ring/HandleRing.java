package io.millrace.dataplane.ring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Packet handles on their way from one thread to one other, in order. A burst travels as one message of Agrona's
 * {@link OneToOneRingBuffer}, so that the threads exchange a cache line a burst and not one a packet.
 *
 * <p>The producer's and the consumer's methods belong to one thread each.
 */
public final class HandleRing {
    /** Most handles in one message. */
    private static final int BATCH = 32;

    private static final int CACHE_LINE = 64;
    private static final int MESSAGE_TYPE = 1;
    private static final int MIN_CAPACITY = 8 * (BATCH + 1) * Long.BYTES;

    private final OneToOneRingBuffer ring;

    /** The ring's memory once more: a burst is one copy, where Agrona's buffer would check and move each handle. */
    private final MemorySegment memory;

    private final MessageHandler reader = this::read;

    /** What is left of a message for which the consumer had no room. */
    private final long[] rest = new long[BATCH];

    private int next;
    private int end;

    /** Where {@link #read} is to put the message; consumer only. */
    private long[] target = rest;

    private int targetFrom;
    private int read;

    /**
     * Makes a ring.
     *
     * @param handles how many it holds at least
     */
    public HandleRing(final int handles) {
        // A message of one handle, the worst case, takes two words, and Agrona's ring is never quite full.
        final int wanted = Math.max(MIN_CAPACITY, Math.multiplyExact(handles + 1, 2 * Long.BYTES));
        final int capacity = Integer.highestOneBit(wanted - 1) << 1;
        final ByteBuffer bytes =
                BufferUtil.allocateDirectAligned(capacity + RingBufferDescriptor.TRAILER_LENGTH, CACHE_LINE);
        memory = MemorySegment.ofBuffer(bytes);
        ring = new OneToOneRingBuffer(new UnsafeBuffer(bytes));
    }

    /**
     * Offers handles. Producer only.
     *
     * @return how many were taken, the first ones; the rest still belongs to the caller
     */
    public int offer(final long[] handles, final int from, final int count) {
        int taken = 0;
        while (taken < count) {
            final int size = Math.min(BATCH, count - taken);
            final int index = ring.tryClaim(MESSAGE_TYPE, size * Long.BYTES);
            if (index < 0) {
                break;
            }
            MemorySegment.copy(handles, from + taken, memory, ValueLayout.JAVA_LONG, index, size);
            ring.commit(index);
            taken += size;
        }
        return taken;
    }

    /**
     * Takes handles. Consumer only.
     *
     * @return how many were written to {@code handles} from index {@code from} on, at most {@code max}
     */
    public int poll(final long[] handles, final int from, final int max) {
        int count = 0;
        while (count < max) {
            if (next < end) {
                final int size = Math.min(max - count, end - next);
                System.arraycopy(rest, next, handles, from + count, size);
                next += size;
                count += size;
            } else if (max - count >= BATCH) {
                final int size = readInto(handles, from + count);
                if (size == 0) {
                    break;
                }
                count += size;
            } else {
                next = 0;
                end = readInto(rest, 0);
                if (end == 0) {
                    break;
                }
            }
        }
        return count;
    }

    /** Reads one message, of at most {@value #BATCH} handles; 0 if there is none. */
    private int readInto(final long[] handles, final int from) {
        target = handles;
        targetFrom = from;
        read = 0;
        if (ring.read(reader, 1) == 0) {
            // Where the ring's memory ends the first call may only have come round to its beginning.
            ring.read(reader, 1);
        }
        return read;
    }

    private void read(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        read = length / Long.BYTES;
        MemorySegment.copy(memory, ValueLayout.JAVA_LONG, index, target, targetFrom, read);
    }
}
