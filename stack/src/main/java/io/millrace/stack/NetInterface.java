package io.millrace.stack;

import io.millrace.dataplane.port.PortInfo;
import io.millrace.stack.iface.Link;
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

    /** Name and addresses. */
    @Override
    public String toString() {
        return name() + " " + addresses;
    }
}
