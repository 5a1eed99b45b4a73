package io.millrace.dataplane.ring;

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

    private static final int MESSAGE_TYPE = 1;
    private static final int MIN_CAPACITY = 8 * (BATCH + 1) * Long.BYTES;

    private final OneToOneRingBuffer ring;
    private final MessageHandler reader = this::read;
    private final long[] batch = new long[BATCH];
    private int next;
    private int end;

    /**
     * Makes a ring.
     *
     * @param handles how many it holds at least
     */
    public HandleRing(final int handles) {
        // A message of one handle, the worst case, takes two words, and Agrona's ring is never quite full.
        final int bytes = Math.max(MIN_CAPACITY, Math.multiplyExact(handles + 1, 2 * Long.BYTES));
        final int capacity = Integer.highestOneBit(bytes - 1) << 1;
        ring = new OneToOneRingBuffer(
                new UnsafeBuffer(BufferUtil.allocateDirectAligned(capacity + RingBufferDescriptor.TRAILER_LENGTH, 64)));
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
            for (int i = 0; i < size; i++) {
                ring.buffer().putLong(index + i * Long.BYTES, handles[from + taken + i]);
            }
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
            if (next == end && ring.read(reader, 1) == 0) {
                break;
            }
            final int size = Math.min(max - count, end - next);
            System.arraycopy(batch, next, handles, from + count, size);
            next += size;
            count += size;
        }
        return count;
    }

    private void read(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        next = 0;
        end = length / Long.BYTES;
        for (int i = 0; i < end; i++) {
            batch[i] = buffer.getLong(index + i * Long.BYTES);
        }
    }
}
