package io.millrace.stack.demux;

import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who listens where: by port, and among those of one port by address, where a listener on the exact address goes before
 * one on all addresses. Not thread-safe.
 */
@SuppressWarnings("ReferenceEquality") // a listener is itself, not its value
public final class ListenerTable {
    private final Int2ObjectHashMap<ListenerEntry> byPort = new Int2ObjectHashMap<>();

    /** Makes an empty table. */
    public ListenerTable() {}

    /** Whether nobody listens. */
    public boolean isEmpty() {
        return byPort.isEmpty();
    }

    /** Whether anybody listens on a port, at whatever address. */
    public boolean hasPort(final int port) {
        return byPort.containsKey(port);
    }

    /** The listener for what arrives at an address of ours, or null. */
    public @Nullable ListenerEntry find(final int family, final long hi, final long lo, final int port) {
        ListenerEntry any = null;
        for (ListenerEntry entry = byPort.get(port); entry != null; entry = entry.sibling) {
            if (entry.is(family, hi, lo)) {
                return entry;
            }
            if (entry.is(family, 0, 0)) {
                any = entry;
            }
        }
        return any;
    }

    /**
     * Adds a listener.
     *
     * @return false, and nothing changed, if there is one with the same address and port
     */
    public boolean add(final ListenerEntry listener) {
        final ListenerEntry first = byPort.get(listener.port);
        for (ListenerEntry entry = first; entry != null; entry = entry.sibling) {
            if (entry.is(listener.family, listener.hi, listener.lo)) {
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
