package io.millrace.stack;

import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.stack.iface.IpLayer;
import io.millrace.stack.iface.Link;
import io.millrace.stack.iface.address.AddressEntry;
import io.millrace.stack.iface.address.AddressListener;
import io.millrace.stack.iface.address.GroupListener;
import io.millrace.stack.iface.neighbor.NeighborEntry;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An interface of a stack as the application sees it. Its methods are for the stack's thread; what they return are
 * copies.
 */
public final class NetInterface {
    private final Link link;
    private final PortInfo port;
    private final IpLayer ipLayer;
    private final Consumer<IpAddress> addressGone;
    private final Counters<StackCounter> counters;
    private final Consumer<Throwable> failures;
    private final List<Cidr<? extends IpAddress>> addresses = new ArrayList<>();
    private @Nullable AddressListener listener;

    NetInterface(
            final Link link,
            final PortInfo port,
            final IpLayer ipLayer,
            final Consumer<IpAddress> addressGone,
            final Counters<StackCounter> counters,
            final Consumer<Throwable> failures) {
        this.link = link;
        this.port = port;
        this.ipLayer = ipLayer;
        this.addressGone = addressGone;
        this.counters = counters;
        this.failures = failures;
        link.onAddressChange(new Addresses());
    }

    /** Adds an address that was checked. */
    void begin(final Cidr<? extends IpAddress> cidr) {
        begin(cidr, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    private void begin(final Cidr<? extends IpAddress> cidr, final long preferredMicros, final long validMicros) {
        begin(cidr, false, preferredMicros, validMicros);
    }

    private void begin(
            final Cidr<? extends IpAddress> cidr,
            final boolean anycast,
            final long preferredMicros,
            final long validMicros) {
        final IpAddress address = cidr.address();
        addresses.add(cidr);
        ipLayer.addAddress(
                link,
                address.family(),
                address.hi(),
                address.lo(),
                cidr.prefixLength(),
                anycast,
                preferredMicros,
                validMicros);
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

    /** Its own addresses in whatever state, the link-local one that it formed itself included. */
    public List<Cidr<? extends IpAddress>> addresses() {
        return List.copyOf(addresses);
    }

    /** Its own addresses and where each stands in its life, those of IPv4 first. */
    public List<AddressEntry> addressEntries() {
        return link.addresses();
    }

    /**
     * Adds an address for good, checked as {@link InterfaceConfig#withDuplicateDetection} says; one that is there with the
     * same prefix is for good from now on. With the first IPv6 address an interface on Ethernet forms its link-local one.
     *
     * @throws IllegalArgumentException if the interface has the address with another prefix, or it names no single host
     */
    public void addAddress(final Cidr<? extends IpAddress> cidr) {
        addAddress(cidr, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * Adds an address for a time (RFC 4862 section 5.5.4), or gives one that is there other lifetimes, from now on.
     *
     * @param preferredMicros for how long connections choose it as their source; {@code Long.MAX_VALUE} for ever
     * @param validMicros after how long it is removed, no less; {@code Long.MAX_VALUE} for never
     * @throws IllegalArgumentException if a lifetime is negative, or preferred for longer than valid, or the address cannot
     *     be added
     */
    public void addAddress(final Cidr<? extends IpAddress> cidr, final long preferredMicros, final long validMicros) {
        if (preferredMicros < 0 || validMicros < preferredMicros) {
            throw new IllegalArgumentException("address " + cidr + " of " + name() + " is preferred for "
                    + preferredMicros + " us and valid for " + validMicros + " us; use 0 <= preferred <= valid");
        }
        if (addresses.contains(cidr)) {
            link.renewAddress(cidr.address(), preferredMicros, validMicros);
            return;
        }
        add(cidr, false, preferredMicros, validMicros);
    }

    /**
     * Adds an IPv6 anycast address for good: others have it too, and the nearest of them gets what is sent to it (RFC
     * 4291 section 2.6). It is neither checked nor announced, answers to neighbours who ask for it are delayed by up to
     * a second and replace nothing that they know (RFC 4861 section 7.2.7), and nothing is sent from it unless a socket
     * is bound to it.
     *
     * @throws IllegalArgumentException if the interface has it, or it names no single host
     */
    public void addAnycastAddress(final Cidr<Ipv6Address> cidr) {
        add(cidr, true, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    private void add(
            final Cidr<? extends IpAddress> cidr,
            final boolean anycast,
            final long preferredMicros,
            final long validMicros) {
        InterfaceSetup.check(cidr, port);
        boolean first6 = cidr.address().family() == IpFamily.V6;
        for (final Cidr<? extends IpAddress> other : addresses) {
            if (other.address().equals(cidr.address())) {
                throw new IllegalArgumentException(
                        "address " + cidr + " of " + name() + " is there already as " + other + "; remove that first");
            }
            first6 &= other.address().family() != IpFamily.V6;
        }
        if (first6 && mtu() < Ipv6View.MIN_MTU) {
            throw new IllegalArgumentException("address " + cidr + " of " + name() + " needs an MTU of "
                    + Ipv6View.MIN_MTU + "; the interface's is " + mtu());
        }
        begin(cidr, anycast, preferredMicros, validMicros);
        if (first6 && link.medium().hasLinkAddresses() && !cidr.address().isLinkLocal()) {
            begin(InterfaceSetup.linkLocal(link.mac()));
        }
    }

    /**
     * Removes an address and, with the last one of a network, the route to that. TCP connections from it end without a
     * word to their peers ({@code UNREACHABLE}). What else is bound to it stays so, but receives and sends no more.
     *
     * @return whether the interface had it
     */
    public boolean removeAddress(final IpAddress address) {
        return link.removeAddress(address);
    }

    /** Sets who hears what becomes of the addresses from now on. */
    public void onAddressChange(final AddressListener newListener) {
        listener = newListener;
    }

    /**
     * Changes the MAC address and announces it to the neighbours for every address in use (RFC 4861 section 7.2.6, RFC
     * 5227 section 3). The port must let frames to it through. Addresses stay, also the link-local one that was formed
     * from the old MAC address.
     *
     * @throws IllegalArgumentException if it names no single station, or the medium has none
     */
    public void setMacAddress(final MacAddress mac) {
        if (!link.medium().hasLinkAddresses() || !MacAddress.isUnicast(mac.value())) {
            throw new IllegalArgumentException("cannot set the MAC address of " + name() + " to " + mac
                    + ": it takes a unicast address, and a medium that has such");
        }
        link.mac(mac.value());
    }

    /**
     * Whether IPv6 is switched off because the check of the link-local address that follows from the MAC address found
     * that another station has it (RFC 4862 section 5.4.5). Packets are dropped both ways, routes and addresses stay.
     */
    public boolean ipv6Disabled() {
        return link.ipv6Disabled();
    }

    /**
     * Speaks IPv6 again, for instance after the MAC address was changed; its addresses are checked again. Harmless when
     * it does already.
     */
    public void enableIpv6() {
        link.enableIpv6();
    }

    /**
     * What the interface knows of its neighbours now, those of IPv4 first; a copy. Empty on mediums without link
     * addresses.
     */
    public List<NeighborEntry> neighbors() {
        return link.neighbors().entries(link.now());
    }

    /**
     * Sets the link address of a neighbour by hand, in place of what was learned: it is neither asked for nor changed by
     * what comes in until it is {@linkplain #removeNeighbor removed}.
     *
     * @throws IllegalArgumentException if the medium has no link addresses, or one of the two names no single station
     * @throws IllegalStateException if half of the table of neighbours is set by hand already
     */
    public void addNeighbor(final IpAddress address, final MacAddress mac) {
        if (!link.medium().hasLinkAddresses()) {
            throw new IllegalArgumentException(
                    "cannot set neighbour " + address + " of " + name() + ": its medium has no link addresses");
        }
        if (!address.isUnicast() || !MacAddress.isUnicast(mac.value())) {
            throw new IllegalArgumentException("cannot set neighbour " + address + " of " + name() + " to " + mac
                    + ": both must name one station; use unicast addresses");
        }
        if (!link.neighbors().add(address, mac, link.now())) {
            throw new IllegalStateException("cannot set neighbour " + address + " of " + name()
                    + ": half of the table is set by hand already; raise LinkLimits.neighbors");
        }
    }

    /**
     * Forgets the link address of a neighbour, whether set by hand or learned. One that is being asked for stays, for the
     * packets that wait for it.
     *
     * @return whether it was known
     */
    public boolean removeNeighbor(final IpAddress address) {
        return link.neighbors().remove(address);
    }

    /** Forgets all neighbours that were not set by hand, except those that packets wait for. */
    public void flushNeighbors() {
        link.neighbors().flush();
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

    /** Keeps lists and routes in step with the addresses, then tells the application. */
    private final class Addresses implements AddressListener {
        @Override
        public void onPreferred(final IpAddress address) {
            tell(to -> to.onPreferred(address));
        }

        @Override
        public void onDeprecated(final IpAddress address) {
            tell(to -> to.onDeprecated(address));
        }

        @Override
        public void onDuplicate(final IpAddress address, final MacAddress other) {
            tell(to -> to.onDuplicate(address, other));
        }

        @Override
        public void onConflict(final IpAddress address, final MacAddress other) {
            tell(to -> to.onConflict(address, other));
        }

        @Override
        public void onRemoved(final IpAddress address) {
            for (final Cidr<? extends IpAddress> cidr : List.copyOf(addresses)) {
                if (cidr.address().equals(address)) {
                    addresses.remove(cidr);
                    ipLayer.removeNetwork(link, address.family(), address.hi(), address.lo(), cidr.prefixLength());
                }
            }
            if (!ipLayer.isLocalAddress(address.family(), address.hi(), address.lo())) {
                addressGone.accept(address);
            }
            tell(to -> to.onRemoved(address));
        }

        @Override
        public void onIpv6Disabled() {
            tell(AddressListener::onIpv6Disabled);
        }

        @Override
        public void onIpv6Enabled() {
            tell(AddressListener::onIpv6Enabled);
        }

        private void tell(final Consumer<AddressListener> event) {
            if (listener == null) {
                return;
            }
            try {
                event.accept(listener);
            } catch (final RuntimeException e) {
                counters.increment(StackCounter.HANDLER_FAILURES);
                failures.accept(e);
            }
        }
    }
}
