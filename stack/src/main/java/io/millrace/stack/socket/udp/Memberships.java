package io.millrace.stack.socket.udp;

import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** The groups that a socket joined, each on an interface. */
final class Memberships {
    /** A group on an interface. */
    record Membership(IpAddress group, int interfaceIndex) {}

    private final List<Membership> joined = new ArrayList<>();

    /** Adds a membership; false if it is there. */
    boolean add(final IpAddress group, final int interfaceIndex) {
        final Membership membership = new Membership(group, interfaceIndex);
        return !joined.contains(membership) && joined.add(membership);
    }

    /** Removes a membership; false if it is not there. */
    boolean remove(final IpAddress group, final int interfaceIndex) {
        return joined.remove(new Membership(group, interfaceIndex));
    }

    /** All of them. */
    List<Membership> all() {
        return List.copyOf(joined);
    }

    /** Whether a datagram's destination is a group that was joined where it came in. */
    boolean cover(final IpRepr ip) {
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
