package io.millrace.stack.socket;

import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** The groups that a socket joined, each on an interface, until it leaves them. Not thread-safe. */
public final class Memberships {
    /** A group on an interface. */
    private record Membership(IpAddress group, int interfaceIndex) {}

    private final List<Membership> joined = new ArrayList<>();
    private boolean ever;

    /** None yet. */
    public Memberships() {}

    /**
     * Joins a group.
     *
     * @return false if it is a member already
     * @throws IllegalArgumentException if it is no group, or there is no such interface
     */
    public boolean join(final IpOutput output, final IpAddress group, final int interfaceIndex) {
        final Membership membership = new Membership(group, interfaceIndex);
        if (joined.contains(membership)) {
            return false;
        }
        output.join(interfaceIndex, group);
        joined.add(membership);
        ever = true;
        return true;
    }

    /** Leaves a group. Returns false if it is no member. */
    public boolean leave(final IpOutput output, final IpAddress group, final int interfaceIndex) {
        final boolean member = joined.remove(new Membership(group, interfaceIndex));
        if (member) {
            output.leave(interfaceIndex, group);
        }
        return member;
    }

    /** Whether it ever joined any. */
    public boolean joins() {
        return ever;
    }

    /** Leaves all groups. */
    public void leaveAll(final IpOutput output) {
        for (final Membership membership : joined) {
            output.leave(membership.interfaceIndex(), membership.group());
        }
        joined.clear();
    }

    /** Whether a datagram to a group is for a socket with these: whoever never joined any hears all. */
    public boolean hear(final IpRepr ip) {
        return !ever || !IpAddress.isMulticast(ip.family, ip.dstHi, ip.dstLo) || cover(ip);
    }

    private boolean cover(final IpRepr ip) {
        for (int i = 0; i < joined.size(); i++) {
            final Membership membership = joined.get(i);
            if (membership.interfaceIndex == ip.interfaceIndex
                    && membership.group.lo() == ip.dstLo
                    && membership.group.hi() == ip.dstHi) {
                return true;
            }
        }
        return false;
    }
}
