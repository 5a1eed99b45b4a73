package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way out: routes, source addresses, IP headers. Packets to own addresses turn round here and are received in the
 * next poll without touching a port.
 */
public final class IpLayer implements IpOutput {
    private static final int LOCAL_QUEUE = 256;

    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final Routes routes = new Routes();
    private final List<Link> list = new ArrayList<>();
    private Link[] links = new Link[0];

    private final long[] local = new long[LOCAL_QUEUE];
    private int localHead;
    private int localCount;

    /** The packet that is being received; {@link PacketPool#NONE} once it was sent on as an answer. */
    private long received = PacketPool.NONE;

    /** Makes one without interfaces. */
    public IpLayer(final PoolCache cache, final Counters<StackCounter> counters) {
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.counters = counters;
    }

    /** Adds an interface; its index is its place. */
    public void addLink(final Link link) {
        list.add(link);
        links = list.toArray(Link[]::new);
    }

    /**
     * Adds an own address of an interface, and the route to its network.
     *
     * @param preferredMicros for how long it is preferred; {@code Long.MAX_VALUE} for ever
     * @param validMicros after how long it is removed; {@code Long.MAX_VALUE} for never
     */
    public void addAddress(
            final Link link,
            final int family,
            final long hi,
            final long lo,
            final int prefixLength,
            final long preferredMicros,
            final long validMicros) {
        link.addAddress(family, hi, lo, prefixLength, preferredMicros, validMicros);
        routes.addConnected(family, hi, lo, prefixLength, link.index());
    }

    /** Removes the route to the network of an address that an interface no longer has, once for each address. */
    public void removeNetwork(final Link link, final int family, final long hi, final long lo, final int prefixLength) {
        routes.removeConnected(family, hi, lo, prefixLength, link.index());
    }

    /** Adds a default route. */
    public void addGateway(final Link link, final int family, final long hi, final long lo) {
        routes.addGateway(family, 0, 0, 0, link.index(), hi, lo);
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
        final long handle = cache.allocate();
        if (handle == PacketPool.NONE) {
            counters.increment(StackCounter.NO_BUFFER);
        }
        return handle;
    }

    @Override
    public void free(final long handle) {
        cache.free(handle);
    }

    @Override
    public int send(final long handle, final IpRepr ip) {
        if (handle == received) {
            received = PacketPool.NONE;
        }
        final int kind = kind(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex);
        final int length = BufferHeader.length(memory, handle) + IpFamily.headerLength(ip.family);
        ip.payloadLength = length - IpFamily.headerLength(ip.family);
        if (kind == AddressSet.OWN) {
            return length > 0xFFFF ? drop(handle, StackCounter.TX_TOO_BIG, TOO_BIG) : sendToSelf(handle, ip, length);
        }
        final boolean group = kind == AddressSet.BROADCAST || IpAddress.isMulticast(ip.family, ip.dstHi, ip.dstLo);
        final int route = route(ip, group);
        final boolean nowhere = route == Routes.NONE && !(group && ip.interfaceIndex >= 0);
        if (nowhere || (ip.dstHi | ip.dstLo) == 0) {
            return drop(handle, StackCounter.TX_NO_ROUTE, NO_ROUTE);
        }
        final Link link = links[route == Routes.NONE ? ip.interfaceIndex : routes.link(route)];
        if (length > link.mtu()) {
            return drop(handle, StackCounter.TX_TOO_BIG, TOO_BIG);
        }
        if (!writeHeader(handle, ip, length)) {
            return drop(handle, StackCounter.TX_NO_HEADROOM, TOO_BIG);
        }
        if (group) {
            return link.output(handle, ip.family, true, ip.dstHi, ip.dstLo);
        }
        return link.output(handle, ip.family, false, routes.nextHi(route, ip.dstHi), routes.nextLo(route, ip.dstLo));
    }

