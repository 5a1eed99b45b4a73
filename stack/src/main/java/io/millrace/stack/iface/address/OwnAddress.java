package io.millrace.stack.iface.address;

import io.millrace.stack.timer.TimerNode;
import io.millrace.stack.wire.address.IpAddress;

/** One of an interface's addresses and where it stands in its life, which {@link AddressLife} leads. */
public final class OwnAddress extends TimerNode {
    /** No time ever. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Its family, as {@link io.millrace.stack.wire.IpFamily} counts them. */
    public final int family;

    /** Upper half of the address; 0 for IPv4. */
    public final long hi;

    /** Lower half of the address, or the IPv4 address zero-extended. */
    public final long lo;

    /** Length of its network's prefix in bits. */
    public final int prefixLength;

    /** Whether others have it too, on purpose: it is neither checked nor announced (RFC 4291 section 2.6). */
    public final boolean anycast;

    /** Changed by {@link AddressSet#state} alone. */
    AddressState state;

    /** Whether its timers run: the clock is known from the first poll on. */
    boolean begun;

    /** Until when it is preferred; before its timers run, for how long. */
    long preferredUntil = NEVER;

    /** When it is removed; before its timers run, after how long. */
    long validUntil = NEVER;

    /** When the next probe or announcement is due. */
    long nextStep = NEVER;

    /** Probes sent, or announcements left. */
    int steps;

    /** What is set for the next solicitation. */
    long nonce = Long.MIN_VALUE;

    /** When it was defended last. */
    long defended;

    OwnAddress(final int family, final long hi, final long lo, final int prefixLength, final AddressState state) {
        this(family, hi, lo, prefixLength, false, state);
    }

    OwnAddress(
            final int family,
            final long hi,
            final long lo,
            final int prefixLength,
            final boolean anycast,
            final AddressState state) {
        this.family = family;
        this.hi = hi;
        this.lo = lo;
        this.prefixLength = prefixLength;
        this.anycast = anycast;
        this.state = state;
    }

    /** Where it stands. */
    public AddressState state() {
        return state;
    }

    /** What the last solicitation for itself carried, to know it again (RFC 7527); 48 bits, less than 0 before it. */
    public long nonce() {
        return nonce;
    }

    /** Whether packets may come from it and to it. */
    public boolean usable() {
        return state != AddressState.TENTATIVE && state != AddressState.DUPLICATED;
    }

    /** Whether it is being checked. */
    public boolean checking() {
        return state == AddressState.TENTATIVE || state == AddressState.OPTIMISTIC;
    }

    /** As an object. */
    public IpAddress address() {
        return IpAddress.of(family, hi, lo);
    }
}
