package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.fragment.FragmentIds;
import io.millrace.stack.iface.fragment.Fragmenter;
import io.millrace.stack.iface.path.PathMtus;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.route.RouteOrigin;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.TransmitWatcher;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv6Address;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way out: routes, source addresses, IP headers, fragments. Packets to own addresses turn round here, whole, and are
 * received in the next poll without touching a port.
 */
public final class IpLayer implements IpOutput {
    private final PacketStore packets;
    private final HeaderWriter headers;
    private final FragmentOutput fragments;
    private final RunOutput runs;
    private final PathMtus pathMtus;
    private final PathLimits limits;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final Routing routing;
    private final RouteTable routes;
    private boolean completesChecksums;

    private final IpRepr destination = new IpRepr();

    private final SelfOutput self;
    private final WatchedPackets watched;

    /** The packet that is being received; {@link PacketPool#NONE} once it was sent on as an answer. */
    private long received = PacketPool.NONE;

    /**
     * Makes one without interfaces.
     *
     * @param flowLabels whether to label flows of IPv6 for which sockets do not say
     */
    public IpLayer(
            final PacketStore packets,
            final Entropy entropy,
            final boolean flowLabels,
            final Counters<StackCounter> counters) {
        this.packets = packets;
        this.routing = new Routing(entropy);
        this.routes = routing.table();
        final FragmentIds ids = new FragmentIds(entropy);
        this.headers = new HeaderWriter(packets, ids, flowLabels ? new FlowLabels(entropy) : null);
        this.pathMtus = new PathMtus(entropy);
        this.limits = new PathLimits(routing, pathMtus, packets.pool());
        this.runs = new RunOutput(packets, headers, routing, limits, counters);
        this.pool = packets.pool();
        this.memory = pool.memory();
        this.watched = new WatchedPackets(memory);
        this.fragments = new FragmentOutput(packets, headers, ids, watched, counters);
        this.self = new SelfOutput(packets, headers, routing, watched, counters);
        this.counters = counters;
    }

    /** Adds an interface; its index is its place. */
    public void addLink(final Link link, final String name) {
        routing.add(link, name);
        runs.added(link);
        link.watched(watched);
        completesChecksums |= link.completesChecksums();
        if (completesChecksums) {
            for (int i = 0; i < routing.linkCount(); i++) {
                routing.link(i).expectPartialChecksums();
            }
        }
    }

    /**
     * Adds an own address of an interface, and the route to its network.
     *
     * @param anycast whether others have it too, on purpose
     * @param preferredMicros for how long it is preferred; {@code Long.MAX_VALUE} for ever
     * @param validMicros after how long it is removed; {@code Long.MAX_VALUE} for never
     */
    public void addAddress(
            final Link link,
            final int family,
            final long hi,
            final long lo,
            final int prefixLength,
            final boolean anycast,
            final long preferredMicros,
            final long validMicros) {
        link.addAddress(family, hi, lo, prefixLength, anycast, preferredMicros, validMicros);
        routing.connect(link, new Cidr<>(IpAddress.of(family, hi, lo), prefixLength));
    }

    /** Removes the route to the network of an address that an interface no longer has, unless another one is in it. */
    public void removeNetwork(final Link link, final int family, final long hi, final long lo, final int prefixLength) {
        routing.disconnect(link, new Cidr<>(IpAddress.of(family, hi, lo), prefixLength));
    }

    /** Adds a route by one of the interfaces. Returns false if there are too many that others taught. */
    public boolean addRoute(final Route route) {
        return routing.add(route);
    }

    /** Removes a route. Returns whether it was there. */
    public boolean removeRoute(final Route route) {
        return routing.remove(route);
    }

    /** All routes, a copy. */
    public List<Route> routes() {
        return routes.snapshot();
    }

    /** The best route to a destination, as a copy; null if there is none. */
    public @Nullable Route routeTo(final IpAddress destination) {
        final int route =
                routes.find(destination.family(), destination.hi(), destination.lo(), RouteTable.ANY_INTERFACE);
        return route == RouteTable.NONE ? null : routes.route(route);
    }

    /** Removes routes that are past their end; returns how many. */
    public int pollRoutes(final long now) {
        return routing.poll(now);
    }

    /** When the next route goes; {@code Long.MAX_VALUE} for never. */
    public long routesPollAt() {
        return routes.pollAt();
    }

    /** What cuts packets that are too long for a link. */
    Fragmenter fragmenter() {
        return fragments.fragmenter();
    }

    /** Removes what a redirect taught of a destination, if one did. */
    void forgetRedirect(final int family, final long hi, final long lo, final int interfaceIndex) {
        final int number = routes.find(family, hi, lo, interfaceIndex);
        if (number != RouteTable.NONE) {
            final Route route = routes.route(number);
            if (route.origin() == RouteOrigin.REDIRECT) {
                routing.remove(route);
            }
        }
    }

