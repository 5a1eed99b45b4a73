package io.millrace.stack.demux;

import io.millrace.stack.random.SipHash;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who listens where: by port, and among those of one port by address, where a listener on the exact address goes before
 * one on all addresses. Those that share a place are chosen by a keyed hash of both ends, so that all segments of a
 * handshake come to the same one. Not thread-safe.
 */
@SuppressWarnings("ReferenceEquality") // a listener is itself, not its value
public final class ListenerTable {
    private final Int2ObjectHashMap<ListenerEntry> byPort = new Int2ObjectHashMap<>();
    private final SipHash hash;

    /** Makes an empty table. */
    public ListenerTable(final SipHash hash) {
        this.hash = hash;
    }

    /** Whether nobody listens. */
    public boolean isEmpty() {
        return byPort.isEmpty();
    }

    /** Whether anybody listens on a port, at whatever address. */
    public boolean hasPort(final int port) {
        return byPort.containsKey(port);
    }

    /** Whether anybody listens on a port, at whatever address of a family. */
    public boolean hasPort(final int family, final int port) {
        for (ListenerEntry entry = byPort.get(port); entry != null; entry = entry.sibling) {
            if (entry.family == family) {
                return true;
            }
        }
        return false;
    }

    /** The listener for what arrives at an address of ours from a peer, or null. */
    public @Nullable ListenerEntry find(
            final int family,
            final long hi,
            final long lo,
            final int port,
            final long remoteHi,
            final long remoteLo,
            final int remotePort) {
        final ListenerEntry found = find(family, hi, lo, port);
        if (found == null || !found.shared) {
            return found;
        }
        return choose(found, hash.hash(remoteHi, remoteLo, hi, lo, (long) port << 16 | remotePort));
    }

    private static ListenerEntry choose(final ListenerEntry first, final long mixed) {
        int count = 1;
        for (ListenerEntry entry = first.sibling; entry != null; entry = entry.sibling) {
            count += entry.isWhere(first) ? 1 : 0;
        }
        long skipped = ((mixed >>> 32) * count) >>> 32;
        ListenerEntry chosen = first;
        for (ListenerEntry entry = first.sibling; entry != null && skipped > 0; entry = entry.sibling) {
            if (entry.isWhere(first)) {
                chosen = entry;
                skipped--;
            }
        }
        return chosen;
    }

    /** A listener for what arrives at an address of ours, or null. */
    public @Nullable ListenerEntry find(final int family, final long hi, final long lo, final int port) {
        ListenerEntry any = null;
        for (ListenerEntry entry = byPort.get(port); entry != null; entry = entry.sibling) {
            if (entry.is(family, hi, lo)) {
                return entry;
            }
            if (any == null && entry.is(family, 0, 0)) {
                any = entry;
            }
        }
        return any;
    }

    /**
     * Adds a listener.
     *
     * @return false, and nothing changed, if there is one with the same address and port, and not both are shared
     */
    public boolean add(final ListenerEntry listener) {
        final ListenerEntry first = byPort.get(listener.port);
        for (ListenerEntry entry = first; entry != null; entry = entry.sibling) {
            if (entry.isWhere(listener) && !(entry.shared && listener.shared)) {
                return false;
            }
        }
        listener.sibling = first;
        byPort.put(listener.port, listener);
        return true;
    }

    /** Removes a listener. Does nothing if it is not in the table. */
    public void remove(final ListenerEntry listener) {
        ListenerEntry previous = null;
        for (ListenerEntry entry = byPort.get(listener.port); entry != null; entry = entry.sibling) {
            if (entry == listener) {
                if (previous != null) {
                    previous.sibling = entry.sibling;
                } else if (entry.sibling != null) {
                    byPort.put(listener.port, entry.sibling);
                } else {
                    byPort.remove(listener.port);
                }
                entry.sibling = null;
                return;
            }
            previous = entry;
        }
    }

    /** Copies all listeners to a new array. */
    public ListenerEntry[] toArray() {
        int count = 0;
        for (final ListenerEntry first : byPort.values()) {
            for (ListenerEntry entry = first; entry != null; entry = entry.sibling) {
                count++;
            }
        }
        final ListenerEntry[] all = new ListenerEntry[count];
        for (final ListenerEntry first : byPort.values()) {
            for (ListenerEntry entry = first; entry != null; entry = entry.sibling) {
                all[--count] = entry;
            }
        }
        return all;
    }
}
