package io.millrace.stack.iface;

import io.millrace.stack.timer.TimerNode;

/** One of an interface's addresses and where it stands in its life. */
final class OwnAddress extends TimerNode {
    /** Its family. */
    final int family;

    /** Upper half. */
    final long hi;

    /** Lower half. */
    final long lo;

    /** Length of its network's prefix. */
    final int prefixLength;

    /** Changed by {@link AddressSet#state} alone. */
    AddressState state;

    OwnAddress(final int family, final long hi, final long lo, final int prefixLength, final AddressState state) {
        this.family = family;
        this.hi = hi;
        this.lo = lo;
        this.prefixLength = prefixLength;
        this.state = state;
    }

    /** Whether packets may come from it and to it. */
    boolean usable() {
        return state != AddressState.TENTATIVE && state != AddressState.DUPLICATED;
    }
}
