package io.millrace.stack.iface;

import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;

/**
 * Chooses among the addresses of the interface that a packet leaves by the one that it comes from, after RFC 6724 section
 * 5. Of its rules, 1 (the destination itself) is met before, since packets to us do not leave; 4 (home addresses) and 7
 * (temporary addresses) need what this stack does not have; 5 (the outgoing interface) is met by every candidate, for
 * hosts here follow the strong end system model. Addresses that are being checked for duplicates are no candidates.
 *
 * <p>For IPv4, which has no such document, the rules are those that carry over: scope, deprecation, then the network of
 * the next hop, then the order of the configuration, as Linux does.
 */
final class SourceSelection {
    /** There is no address to choose. */
    static final int NONE = -1;

    private SourceSelection() {}

    /**
     * Chooses an IPv4 address.
     *
     * @param dst destination
     * @param next next hop
     * @return its index among {@code own}, or {@link #NONE}
     */
    static int chooseV4(final AddressSet own, final long dst, final long next) {
        int best = own.count() > 0 ? 0 : NONE;
        for (int i = 1; i < own.count(); i++) {
            if (betterV4(own, i, best, dst, next)) {
                best = i;
            }
        }
        return best;
    }

    /**
     * Chooses an IPv6 address.
     *
     * @return its index among {@code own}, or {@link #NONE}
     */
    static int chooseV6(final AddressSet own, final long dstHi, final long dstLo) {
        int best = own.count() > 0 ? 0 : NONE;
        if (own.count() > 1) {
            final int scope = Ipv6Address.scope(dstHi, dstLo);
            final int label = PolicyTable.label(dstHi, dstLo);
            for (int i = 1; i < own.count(); i++) {
                if (betterV6(own, i, best, dstHi, dstLo, scope, label)) {
                    best = i;
                }
            }
        }
        return best;
    }

    private static boolean betterV4(final AddressSet own, final int a, final int b, final long dst, final long next) {
        final boolean near = Ipv4Address.isLinkLocal(dst);
        final boolean scopeA = Ipv4Address.isLinkLocal(own.lo(a)) == near;
        final boolean scopeB = Ipv4Address.isLinkLocal(own.lo(b)) == near;
        if (scopeA != scopeB) {
            return scopeA;
        }
        final boolean deprecatedA = own.state(a) == AddressState.DEPRECATED;
        if (deprecatedA != (own.state(b) == AddressState.DEPRECATED)) {
            return !deprecatedA;
        }
        final int networkA = own.sameNetwork(a, 0, next) ? own.prefixLength(a) : NONE;
        final int networkB = own.sameNetwork(b, 0, next) ? own.prefixLength(b) : NONE;
        return networkA > networkB;
    }

    private static boolean betterV6(
            final AddressSet own,
            final int a,
            final int b,
            final long dstHi,
            final long dstLo,
            final int scope,
            final int label) {
        // Rule 2: the smaller scope, unless it does not reach the destination.
        final int scopeA = Ipv6Address.scope(own.hi(a), own.lo(a));
        final int scopeB = Ipv6Address.scope(own.hi(b), own.lo(b));
        if (scopeA != scopeB) {
            return scopeA < scopeB ? scopeA >= scope : scopeB < scope;
        }
        // Rule 3. An optimistic address counts as deprecated (RFC 4429 section 3.2).
        final boolean preferredA = own.state(a) == AddressState.PREFERRED;
        if (preferredA != (own.state(b) == AddressState.PREFERRED)) {
            return preferredA;
        }
        // Rule 6.
        final boolean labelA = PolicyTable.label(own.hi(a), own.lo(a)) == label;
        if (labelA != (PolicyTable.label(own.hi(b), own.lo(b)) == label)) {
            return labelA;
        }
        // Rule 8.
        return common(own, a, dstHi, dstLo) > common(own, b, dstHi, dstLo);
    }

    /** Leading bits that an own address shares with the destination, those of its interface identifier left out. */
    private static int common(final AddressSet own, final int index, final long hi, final long lo) {
        final long differHi = own.hi(index) ^ hi;
        final int bits = differHi == 0
                ? 64 + Long.numberOfLeadingZeros(own.lo(index) ^ lo)
                : Long.numberOfLeadingZeros(differHi);
        return Math.min(bits, own.prefixLength(index));
    }
}
