package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.wire.PacketCheck;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Receives the frames of a conversation, one each time it is asked, and judges what is sent. */
final class FuzzedQueue implements PortQueue {
    private final Medium medium;
    private final PoolCache cache;
    private final PacketPool pool;
    private final Conversation conversation;
    private final PacketCheck check = new PacketCheck();
    private boolean more;

    FuzzedQueue(final Medium medium, final PoolCache cache, final Conversation conversation) {
        this.medium = medium;
        this.cache = cache;
        this.pool = cache.pool();
        this.conversation = conversation;
        this.more = conversation.next();
    }

    /** Whether a frame is left. */
    boolean more() {
        return more;
    }

    /** Time until the next frame, in microseconds; at least 1. */
    long stepMicros() {
        return conversation.stepMicros();
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        if (!more || max == 0) {
            return 0;
        }
        final long handle = cache.allocate();
        if (handle == PacketPool.NONE) {
            more = conversation.next();
            return 0;
        }
        final int length = Math.min(conversation.length(), pool.dataRoom() - pool.headroom());
        MemorySegment.copy(
                conversation.bytes(),
                conversation.offset(),
                pool.memory(),
                ValueLayout.JAVA_BYTE,
                pool.dataOffset(handle),
                length);
        BufferHeader.length(pool.memory(), handle, length);
        handles[0] = handle;
        more = conversation.next();
        return 1;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        for (int i = from; i < from + count; i++) {
            final String problem = check.problem(
                    medium, pool.memory(), pool.dataOffset(handles[i]), BufferHeader.length(pool.memory(), handles[i]));
            if (problem != null) {
                throw new AssertionError("sent a packet with a " + problem);
            }
            cache.free(handles[i]);
        }
        return count;
    }
}
