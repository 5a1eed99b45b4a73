package io.millrace.stack.iface.address;

import io.millrace.stack.wire.address.IpAddress;

/**
 * Hears of the multicast groups that an interface enters and leaves: what those who report memberships to routers have to
 * know. However many joined a group, it is told once; the groups that follow from addresses (solicited-node groups) are
 * told as well, those that every host is in (224.0.0.1, ff02::1) too. Called on the stack's thread.
 */
public interface GroupListener {
    /** The first one joined the group. */
    void onJoin(IpAddress group);

    /** The last one left the group. */
    void onLeave(IpAddress group);
}
