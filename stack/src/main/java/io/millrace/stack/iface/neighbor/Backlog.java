package io.millrace.stack.iface.neighbor;

import io.millrace.dataplane.buffer.PacketPool;

/**
 * Queues of packets that share one bounded store: the packets that wait for neighbours. A queue is the index of its last
 * node, which links to its first one; {@link #EMPTY} if it has none. Fragments of one datagram are joined: each knows
 * whether the next one belongs to it.
 */
final class Backlog {
    /** The queue without packets. */
    static final int EMPTY = -1;

    private final long[] handles;
    private final int[] next;
    private final boolean[] joined;
    private int free;
    private int size;

    /** Makes a store for {@code capacity} packets. */
    Backlog(final int capacity) {
        handles = new long[capacity];
        next = new int[capacity];
        joined = new boolean[capacity];
        for (int i = 0; i < capacity; i++) {
            next[i] = i + 1 < capacity ? i + 1 : EMPTY;
        }
        free = capacity > 0 ? 0 : EMPTY;
    }

    /** Whether no packet more fits in. */
    boolean full() {
        return free == EMPTY;
    }

    /** How many packets more fit in. */
    int room() {
        return handles.length - size;
    }

    /** Packets in all queues. */
    int size() {
        return size;
    }

    /** Appends a packet; the store must not be full. Returns the queue from now on. */
    int add(final int queue, final long handle) {
        return add(queue, handle, false);
    }

    /** Appends a packet, to which the next one that is appended may be joined. */
    int add(final int queue, final long handle, final boolean joinedToNext) {
        final int node = free;
        free = next[node];
        handles[node] = handle;
        joined[node] = joinedToNext;
        size++;
        if (queue == EMPTY) {
            next[node] = node;
        } else {
            next[node] = next[queue];
            next[queue] = node;
        }
        return node;
    }

    /** The first packet of a queue; {@link PacketPool#NONE} if it is empty. */
    long first(final int queue) {
        return queue == EMPTY ? PacketPool.NONE : handles[next[queue]];
    }

    /** Whether the second packet of a queue belongs to its first one. */
    boolean firstIsJoined(final int queue) {
        return queue != EMPTY && joined[next[queue]];
    }

    /** Removes the first packet; the queue must not be empty. Returns the queue from now on. */
    int removeFirst(final int queue) {
        final int node = next[queue];
        final int rest = node == queue ? EMPTY : queue;
        next[queue] = next[node];
        next[node] = free;
        free = node;
        size--;
        return rest;
    }
}
