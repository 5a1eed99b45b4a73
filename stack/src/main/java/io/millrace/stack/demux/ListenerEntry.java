package io.millrace.stack.demux;

import org.jspecify.annotations.Nullable;

/** What a {@link ListenerTable} holds: the local end that something listens on. */
public abstract class ListenerEntry {
    final int family;
    final long hi;
    final long lo;
    final int port;
    final boolean shared;

    @Nullable
    ListenerEntry sibling;

    /**
     * Makes an entry.
     *
     * @param family {@link io.millrace.stack.wire.IpFamily#V4} or {@code V6}
     * @param hi upper half of the address; an address of zeros stands for all of ours of that family
     * @param lo lower half of the address
     * @param port 1 to 65,535
     * @param shared whether others that are shared too may have the same place
     */
    protected ListenerEntry(final int family, final long hi, final long lo, final int port, final boolean shared) {
        this.family = family;
        this.hi = hi;
        this.lo = lo;
        this.port = port;
        this.shared = shared;
    }

    final boolean isWhere(final ListenerEntry other) {
        return port == other.port && is(other.family, other.hi, other.lo);
    }

    final boolean is(final int otherFamily, final long otherHi, final long otherLo) {
        return family == otherFamily && hi == otherHi && lo == otherLo;
    }
}
