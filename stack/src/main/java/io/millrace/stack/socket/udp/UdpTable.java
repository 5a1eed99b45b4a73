package io.millrace.stack.socket.udp;

import io.millrace.stack.random.Entropy;
import org.jspecify.annotations.Nullable;

/**
 * Sockets by family, local address and port. Open addressing with linear probing under a keyed hash, so that a datagram
 * costs one or two probes however many sockets there are.
 */
final class UdpTable {
    private final long seed;
    private @Nullable UdpSocket<?>[] slots = new UdpSocket<?>[64];
    private int size;

    UdpTable(final Entropy entropy) {
        seed = entropy.nextLong();
    }

    /** The socket that is bound to exactly this; the unspecified address is one of its own. */
    @Nullable
    UdpSocket<?> get(final int family, final long hi, final long lo, final int port) {
        final int mask = slots.length - 1;
        int slot = hash(family, hi, lo, port) & mask;
        UdpSocket<?> socket = slots[slot];
        while (socket != null && !socket.boundTo(family, hi, lo, port)) {
            slot = (slot + 1) & mask;
            socket = slots[slot];
        }
        return socket;
    }

    /** The socket that a datagram is for: one bound to its address before one bound to any. */
    @Nullable
    UdpSocket<?> find(final int family, final long hi, final long lo, final int port) {
        final UdpSocket<?> exact = get(family, hi, lo, port);
        return exact != null ? exact : get(family, 0, 0, port);
    }

    /** Adds a socket whose place is free. */
    void add(final UdpSocket<?> socket) {
        if (2 * (size + 1) > slots.length) {
            grow();
        }
        put(socket);
        size++;
    }

    /** Removes a socket that is in the table. */
    void remove(final UdpSocket<?> socket) {
        final int mask = slots.length - 1;
        int hole = hash(socket) & mask;
        while (slots[hole] != socket) {
            hole = (hole + 1) & mask;
        }
        // Close the gap: whatever lies behind it and does not belong further on moves into it.
        int next = hole;
        while (true) {
            next = (next + 1) & mask;
            final UdpSocket<?> moved = slots[next];
            if (moved == null) {
                break;
            }
            final int home = hash(moved) & mask;
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                slots[hole] = moved;
                hole = next;
            }
        }
        slots[hole] = null;
        size--;
    }

    /** Number of sockets. */
    int size() {
        return size;
    }

    /** Any socket; null if there is none. */
    @Nullable
    UdpSocket<?> any() {
        for (final UdpSocket<?> socket : slots) {
            if (socket != null) {
                return socket;
            }
        }
        return null;
    }

    private void put(final UdpSocket<?> socket) {
        final int mask = slots.length - 1;
        int slot = hash(socket) & mask;
        while (slots[slot] != null) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = socket;
    }

    private void grow() {
        final @Nullable UdpSocket<?>[] old = slots;
        slots = new UdpSocket<?>[2 * old.length];
        for (final UdpSocket<?> socket : old) {
            if (socket != null) {
                put(socket);
            }
        }
    }

    private int hash(final UdpSocket<?> socket) {
        return hash(socket.family(), socket.localHi(), socket.localLo(), socket.localPort());
    }

    private int hash(final int family, final long hi, final long lo, final int port) {
        long mixed = (hi ^ seed) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 32) ^ lo) * 0xD6E8FEB86659FD93L;
        mixed = (mixed ^ (mixed >>> 32) ^ ((long) family << 16 | port)) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32);
    }
}
