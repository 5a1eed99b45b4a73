package io.millrace.stack.iface;

import io.millrace.stack.iface.address.AddressState;

/**
 * Hears what a stack finds out that other stacks at the same interfaces, those of other shards, should know as well.
 * Called on the stack's thread, from within {@code poll} for the most part; it must not call the stack. Addresses are
 * in the form of {@link io.millrace.stack.wire.IpFamily}. Every method does nothing unless it is overridden.
 */
public interface ShardNews {
    /** Tells nobody. */
    ShardNews NONE = new ShardNews() {};

    /** A neighbour was found, or has another link address than was known. */
    default void onNeighbor(final int interfaceIndex, final int family, final long hi, final long lo, final long mac) {}

    /**
     * An own address was checked: it is {@link AddressState#PREFERRED}, or {@link AddressState#DUPLICATED}.
     *
     * @param other link address of the station that has it, if it is duplicated
     */
    default void onAddress(
            final int interfaceIndex,
            final int family,
            final long hi,
            final long lo,
            final AddressState state,
            final long other) {}

    /** A listener at a TCP port sends SYN cookies, which may come back to any shard. */
    default void onCookies(final int port) {}

    /** Packets to a destination may be no longer than this many bytes, IP header included. */
    default void onPathMtu(final int family, final long hi, final long lo, final int mtu) {}
}
