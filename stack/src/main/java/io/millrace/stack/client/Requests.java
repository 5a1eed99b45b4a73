package io.millrace.stack.client;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import org.agrona.BufferUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Requests on their way from any thread to the shard. A message in the ring names the place that holds the rest; there
 * are no more messages than places, so the ring is never full.
 */
final class Requests {
    private static final int CACHE_LINE = 64;

    /** A message with its header. */
    private static final int MESSAGE_BYTES = 2 * Long.BYTES;

    /** For a message, and as much again for what the ring leaves unused at its end. */
    private static final int BYTES_PER_PLACE = 2 * MESSAGE_BYTES;

    private final Operation[] operations;
    private final ManyToManyConcurrentArrayQueue<Operation> free;
    private final Semaphore available;
    final ManyToOneRingBuffer ring; // tests claim in it what they do not commit
    private final MessageHandler reader = this::serve;
    private final int placeBytes;
    private final boolean direct;
    private volatile boolean closed;

    /**
     * Makes places for requests.
     *
     * @param direct whether they are only made by the shard's own thread, and so served at once
     */
    Requests(final ClientConfig config, final boolean direct) {
        this.direct = direct;
        placeBytes = config.placeBytes();
        final int count = config.places();
        operations = new Operation[count];
        free = new ManyToManyConcurrentArrayQueue<>(Math.max(2, count));
        available = new Semaphore(count);
        // Freed when nobody uses it any more: threads may still copy from it while the shard ends.
        final MemorySegment memory = Arena.ofAuto().allocate((long) count * config.placeBytes(), CACHE_LINE);
        for (int i = 0; i < count; i++) {
            operations[i] = new Operation(i, memory, (long) i * config.placeBytes(), config.placeBytes());
            free.add(operations[i]);
        }
        final int capacity = Integer.highestOneBit(Math.max(1_024, count * BYTES_PER_PLACE)) << 1;
        ring = new ManyToOneRingBuffer(new UnsafeBuffer(
                BufferUtil.allocateDirectAligned(capacity + RingBufferDescriptor.TRAILER_LENGTH, CACHE_LINE)));
    }

    /** Takes a place, if need be after others gave one back. */
    Operation acquire() {
        available.acquireUninterruptibly();
        Operation operation = free.poll();
        while (operation == null) {
            Thread.onSpinWait(); // whoever gave the permit has just put it there
            operation = free.poll();
        }
        return operation;
    }

    /** Gives a place back. */
    void release(final Operation operation) {
        operation.clear();
        // There is room for all, but for a moment not in a slot whose last place is just being taken.
        while (!free.offer(operation)) {
            Thread.onSpinWait();
        }
        available.release();
    }

    /**
     * Has the shard serve a request, and waits for the answer.
     *
     * @return what {@link ShardSocket#perform} answered
     */
    int run(final Operation operation, final @Nullable ShardSocket target, final int kind) {
        if (direct) {
            return target == null ? 0 : target.perform(kind, operation);
        }
        operation.target = target;
        operation.begin();
        if (!closed) {
            final int at = ring.tryClaim(kind, Integer.BYTES);
            if (at < 0) {
                throw new IllegalStateException("the ring of requests is full, which cannot be");
            }
            ring.buffer().putInt(at, operation.index);
            ring.commit(at);
        }
        if (closed) {
            operation.finish(SocketError.ENETDOWN.result()); // it may have come after the last look at the ring
        }
        final int result = operation.await();
        final RuntimeException failure = operation.failure;
        if (failure != null) {
            throw failure;
        }
        return result;
    }

    /** Most payload that one request carries. */
    int placeBytes() {
        return placeBytes;
    }

    /** Whether requests are served at once, on the thread that makes them. */
    boolean isDirect() {
        return direct;
    }

    /** Whether there is something to do. Shard only. */
    boolean pending() {
        return !closed && ring.consumerPosition() != ring.producerPosition();
    }

    /**
     * Serves requests that wait; shard only. What comes meanwhile is for the next time: whoever was answered may ask again
     * while the shard is still here, and what the first request sends is to leave before a second one, to close, say,
     * changes it.
     *
     * @return how many were served
     */
    int poll(final int limit) {
        final long waiting = (ring.producerPosition() - ring.consumerPosition()) / MESSAGE_BYTES;
        return waiting == 0 || closed ? 0 : ring.read(reader, (int) Math.min(limit, waiting));
    }

    /**
     * Ends it: whoever waits, or comes later, learns that the stack is closed. Shard only.
     *
     * <p>The ring does not tell who waits: what a thread has claimed but not written yet hides all that is behind it, and a
     * request that the shard failed at with an {@link Error} is no longer in it.
     */
    void close() {
        closed = true;
        for (final Operation operation : operations) {
            operation.finish(SocketError.ENETDOWN.result());
        }
    }

    boolean isClosed() {
        return closed;
    }

    private void serve(final int kind, final MutableDirectBuffer buffer, final int index, final int length) {
        final Operation operation = operations[buffer.getInt(index)];
        int result = 0;
        try {
            final ShardSocket target = operation.target;
            result = target == null ? 0 : target.perform(kind, operation);
        } catch (final RuntimeException e) {
            operation.failure = e; // for the thread that asked
        }
        operation.finish(result);
    }
}
