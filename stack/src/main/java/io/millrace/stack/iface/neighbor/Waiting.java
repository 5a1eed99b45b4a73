package io.millrace.stack.iface.neighbor;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import org.jspecify.annotations.Nullable;

/**
 * The packets that wait for the link addresses of neighbours, and those that waited in vain until their
 * senders are told.
 */
final class Waiting {
    private final int limit;
    private final Backlog backlog;
    private final Resolver resolver;
    private final Counters<StackCounter> counters;

    /** Packets whose senders have to be told that nobody answered, and their number. */
    private int lost = Backlog.EMPTY;

    private int lostCount;

    /** Fragments of the datagram at hand for which room was made. */
    private int admitted;

    /**
     * Makes an empty one.
     *
     * @param limit most packets that wait for one neighbour
     * @param backlog bounds what waits in all; others may share it
     */
    Waiting(final int limit, final Backlog backlog, final Resolver resolver, final Counters<StackCounter> counters) {
        this.limit = limit;
        this.backlog = backlog;
        this.resolver = resolver;
        this.counters = counters;
    }

    /**
     * Makes room for the fragments of a datagram, which are then {@linkplain #add added} one after the other, so that it
     * waits whole or not at all. As with a single packet the oldest datagrams for the same neighbour go first; one
     * alone may have more fragments than a neighbour's limit, if all neighbours' leaves room.
     *
     * @param neighbor null for one that is not known
     * @return whether there is room
     */
    boolean admit(final @Nullable Neighbor neighbor, final int fragments) {
        while (neighbor != null
                && neighbor.queued > 0
                && (neighbor.queued + fragments > limit || backlog.room() < fragments)) {
            dropFirst(neighbor);
        }
        admitted = backlog.room() < fragments ? 0 : fragments;
        return admitted > 0;
    }

    /** Says that all fragments of a datagram were added that were to be. */
    void admitted() {
        admitted = 0;
    }

    /** Takes a packet; when there are too many, the oldest one for the same neighbour goes (RFC 4861 section 7.2.2). */
    void add(final Neighbor neighbor, final long handle) {
        if (admitted == 0) {
            while (neighbor.queued > 0 && (neighbor.queued >= limit || backlog.full())) {
                dropFirst(neighbor);
            }
        }
        if (backlog.full()) {
            counters.increment(StackCounter.NEIGHBOR_QUEUE_FULL);
            resolver.drop(handle);
            return;
        }
        neighbor.queue = backlog.add(neighbor.queue, handle, admitted > 1);
        neighbor.queued++;
        admitted = Math.max(0, admitted - 1);
    }

    /** Drops the oldest packet that waits for a neighbour, with all fragments that belong to it. */
    private void dropFirst(final Neighbor neighbor) {
        boolean more = true;
        while (more) {
            more = backlog.firstIsJoined(neighbor.queue);
            counters.increment(StackCounter.NEIGHBOR_QUEUE_FULL);
            resolver.drop(takeFirst(neighbor));
        }
    }

    /** Sends what waits for a neighbour to its link address. */
    void release(final Neighbor neighbor) {
        while (neighbor.queued > 0) {
            resolver.deliver(takeFirst(neighbor), neighbor.mac);
        }
    }

    /** Gives up what waits for a neighbour; the senders will be told. */
    void fail(final Neighbor neighbor) {
        while (neighbor.queued > 0) {
            lose(takeFirst(neighbor));
        }
    }

    /** Drops what waits for a neighbour that made room for another. */
    void drop(final Neighbor neighbor) {
        while (neighbor.queued > 0) {
            counters.increment(StackCounter.NEIGHBOR_UNREACHABLE);
            resolver.drop(takeFirst(neighbor));
        }
    }

    /** Keeps a packet for a neighbour that does not answer until its sender is told; without room for it, nobody is. */
    private void lose(final long handle) {
        counters.increment(StackCounter.NEIGHBOR_UNREACHABLE);
        if (backlog.full()) {
            resolver.drop(handle);
            return;
        }
        lost = backlog.add(lost, handle);
        lostCount++;
    }

    /** Whether there are senders to be told. */
    boolean anyLost() {
        return lostCount > 0;
    }

    /** Tells senders. That may lose packets in turn: those are for the next call. Returns how many it told. */
    int tell() {
        final int count = lostCount;
        for (int i = 0; i < count; i++) {
            resolver.unreachable(takeLost());
        }
        return count;
    }

    /** Frees what was lost. */
    void clear() {
        while (lostCount > 0) {
            resolver.drop(takeLost());
        }
    }

    private long takeFirst(final Neighbor neighbor) {
        final long handle = backlog.first(neighbor.queue);
        neighbor.queue = backlog.removeFirst(neighbor.queue);
        neighbor.queued--;
        return handle;
    }

    private long takeLost() {
        final long handle = backlog.first(lost);
        lost = backlog.removeFirst(lost);
        lostCount--;
        return handle;
    }
}
