package io.millrace.stack.iface;

import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.address.OwnAddress;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteKind;
import io.millrace.stack.route.RouteOrigin;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stack's interfaces and routes say of an address: whether it is ours, by which interface and next hop it is
 * reached, and from which of our addresses.
 *
 * <p>The stack is a strong end system (RFC 1122 section 3.3.4.2): an address belongs to its interface. Packets to it are
 * received there only, so that a filter at one interface is not passed by at another, and packets from it leave there
 * if a route allows, so that answers take the way of the questions, and gateways and neighbours see no foreign
 * addresses.
 */
final class Routing {
    private static final int EXPIRED_AT_ONCE = 64;

    private final RouteTable table = new RouteTable();
    private final List<Link> list = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final Entropy entropy;
    private Link[] links = new Link[0];
    private @Nullable SipHash flows;

    Routing(final Entropy entropy) {
        this.entropy = entropy;
    }

    /** Adds an interface; its index is its place. */
    void add(final Link link, final String name) {
        names.add(name);
        list.add(link);
        links = list.toArray(Link[]::new);
    }

    /** An interface by its index. */
    Link link(final int index) {
        return links[index];
    }

    /**
     * The index of the interface that a zone id means (RFC 4007 section 11): by its name, or by its index if none is
     * called so.
     *
     * @throws IllegalArgumentException if there is none
     */
    int zone(final String zone) {
        final int named = names.indexOf(zone);
        if (named >= 0) {
            return named;
        }
        for (int i = 0; i < links.length; i++) {
            if (Integer.toString(i).equals(zone)) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                "no interface has the name or index " + zone + "; there are " + names + ", counted from 0");
    }

    /** Whether a link takes packets. */
    boolean ready() {
        for (final Link link : links) {
            if (link.ready()) {
                return true;
            }
        }
        return false;
    }

    /** {@link io.millrace.stack.socket.IpOutput#holds}. */
    boolean holds(final int family, final long hi, final long lo, final long sentAt) {
        final int hop = table.findHop(family, hi, lo, RouteTable.ANY_INTERFACE);
        return hop != RouteTable.NONE
                && !table.isShared(hop) // else it may wait for another link
                && links[table.interfaceIndex(hop)].holds(sentAt);
    }

    /** Number of interfaces. */
    int linkCount() {
        return links.length;
    }

    /** Whether there is an interface of an index, which may be an application's. */
    boolean hasLink(final int index) {
        return index >= 0 && index < links.length;
    }

    /** The routes, for looking up only: changes go through this class. */
    RouteTable table() {
        return table;
    }

    /** Adds a route. Returns false if there are too many learned ones. */
    boolean add(final Route route) {
        final Link link = links[route.interfaceIndex()];
        if (!table.add(route)) {
            return false;
        }
        if (route.kind() == RouteKind.LOCAL) {
            final IpAddress network = route.destination().address();
            link.addresses(network.family())
                    .accept(network.hi(), network.lo(), route.destination().prefixLength());
        }
        return true;
    }

    /** Removes a route. Returns whether it was there. */
    boolean remove(final Route route) {
        if (!table.remove(route)) {
            return false;
        }
        forget(route);
        return true;
    }

    /** Adds the route to the network of an own address. */
    void connect(final Link link, final Cidr<? extends IpAddress> address) {
        table.add(connected(link, address));
    }

    /** Removes the route to the network of an own address that is gone, unless another one is in it. */
    void disconnect(final Link link, final Cidr<? extends IpAddress> address) {
        final AddressSet own = link.addresses(address.address().family());
        for (int i = 0; i < own.total(); i++) {
            final OwnAddress other = own.at(i);
            if (other.prefixLength == address.prefixLength() && address.contains(other.hi, other.lo)) {
                return;
            }
        }
        table.remove(connected(link, address));
    }

    /** Removes routes that are past their end. */
    int poll(final long now) {
        return table.poll(now, EXPIRED_AT_ONCE);
    }