    /** What interfaces and routes say of addresses. */
    Routing routing() {
        return routing;
    }

    @Override
    public PacketStore packets() {
        return packets;
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public long allocate() {
        final long handle = packets.allocate();
        if (handle == PacketPool.NONE) {
            counters.increment(StackCounter.NO_BUFFER);
        }
        return handle;
    }

    @Override
    public long allocate(final int length) {
        final long handle = packets.allocate(length);
        if (handle == PacketPool.NONE) {
            counters.increment(StackCounter.NO_BUFFER);
        }
        return handle;
    }

    @Override
    public void free(final long handle) {
        packets.free(handle);
    }

    @Override
    public int send(final long handle, final IpRepr ip) {
        if (handle == received) {
            received = PacketPool.NONE;
        }
        final int kind = routing.kind(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex);
        final int length = packets.length(handle) + (ip.headerIncluded ? 0 : IpFamily.headerLength(ip.family));
        ip.payloadLength = length - IpFamily.headerLength(ip.family);
        if ((ip.family == IpFamily.V4 ? length : ip.payloadLength) > 0xFFFF) {
            return drop(handle, StackCounter.TX_TOO_BIG, TOO_BIG);
        }
        if (kind == AddressSet.OWN) {
            final boolean zoned = Ipv6Address.isLinkLocal(ip.dstHi) && ip.interfaceIndex >= 0;
            return self.send(handle, ip, length, zoned ? ip.interfaceIndex : LocalQueue.ANY_LINK);
        }
        final boolean group = Routing.isGroup(ip, kind);
        final int route = routing.route(ip, group);
        final boolean nowhere = route == RouteTable.NONE && !(group && routing.hasLink(ip.interfaceIndex));
        if (kind == AddressSet.BROADCAST && !ip.broadcast) {
            return drop(handle, StackCounter.TX_NOT_PERMITTED, NOT_PERMITTED);
        }
        if (nowhere || (ip.dstHi | ip.dstLo) == 0) {
            return drop(handle, StackCounter.TX_NO_ROUTE, NO_ROUTE);
        }
        final Link link = routing.link(route == RouteTable.NONE ? ip.interfaceIndex : routes.interfaceIndex(route));
        final long nextHi = group ? ip.dstHi : routes.nextHi(route, ip.dstHi);
        final long nextLo = group ? ip.dstLo : routes.nextLo(route, ip.dstLo);
        if (group && ip.loop && link.addresses(ip.family).kind(ip.dstHi, ip.dstLo) != AddressSet.NONE) {
            self.sendCopy(handle, ip, length, link.index());
        }
        if (group && ip.hopLimit == 0) {
            packets.free(handle);
            return SENT;
        }
        final int mtu = limits.mtu(ip, length, link, route);
        if (length > (PacketStore.isLarge(handle) ? Math.min(mtu, packets.bufferRoom()) : mtu)) {
            return ip.dontFragment
                    ? drop(handle, StackCounter.TX_TOO_BIG, TOO_BIG)
                    : fragments.send(link, handle, ip, length, mtu, group, nextHi, nextLo);
        }
        final long whole = PacketStore.isLarge(handle) ? toBuffer(handle) : handle;
        if (whole == PacketPool.NONE) {
            return BUSY;
        }
        if (!headers.write(whole, ip, length)) {
            return drop(whole, StackCounter.TX_NO_HEADROOM, TOO_BIG);
        }
        return link.output(whole, ip.family, group, nextHi, nextLo);
    }

    @Override
    public void watch(final long handle, final TransmitWatcher watcher, final long first, final long end) {
        if (routing.linkCount() > 0) {
            watched.watch(handle, watcher, first, end, routing.link(0).now());
        }
    }

    @Override
    public int segmentsAtOnce(final IpRepr ip, final int header, final int length) {
        return runs.segmentsAtOnce(ip, header, length);
    }

    @Override
    public int sendRun(final long[] handles, final int count, final IpRepr ip) {
        final int sent = runs.send(handles, count, ip);
        return sent < 0 ? IpOutput.super.sendRun(handles, count, ip) : sent; // which says why not
    }

    /** Moves a packet that became short into a buffer of the pool; {@link PacketPool#NONE} if there is none. */
    private long toBuffer(final long handle) {
        final int length = packets.length(handle);
        final long buffer = allocate();
        if (buffer != PacketPool.NONE) {
            MemorySegment.copy(
                    packets.memory(handle), packets.dataOffset(handle), memory, pool.dataOffset(buffer), length);
            packets.length(buffer, length);
            if (watched.isWatched(handle)) {
                watched.move(handle, buffer);
            }
        }
        packets.free(handle);
        return buffer;
    }

    @Override
    public boolean selectSource(final IpRepr ip) {
        return routing.selectSource(ip);
    }

    /**
     * The source address of what leaves by a certain interface.
     *
     * @throws IllegalArgumentException if it has none of the destination's family and scope
     */
    @SuppressWarnings("unchecked") // an address of the same family
    public <A extends IpAddress> A sourceTowards(final A destination, final int interfaceIndex) {
        final IpRepr ip = IpRepr.towards(destination, interfaceIndex);
        if (!routing.selectSource(ip)) {
            throw new IllegalArgumentException("no address to reach " + destination + " from by interface "
                    + interfaceIndex + "; give it a link-local one");
        }
        return (A) IpAddress.of(ip.family, ip.srcHi, ip.srcLo);
    }

    @Override
    public int zone(final String zone) {
        return routing.zone(zone);
    }

    @Override
    public boolean isAddressOf(final int interfaceIndex, final IpAddress address) {
        return routing.link(interfaceIndex).addresses(address.family()).kind(address.hi(), address.lo())
                == AddressSet.OWN;
    }

    @Override
    public boolean isLocalAddress(final int family, final long hi, final long lo) {
        return routing.isLocal(family, hi, lo);
    }

    @Override
    public boolean isAnycast(final int family, final long hi, final long lo) {
        return routing.isAnycast(family, hi, lo);
    }

    @Override
    public boolean isBroadcast(final int family, final long hi, final long lo) {
        return routing.kind(family, hi, lo, -1) == AddressSet.BROADCAST;
    }

    @Override
    public void join(final int interfaceIndex, final IpAddress group) {
        if (interfaceIndex < 0 || interfaceIndex >= routing.linkCount() || !group.isMulticast()) {
            throw new IllegalArgumentException("cannot join " + group + " on interface " + interfaceIndex
                    + "; name a multicast group and one of " + routing.linkCount() + " interfaces, counted from 0");
        }
        routing.link(interfaceIndex).join(group);
    }

    @Override
    public void leave(final int interfaceIndex, final IpAddress group) {
        routing.link(interfaceIndex).leave(group);
    }

    @Override
    public int pathMtu(final IpRepr ip) {
        return limits.mtu(ip);
    }

    @Override
    public int linkMtu(final IpRepr ip) {
        return limits.linkMtu(ip);
    }

    @Override
    public RouteMetrics metrics(final IpRepr ip) {
        return limits.metrics(ip);
    }

    /** How long packets may be. */
    PathLimits limits() {
        return limits;
    }

    /** Path MTUs. */
    public PathMtus pathMtus() {
        return pathMtus;
    }

    /**
     * Notes that a packet of ours was too big for its path; whoever calls this has made sure that we sent it.
     *
     * @return whether the path MTU is less than before
     */
    boolean tooBig(final IcmpErrorRepr error) {
        destination.family = error.family;
        destination.dstHi = error.dstHi;
        destination.dstLo = error.dstLo;
        destination.interfaceIndex = -1;
        return limits.lower(destination, error.mtu, error.sentLength);
    }

    @Override
    public void confirm(final int family, final long hi, final long lo, final long now) {
        final int hop = routes.findHop(family, hi, lo, RouteTable.ANY_INTERFACE);
        if (hop != RouteTable.NONE && !routes.isShared(hop)) { // or it may have been another router that did
            final Link link = routing.link(routes.interfaceIndex(hop));
            final long nextHi = routes.nextHi(hop, hi);
            link.neighbors().towards(family, nextHi).confirm(nextHi, routes.nextLo(hop, lo), now);
        }
    }

    @Override
    public boolean holds(final int family, final long hi, final long lo, final long sentAt) {
        return routing.holds(family, hi, lo, sentAt);
    }

    @Override
    public boolean ready() {
        return routing.ready();
    }

    @Override
    public boolean completesChecksums() {
        return completesChecksums;
    }

    /** Names the packet that is being received, so that it is known when it is sent on as an answer. */
    void receiving(final long handle) {
        received = handle;
    }

    /** Whether the packet named last is still the receiver's. */
    boolean stillReceived() {
        return received != PacketPool.NONE;
    }

    /** An interface by its index. */
    Link link(final int index) {
        return routing.link(index);
    }

    /** Number of packets to ourselves that wait to be received. */
    public int localPending() {
        return self.queue().size();
    }

    /** Packets to ourselves that wait to be received. */
    LocalQueue local() {
        return self.queue();
    }

    /** Frees what waits. */
    public void close() {
        self.queue().close();
    }

    /** Whether an interface's own networks hold an address. */
    static boolean onLink(final Link link, final int family, final long hi, final long lo) {
        return link.addresses(family).network(hi, lo) >= 0;
    }

    private int drop(final long handle, final StackCounter reason, final int result) {
        counters.increment(reason);
        packets.free(handle);
        return result;
    }
}
