package io.millrace.stack;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.stack.iface.GroupListener;
import io.millrace.stack.iface.Link;
import io.millrace.stack.iface.NeighborEntry;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.util.List;

/** An interface of a stack as the application sees it. */
public final class NetInterface {
    private final Link link;
    private final PortInfo port;
    private final List<Cidr<? extends IpAddress>> addresses;

    NetInterface(final Link link, final PortInfo port, final List<Cidr<? extends IpAddress>> addresses) {
        this.link = link;
        this.port = port;
        this.addresses = List.copyOf(addresses);
    }

    /** Index within its stack, from 0. */
    public int index() {
        return link.index();
    }

    /** The port's name. */
    public String name() {
        return port.name();
    }

    /** What the port is. */
    public PortInfo port() {
        return port;
    }

    /** Its MAC address; all zeros if the medium has none. */
    public MacAddress macAddress() {
        return new MacAddress(link.mac());
    }

    /** Largest IP packet in bytes. */
    public int mtu() {
        return link.mtu();
    }

    /** Its own addresses, the link-local one that it formed itself included. */
    public List<Cidr<? extends IpAddress>> addresses() {
        return addresses;
    }

    /**
     * What the interface knows of its neighbours now, those of IPv4 first; a copy. Empty on mediums without link
     * addresses.
     */
    public List<NeighborEntry> neighbors() {
        return link.neighbors();
    }

    /**
     * Sets the link address of a neighbour by hand, in place of what was learned: it is neither asked for nor changed by
     * what comes in until it is {@linkplain #removeNeighbor removed}.
     *
     * @throws IllegalArgumentException if the medium has no link addresses, or one of the two names no single station
     * @throws IllegalStateException if half of the table of neighbours is set by hand already
     */
    public void addNeighbor(final IpAddress address, final MacAddress mac) {
        if (link.medium() != Medium.ETHERNET) {
            throw new IllegalArgumentException(
                    "cannot set neighbour " + address + " of " + name() + ": its medium has no link addresses");
        }
        if (!address.isUnicast() || !MacAddress.isUnicast(mac.value())) {
            throw new IllegalArgumentException("cannot set neighbour " + address + " of " + name() + " to " + mac
                    + ": both must name one station; use unicast addresses");
        }
        if (!link.addNeighbor(address, mac)) {
            throw new IllegalStateException("cannot set neighbour " + address + " of " + name()
                    + ": half of the table is set by hand already; raise LinkLimits.neighbors");
        }
    }

    /**
     * Forgets a neighbour, whether set by hand or learned; packets that wait for it are dropped.
     *
     * @return whether it was known
     */
    public boolean removeNeighbor(final IpAddress address) {
        return link.removeNeighbor(address);
    }

    /** Forgets all neighbours that were not set by hand. */
    public void flushNeighbors() {
        link.flushNeighbors();
    }

    /**
     * Lets the interface receive what is sent to a multicast group. Joins are counted: it stays in the group until it
     * was left as often as it was joined. Nothing tells routers of it unless a {@linkplain #onGroupChange listener} does.
     *
     * @throws IllegalArgumentException if the address is not that of a group
     */
    public void join(final IpAddress group) {
        if (!group.isMulticast()) {
            throw new IllegalArgumentException("cannot join " + group + " on " + name()
                    + ": it is no multicast address; use one of 224.0.0.0/4 or ff00::/8");
        }
        link.join(group);
    }

    /**
     * Takes one {@link #join} back.
     *
     * @throws IllegalArgumentException if there is none left to take back
     */
    public void leave(final IpAddress group) {
        link.leave(group);
    }

    /** Sets who hears of the groups that the interface enters and leaves, those it is in included. */
    public void onGroupChange(final GroupListener listener) {
        link.onGroupChange(listener);
    }

    /** Name and addresses. */
    @Override
    public String toString() {
        return name() + " " + addresses;
    }
}
