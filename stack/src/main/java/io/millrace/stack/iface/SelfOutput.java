package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpRepr;
import java.lang.foreign.MemorySegment;

/** Sends what is for this stack itself: it waits in a {@link LocalQueue}, whole, without touching a port. */
final class SelfOutput {
    private final PacketStore packets;
    private final HeaderWriter headers;
    private final Routing routing;
    private final WatchedPackets watched;
    private final Counters<StackCounter> counters;
    private final LocalQueue queue;

    SelfOutput(
            final PacketStore packets,
            final HeaderWriter headers,
            final Routing routing,
            final WatchedPackets watched,
            final Counters<StackCounter> counters) {
        this.packets = packets;
        this.headers = headers;
        this.routing = routing;
        this.watched = watched;
        this.counters = counters;
        this.queue = new LocalQueue(packets, routing);
    }

    /** What waits to be received. */
    LocalQueue queue() {
        return queue;
    }

    /**
     * Sends a packet, which it takes over.
     *
     * @param length bytes of the packet, header included
     * @param link index of the interface by which it seems to come in, or {@link LocalQueue#ANY_LINK}
     * @return {@link IpOutput#SENT} or why not
     */
    int send(final long handle, final IpRepr ip, final int length, final int link) {
        if (queue.full()) {
            return drop(handle, StackCounter.LOCAL_QUEUE_FULL, IpOutput.BUSY);
        }
        if (!headers.write(handle, ip, length)) {
            return drop(handle, StackCounter.TX_NO_HEADROOM, IpOutput.TOO_BIG);
        }
        queue.add(handle, link);
        if (watched.isWatched(handle)) {
            watched.arrived(handle, routing.link(0).now());
        }
        return IpOutput.SENT;
    }

    /**
     * Lets sockets of this stack receive what is sent to a group that we are in, as if it came in by the same link.
     * Arguments as of {@link #send}; the packet stays the caller's.
     */
    void sendCopy(final long handle, final IpRepr ip, final int length, final int link) {
        final int count = packets.length(handle);
        final long copy = packets.allocate(count);
        if (copy == PacketPool.NONE) {
            counters.increment(StackCounter.NO_BUFFER);
            return;
        }
        MemorySegment.copy(
                packets.memory(handle),
                packets.dataOffset(handle),
                packets.memory(copy),
                packets.dataOffset(copy),
                count);
        packets.length(copy, count);
        send(copy, ip, length, link);
    }

    private int drop(final long handle, final StackCounter reason, final int result) {
        counters.increment(reason);
        packets.free(handle);
        return result;
    }
}