    @Override
    public boolean selectSource(final IpRepr ip) {
        if (isLocalAddress(ip.family, ip.dstHi, ip.dstLo)) {
            ip.srcHi = ip.dstHi;
            ip.srcLo = ip.dstLo;
            return true;
        }
        final Link link = linkTowards(ip);
        if (link == null) {
            return false;
        }
        final AddressSet own = link.addresses(ip.family);
        if (own.count() == 0) {
            return false;
        }
        final int choice = ip.family == IpFamily.V4 ? choose4(own, ip) : choose6(own, ip);
        ip.srcHi = own.hi(choice);
        ip.srcLo = own.lo(choice);
        return true;
    }

    @Override
    public boolean isLocalAddress(final int family, final long hi, final long lo) {
        for (final Link link : links) {
            if (link.addresses(family).kind(hi, lo) == AddressSet.OWN) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int pathMtu(final IpRepr ip) {
        if (isLocalAddress(ip.family, ip.dstHi, ip.dstLo)) {
            return Math.min(0xFFFF, pool.dataRoom() - pool.headroom());
        }
        final Link link = linkTowards(ip);
        return link == null ? 0 : link.mtu();
    }

    @Override
    public boolean ready() {
        for (final Link link : links) {
            if (link.ready()) {
                return true;
            }
        }
        return false;
    }

    /** Names the packet that is being received, so that it is known when it is sent on as an answer. */
    void receiving(final long handle) {
        received = handle;
    }

    /** Whether the packet named last is still the receiver's. */
    boolean stillReceived() {
        return received != PacketPool.NONE;
    }

    /** Packets to ourselves that wait to be received. */
    public int localPending() {
        return localCount;
    }

    /** The next packet to ourselves; the caller owns it. */
    long pollLocal() {
        final long handle = local[localHead];
        localHead = (localHead + 1) % LOCAL_QUEUE;
        localCount--;
        return handle;
    }

    /** Frees what waits. */
    public void close() {
        while (localCount > 0) {
            cache.free(pollLocal());
        }
    }

    /** The interface that has the destination address of a packet to ourselves. */
    Link localLink(final long handle) {
        final long offset = pool.dataOffset(handle);
        final boolean v4 = Ipv4View.version(memory, offset) == IpFamily.V4;
        final int family = v4 ? IpFamily.V4 : IpFamily.V6;
        final long hi = v4 ? 0 : Ipv6View.dstHi(memory, offset);
        final long lo = v4 ? Ipv4View.dst(memory, offset) : Ipv6View.dstLo(memory, offset);
        for (final Link link : links) {
            if (link.addresses(family).kind(hi, lo) == AddressSet.OWN) {
                return link;
            }
        }
        return links[0];
    }

    /** Whether an interface's own networks hold an address. */
    static boolean onLink(final Link link, final int family, final long hi, final long lo) {
        return link.addresses(family).network(hi, lo) >= 0;
    }

    private int kind(final int family, final long hi, final long lo, final int interfaceIndex) {
        int kind = AddressSet.NONE;
        for (final Link link : links) {
            final int of = link.addresses(family).kind(hi, lo);
            if (of == AddressSet.OWN) {
                return of;
            }
            if (interfaceIndex < 0 || interfaceIndex == link.index()) {
                kind = Math.max(kind, of);
            }
        }
        if (kind == AddressSet.NONE && family == IpFamily.V4 && Ipv4Address.isBroadcast(lo)) {
            return AddressSet.BROADCAST;
        }
        return kind;
    }

    private int route(final IpRepr ip, final boolean group) {
        if (ip.interfaceIndex >= 0) {
            final int route = routes.find(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex);
            if (route != Routes.NONE || group || Ipv6Address.isLinkLocal(ip.dstHi)) {
                return route;
            }
        }
        final int route = routes.find(ip.family, ip.dstHi, ip.dstLo, -1);
        if (route == Routes.NONE && group) {
            return firstRoute(ip.family);
        }
        return route;
    }

    /** A route of the first interface that speaks a family, for groups, which need no other. */
    private int firstRoute(final int family) {
        for (final Link link : links) {
            final AddressSet own = link.addresses(family);
            if (own.count() > 0) {
                return routes.find(family, own.hi(0), own.lo(0), link.index());
            }
        }
        return Routes.NONE;
    }

    private @Nullable Link linkTowards(final IpRepr ip) {
        final int kind = kind(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex);
        final boolean group = kind == AddressSet.BROADCAST || IpAddress.isMulticast(ip.family, ip.dstHi, ip.dstLo);
        final int route = route(ip, group);
        if (route == Routes.NONE) {
            return group && ip.interfaceIndex >= 0 ? links[ip.interfaceIndex] : null;
        }
        return links[routes.link(route)];
    }

    /** The address in the next hop's network, else the first. */
    private int choose4(final AddressSet own, final IpRepr ip) {
        final int route = routes.find(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex);
        final long next = route == Routes.NONE ? ip.dstLo : routes.nextLo(route, ip.dstLo);
        return Math.max(0, own.network(0, next));
    }

    /** RFC 6724 section 5, the rules that apply to static addresses of the outgoing interface: 2 and 8. */
    private static int choose6(final AddressSet own, final IpRepr ip) {
        final int scope = Ipv6Address.scope(ip.dstHi, ip.dstLo);
        int best = 0;
        for (int i = 1; i < own.count(); i++) {
            if (preferable(own, i, best, scope, ip.dstHi, ip.dstLo)) {
                best = i;
            }
        }
        return best;
    }

    private static boolean preferable(
            final AddressSet own, final int a, final int b, final int scope, final long hi, final long lo) {
        final int scopeA = Ipv6Address.scope(own.hi(a), own.lo(a));
        final int scopeB = Ipv6Address.scope(own.hi(b), own.lo(b));
        if (scopeA != scopeB) {
            // The smaller scope, unless it does not reach the destination.
            return scopeA < scopeB ? scopeA >= scope : scopeB < scope;
        }
        return common(own.hi(a), own.lo(a), hi, lo) > common(own.hi(b), own.lo(b), hi, lo);
    }

    private static int common(final long hiA, final long loA, final long hiB, final long loB) {
        return hiA == hiB ? 64 + Long.numberOfLeadingZeros(loA ^ loB) : Long.numberOfLeadingZeros(hiA ^ hiB);
    }

    private int sendToSelf(final long handle, final IpRepr ip, final int length) {
        if (localCount == LOCAL_QUEUE) {
            return drop(handle, StackCounter.LOCAL_QUEUE_FULL, BUSY);
        }
        if (!writeHeader(handle, ip, length)) {
            return drop(handle, StackCounter.TX_NO_HEADROOM, TOO_BIG);
        }
        local[(localHead + localCount) % LOCAL_QUEUE] = handle;
        localCount++;
        return SENT;
    }

    private boolean writeHeader(final long handle, final IpRepr ip, final int length) {
        final int headerLength = IpFamily.headerLength(ip.family);
        final int dataOff = BufferHeader.dataOff(memory, handle) - headerLength;
        if (dataOff < 0) {
            return false;
        }
        BufferHeader.dataOff(memory, handle, dataOff);
        BufferHeader.length(memory, handle, length);
        final long offset = pool.dataOffset(handle);
        if (ip.family == IpFamily.V4) {
            // An atomic datagram needs no identification (RFC 6864 section 4.1); 0 tells nothing.
            Ipv4View.write(
                    memory,
                    offset,
                    ip.trafficClass,
                    length,
                    0,
                    Ipv4View.DONT_FRAGMENT,
                    ip.hopLimit,
                    ip.protocol,
                    ip.srcLo,
                    ip.dstLo);
        } else {
            Ipv6View.write(
                    memory,
                    offset,
                    ip.trafficClass,
                    0,
                    length - headerLength,
                    ip.protocol,
                    ip.hopLimit,
                    ip.srcHi,
                    ip.srcLo,
                    ip.dstHi,
                    ip.dstLo);
        }
        return true;
    }

    private int drop(final long handle, final StackCounter reason, final int result) {
        counters.increment(reason);
        cache.free(handle);
        return result;
    }
}
