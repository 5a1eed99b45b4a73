package io.millrace.stack.iface;

import io.millrace.stack.timer.TimerNode;
import io.millrace.stack.wire.address.IpAddress;

/** One of an interface's addresses and where it stands in its life, which {@link AddressLife} leads. */
final class OwnAddress extends TimerNode {
    /** No time ever. */
    static final long NEVER = Long.MAX_VALUE;

    /** Its family. */
    final int family;

    /** Upper half. */
    final long hi;

    /** Lower half. */
    final long lo;

    /** Length of its network's prefix. */
    final int prefixLength;

    /** Whether others have it too, on purpose: it is neither checked nor announced (RFC 4291 section 2.6). */
    final boolean anycast;

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

    /** What the last solicitation for itself carried, to know it again (RFC 7527). */
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

    /** Whether packets may come from it and to it. */
    boolean usable() {
        return state != AddressState.TENTATIVE && state != AddressState.DUPLICATED;
    }

    /** Whether it is being checked. */
    boolean checking() {
        return state == AddressState.TENTATIVE || state == AddressState.OPTIMISTIC;
    }

    /** As an object. */
    IpAddress address() {
        return IpAddress.of(family, hi, lo);
    }
}
