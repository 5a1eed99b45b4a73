package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.PacketCheck;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Receives the frames of a conversation, one each time it is asked, and judges what is sent. */
final class FuzzedQueue implements PortQueue {
    private final Medium medium;
    private final PoolCache cache;
    private final PacketPool pool;
    private final Conversation conversation;
    private final Completion completion;
    private final PacketCheck check = new PacketCheck();
    private final boolean lenient;
    private boolean more;

    /**
     * Makes one.
     *
     * @param completion makes packets of the frames
     * @param lenient whether only the IP headers of what is sent are judged
     */
    FuzzedQueue(
            final Medium medium,
            final PoolCache cache,
            final Conversation conversation,
            final Completion completion,
            final boolean lenient) {
        this.completion = completion;
        this.lenient = lenient;
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
        final int room = pool.dataRoom() - pool.headroom();
        final int made = Math.min(conversation.length(), room);
        MemorySegment.copy(
                conversation.bytes(),
                conversation.offset(),
                pool.memory(),
                ValueLayout.JAVA_BYTE,
                pool.dataOffset(handle),
                made);
        final int length = completion.complete(pool.memory(), pool.dataOffset(handle), made, room);
        more = conversation.next();
        if (length == 0) {
            cache.free(handle);
            return 0;
        }
        BufferHeader.length(pool.memory(), handle, length);
        handles[0] = handle;
        return 1;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        for (int i = from; i < from + count; i++) {
            final long offset = pool.dataOffset(handles[i]);
            final int length = BufferHeader.length(pool.memory(), handles[i]);
            final String problem = lenient
                    ? headerProblem(pool.memory(), offset, length)
                    : check.problem(medium, pool.memory(), offset, length);
            if (problem != null) {
                throw new AssertionError("sent a packet with a " + problem);
            }
            cache.free(handles[i]);
        }
        return count;
    }

    /** What is wrong with the IP header of a packet without a link header. */
    private static @Nullable String headerProblem(final MemorySegment memory, final long offset, final int length) {
        if (length >= Ipv4View.MIN_LENGTH && Ipv4View.version(memory, offset) == IpFamily.V4) {
            final boolean right = Ipv4View.check(memory, offset, length) == Ipv4View.VALID
                    && Ipv4View.totalLength(memory, offset) == length
                    && Ipv4View.verifies(memory, offset, Ipv4View.headerLength(memory, offset));
            return right ? null : "wrong IPv4 header";
        }
        final boolean right = Ipv6View.check(memory, offset, length) == Ipv6View.VALID
                && Ipv6View.LENGTH + Ipv6View.payloadLength(memory, offset) == length;
        return right ? null : "wrong IPv6 header";
    }
}
