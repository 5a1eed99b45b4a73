package io.millrace.stack.iface;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;

/**
 * The packets that wait for the link addresses of one family's neighbours, and those that waited in vain until their
 * senders are told.
 */
final class Waiting {
    private final int family;
    private final int limit;
    private final Backlog backlog;
    private final Resolver resolver;
    private final Counters<StackCounter> counters;

    /** Packets whose senders have to be told that nobody answered, and their number. */
    private int lost = Backlog.EMPTY;

    private int lostCount;

    /**
     * Makes an empty one.
     *
     * @param limit most packets that wait for one neighbour
     * @param backlog bounds what waits in all; others may share it
     */
    Waiting(
            final int family,
            final int limit,
            final Backlog backlog,
            final Resolver resolver,
            final Counters<StackCounter> counters) {
        this.family = family;
        this.limit = limit;
        this.backlog = backlog;
        this.resolver = resolver;
        this.counters = counters;
    }

    /** Takes a packet; when there are too many, the oldest one for the same neighbour goes (RFC 4861 section 7.2.2). */
    void add(final Neighbor neighbor, final long handle) {
        if (neighbor.queued == limit || (backlog.full() && neighbor.queued > 0)) {
            counters.increment(StackCounter.NEIGHBOR_QUEUE_FULL);
            resolver.drop(takeFirst(neighbor));
        }
        if (backlog.full()) {
            counters.increment(StackCounter.NEIGHBOR_QUEUE_FULL);
            resolver.drop(handle);
            return;
        }
        neighbor.queue = backlog.add(neighbor.queue, handle);
        neighbor.queued++;
    }

    /** Sends what waits for a neighbour to its link address. */
    void release(final Neighbor neighbor) {
        while (neighbor.queued > 0) {
            resolver.deliver(takeFirst(neighbor), family, neighbor.mac);
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
    void lose(final long handle) {
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
            resolver.unreachable(takeLost(), family);
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
