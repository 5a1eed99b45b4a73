package io.millrace.stack;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.stack.iface.Ingress;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What configuration and port make together, checked.
 *
 * @param mac MAC address; 0 if the medium has none
 * @param mtu largest IP packet in bytes
 * @param addresses own addresses
 */
record InterfaceSetup(long mac, int mtu, List<Cidr<? extends IpAddress>> addresses) {
    private static final int LINK_LOCAL_PREFIX = 64;

    /** Checks and joins them. */
    static InterfaceSetup of(final InterfaceConfig config, final PortInfo port) {
        final long mac = mac(config, port);
        if (port.medium() != Medium.ETHERNET && config.format().vlan().tags() > 0) {
            throw new IllegalArgumentException(
                    "VLAN of " + port.name() + ", whose packets have no Ethernet header; leave it out");
        }
        final List<Cidr<? extends IpAddress>> addresses = new ArrayList<>(config.addresses());
        for (final Cidr<? extends IpAddress> cidr : addresses) {
            check(cidr, port);
        }
        if (port.medium().hasLinkAddresses()
                && speaks(addresses, IpFamily.V6)
                && !any(addresses, cidr -> linkLocal6(cidr.address()))) {
            addresses.add(linkLocal(mac));
        }
        for (final IpAddress gateway : config.gateways()) {
            check(gateway, addresses, port);
        }
        return new InterfaceSetup(mac, mtu(config, port, addresses), addresses);
    }

    private static long mac(final InterfaceConfig config, final PortInfo port) {
        final MacAddress override = config.mac();
        if (!port.medium().hasLinkAddresses()) {
            if (override != null) {
                throw new IllegalArgumentException("MAC address " + override + " of " + port.name()
                        + ", whose packets have no Ethernet header; leave it out");
            }
            return 0;
        }
        final long mac = override == null ? port.macAddress() : override.value();
        if (!MacAddress.isUnicast(mac)) {
            throw new IllegalArgumentException("MAC address " + new MacAddress(mac) + " of " + port.name()
                    + " names no single station; use one whose first octet is even, for instance 02:00:00:00:00:01");
        }
        return mac;
    }

    /** Checks an address that an interface is to have. */
    static void check(final Cidr<? extends IpAddress> cidr, final PortInfo port) {
        if (!cidr.address().isUnicast()) {
            throw new IllegalArgumentException(
                    "address " + cidr + " of " + port.name() + " names no single host; use a unicast address");
        }
        if (cidr.broadcast().filter(cidr.address()::equals).isPresent()) {
            throw new IllegalArgumentException("address " + cidr + " of " + port.name()
                    + " is its network's broadcast address; use another host part");
        }
    }

    private static void check(
            final IpAddress gateway, final List<Cidr<? extends IpAddress>> addresses, final PortInfo port) {
        final boolean near = any(addresses, cidr -> cidr.contains(gateway));
        if (!near && !linkLocal6(gateway)) {
            throw new IllegalArgumentException("gateway " + gateway + " of " + port.name()
                    + " is in none of the interface's networks " + addresses + "; use a neighbour's address");
        }
        if (any(addresses, cidr -> cidr.address().equals(gateway))) {
            throw new IllegalArgumentException(
                    "gateway " + gateway + " of " + port.name() + " is the interface's own address; use the router's");
        }
    }

    private static int mtu(
            final InterfaceConfig config, final PortInfo port, final List<Cidr<? extends IpAddress>> addresses) {
        final int mtu = config.mtu() == 0 ? port.mtu() : config.mtu();
        final int least = Ingress.minMtu(speaks(addresses, IpFamily.V6) ? IpFamily.V6 : IpFamily.V4);
        if (mtu < least || mtu > port.mtu()) {
            throw new IllegalArgumentException(
                    "MTU " + mtu + " of " + port.name() + "; it is " + least + " to " + port.mtu());
        }
        return mtu;
    }

    private static boolean speaks(final List<Cidr<? extends IpAddress>> addresses, final int family) {
        return any(addresses, cidr -> cidr.address().family() == family);
    }

    private static boolean any(
            final List<Cidr<? extends IpAddress>> addresses, final Predicate<Cidr<? extends IpAddress>> condition) {
        for (final Cidr<? extends IpAddress> cidr : addresses) {
            if (condition.test(cidr)) {
                return true;
            }
        }
        return false;
    }

    /** The link-local address that follows from a MAC address. */
    static Cidr<Ipv6Address> linkLocal(final long mac) {
        return new Cidr<>(Ipv6Address.linkLocal(mac), LINK_LOCAL_PREFIX);
    }

    private static boolean linkLocal6(final IpAddress address) {
        return address.family() == IpFamily.V6 && address.isLinkLocal();
    }
}