    /** Whether an address is one of ours, at whichever interface, or any-IP makes it so. */
    boolean isLocal(final int family, final long hi, final long lo) {
        for (final Link link : links) {
            if (link.addresses(family).kind(hi, lo) == AddressSet.OWN) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether we have exactly this address, for what comes in by an interface: a link-local one elsewhere is another
     * (RFC 4007 section 6).
     */
    boolean owns(final int family, final long hi, final long lo, final Link by) {
        if (Ipv6Address.isLinkLocal(hi)) {
            return by.addresses(family).exactKind(hi, lo) == AddressSet.OWN;
        }
        for (final Link link : links) {
            if (link.addresses(family).exactKind(hi, lo) == AddressSet.OWN) {
                return true;
            }
        }
        return false;
    }

    /** Whether an address is an anycast address of some interface. */
    boolean isAnycast(final int family, final long hi, final long lo) {
        for (final Link link : links) {
            if (link.addresses(family).isAnycast(hi, lo)) {
                return true;
            }
        }
        return false;
    }

    /** The interface that has an own address; the first one if none has. */
    Link owner(final int family, final long hi, final long lo) {
        for (final Link link : links) {
            if (link.addresses(family).kind(hi, lo) == AddressSet.OWN) {
                return link;
            }
        }
        return links[0];
    }

    /**
     * What a destination is to us: of all interfaces if it is ours, else of the given one, or any if it is -1. A
     * link-local one is of the given one only.
     */
    int kind(final int family, final long hi, final long lo, final int interfaceIndex) {
        int kind = AddressSet.NONE;
        for (final Link link : links) {
            final int of = link.addresses(family).exactKind(hi, lo);
            final boolean here = interfaceIndex < 0 || interfaceIndex == link.index();
            if (of == AddressSet.OWN && (here || !Ipv6Address.isLinkLocal(hi))) {
                return of;
            }
            if (here) {
                kind = Math.max(kind, of);
            }
        }
        if (kind == AddressSet.NONE && family == IpFamily.V4 && Ipv4Address.isBroadcast(lo)) {
            return AddressSet.BROADCAST;
        }
        if (kind == AddressSet.NONE && table.hasLocal()) {
            final int hop = table.findHop(family, hi, lo, RouteTable.ANY_INTERFACE);
            return hop != RouteTable.NONE && table.kind(hop) == RouteKind.LOCAL ? AddressSet.OWN : kind;
        }
        return kind;
    }

    /**
     * Finds where a packet to send goes next.
     *
     * @param group whether it goes to a group or everyone, for which any interface that speaks its family will do
     * @return the number of the next hop, or {@link RouteTable#NONE}
     */
    int route(final IpRepr ip, final boolean group) {
        if (ip.interfaceIndex >= 0) {
            final int hop = table.findHop(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex);
            final boolean here = ip.strictInterface || group || Ipv6Address.isLinkLocal(ip.dstHi);
            if (hop != RouteTable.NONE || here) {
                return refused(hop) ? RouteTable.NONE : hop;
            }
        }
        final int best = table.findHop(ip.family, ip.dstHi, ip.dstLo, RouteTable.ANY_INTERFACE);
        if (best == RouteTable.NONE) {
            return group ? firstRoute(ip.family) : best;
        }
        if (refused(best)) {
            return RouteTable.NONE;
        }
        final int way = way(best, ip);
        return links.length > 1 && (ip.srcHi | ip.srcLo) != 0 ? byInterfaceOf(ip, way) : way;
    }

    /**
     * The next hop that a packet takes of those which have been found: all packets between two addresses the same, for
     * IPv6 all of one flow label (RFC 6438). Fragments have no ports that could count.
     */
    int way(final int hop, final IpRepr ip) {
        if (!table.isShared(hop)) {
            return hop;
        }
        final int label = ip.family == IpFamily.V6 ? Math.max(0, ip.flowLabel) : 0;
        SipHash hash = flows;
        if (hash == null) {
            hash = entropy.newHash(); // keyed, or routers in a row would all choose alike
            flows = hash;
        }
        return table.way(hop, (int) hash.hash(ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, label));
    }

    /** The interface by which a packet to send leaves, or null. */
    @Nullable
    Link towards(final IpRepr ip) {
        final boolean group = isGroup(ip);
        final int hop = route(ip, group);
        if (hop == RouteTable.NONE) {
            return group && hasLink(ip.interfaceIndex) ? links[ip.interfaceIndex] : null;
        }
        return links[table.interfaceIndex(hop)];
    }

    /** Whether a packet to send goes to a group or everyone. */
    boolean isGroup(final IpRepr ip) {
        return isGroup(ip, kind(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex));
    }

    /** The same of one whose destination's {@link #kind} is at hand. */
    static boolean isGroup(final IpRepr ip, final int kind) {
        return kind == AddressSet.BROADCAST || IpAddress.isMulticast(ip.family, ip.dstHi, ip.dstLo);
    }

    /** Chooses the source of a packet to send. Returns false if no route or no address is there. */
    boolean selectSource(final IpRepr ip) {
        final int kind = kind(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex);
        if (kind == AddressSet.OWN) {
            ip.srcHi = ip.dstHi;
            ip.srcLo = ip.dstLo;
            return true;
        }
        ip.srcHi = 0;
        ip.srcLo = 0;
        final boolean group = isGroup(ip, kind);
        final int hop = route(ip, group);
        if (hop == RouteTable.NONE && !(group && hasLink(ip.interfaceIndex))) {
            return false;
        }
        final Link link = links[hop == RouteTable.NONE ? ip.interfaceIndex : table.interfaceIndex(hop)];
        if (hop != RouteTable.NONE && preferred(ip, link, hop)) {
            return true;
        }
        final AddressSet own = link.addresses(ip.family);
        // A router of the other family is in none of our networks.
        final boolean apart = hop == RouteTable.NONE || table.nextHi(hop, ip.dstHi) != 0;
        final long next = apart ? ip.dstLo : table.nextLo(hop, ip.dstLo);
        final int choice = ip.family == IpFamily.V4
                ? SourceSelection.chooseV4(own, ip.dstLo, next)
                : SourceSelection.chooseV6(own, ip.dstHi, ip.dstLo);
        if (choice == SourceSelection.NONE) {
            return false;
        }
        ip.srcHi = own.hi(choice);
        ip.srcLo = own.lo(choice);
        return true;
    }

    /** Takes the source that the route prefers, while it is an address of its interface. */
    private boolean preferred(final IpRepr ip, final Link link, final int hop) {
        final IpAddress source = table.preferredSource(hop);
        if (source == null || link.addresses(ip.family).kind(source.hi(), source.lo()) != AddressSet.OWN) {
            return false;
        }
        ip.srcHi = source.hi();
        ip.srcLo = source.lo();
        return true;
    }

    /** The route by the interface that has the packet's source address, if there is one, else {@code best}. */
    private int byInterfaceOf(final IpRepr ip, final int best) {
        final int chosen = table.interfaceIndex(best);
        if (links[chosen].addresses(ip.family).kind(ip.srcHi, ip.srcLo) == AddressSet.OWN) {
            return best;
        }
        for (final Link link : links) {
            if (link.addresses(ip.family).kind(ip.srcHi, ip.srcLo) == AddressSet.OWN) {
                final int hop = table.findHop(ip.family, ip.dstHi, ip.dstLo, link.index());
                if (hop != RouteTable.NONE && !refused(hop)) {
                    return hop;
                }
            }
        }
        return best;
    }

    private boolean refused(final int hop) {
        return hop != RouteTable.NONE && table.kind(hop) != RouteKind.UNICAST;
    }

    /** A route of the first interface that speaks a family, for groups, which need no other. */
    private int firstRoute(final int family) {
        for (final Link link : links) {
            final AddressSet own = link.addresses(family);
            if (own.count() > 0) {
                return table.findHop(family, own.hi(0), own.lo(0), link.index());
            }
        }
        return RouteTable.NONE;
    }

    private void forget(final Route route) {
        if (route.kind() == RouteKind.LOCAL) {
            final IpAddress network = route.destination().address();
            links[route.interfaceIndex()]
                    .addresses(network.family())
                    .refuse(network.hi(), network.lo(), route.destination().prefixLength());
        }
    }

    private static Route connected(final Link link, final Cidr<? extends IpAddress> address) {
        return Route.onLink(address, link.index()).withOrigin(RouteOrigin.CONNECTED);
    }
}
