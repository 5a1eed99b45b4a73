package io.millrace.stack;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.iface.Ingress;
import io.millrace.stack.iface.IpLayer;
import io.millrace.stack.iface.Link;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteOrigin;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.socket.QueueBudget;
import io.millrace.stack.socket.icmp.IcmpEngine;
import io.millrace.stack.socket.icmp.IcmpHandler;
import io.millrace.stack.socket.icmp.IcmpSocket;
import io.millrace.stack.socket.icmp.PingHandler;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.socket.raw.RawEngine;
import io.millrace.stack.socket.raw.RawHandler;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.socket.tcp.TcpEngine;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpEngine;
import io.millrace.stack.socket.udp.UdpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.ScopedAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A TCP/IP stack: interfaces below, sockets above, {@link #poll} to make it go. It has no thread and no clock: one thread
 * calls everything and says what time it is, in microseconds that never go back. It owns neither ports nor the pool, only the
 * buffers it holds, which {@link #close} frees.
 *
 * <pre>{@code
 * PoolCache cache = new PoolCache(pool, 512);
 * Stack stack = Stack.create(StackConfig.defaults(), cache);
 * stack.addInterface(InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64"), port.info(), port.queue(0, cache));
 * stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 7), (socket, datagram) -> datagram.reply(datagram.length()));
 * while (running) {
 *     stack.poll(System.nanoTime() / 1000);
 * }
 * }</pre>
 */
public final class Stack implements AutoCloseable {
    /** Most TCP segments that one poll sends. */
    private static final int TCP_SEGMENTS = 256;

    private final StackConfig config;
    private final PoolCache cache;
    private final Counters<StackCounter> counters = new Counters<>(StackCounter.class);
    private final PacketStore packets;
    private final IpLayer ipLayer;
    private final UdpEngine udp;
    private final IcmpEngine icmp;
    private final TcpEngine tcp;
    private final RawEngine raw;
    private final Ingress ingress;
    private final Sharding sharding;
    private final List<NetInterface> interfaces = new ArrayList<>();
    private Link[] links = new Link[0];

    private Stack(final StackConfig config, final PoolCache cache) {
        this.config = config;
        this.cache = cache;
        this.packets = new PacketStore(cache, config.largePackets());
        this.ipLayer = new IpLayer(packets, config.entropy(), config.flowLabels(), counters);
        // Sockets that nobody reads must not starve the rest of the stack.
        final QueueBudget budget = new QueueBudget(Math.max(1, cache.pool().capacity() / 4));
        this.udp =
                new UdpEngine(ipLayer, config.entropy(), counters, budget, config.udpQueuePackets(), config.failures());
        this.icmp = new IcmpEngine(
                ipLayer,
                config.entropy(),
                counters,
                budget,
                config.echoRepliesPerSecond(),
                config.timestampReplies(),
                config.failures());
        this.tcp = new TcpEngine(config.tcp(), ipLayer, config.entropy(), counters, config.failures());
        udp.reserve(tcp.encapsulations().share(udp::hasPort));
        this.sharding = new Sharding(ipLayer, tcp, udp, icmp);
        this.raw = new RawEngine(ipLayer, config.entropy(), counters, budget, config.failures());
        this.ingress = new Ingress(
                ipLayer,
                udp,
                icmp,
                tcp,
                raw,
                config.receiveBurst(),
                config.icmpErrorsPerSecond(),
                config.icmpErrorBurst(),
                config.reassembly(),
                config.entropy(),
                counters,
                config.failures());
    }

    /**
     * Makes a stack without interfaces.
     *
     * @param cache the polling thread's way into the pool that all ports of this stack use
     */
    public static Stack create(final StackConfig config, final PoolCache cache) {
        return new Stack(config, cache);
    }

    /**
     * Adds an interface over a queue of a port. On Ethernet with an IPv6 address but no link-local one, the interface
     * forms that from its MAC address (modified EUI-64, RFC 4291 appendix A), so that it can be told in advance.
     *
     * @throws IllegalArgumentException if the configuration does not fit the port or itself
     */
    public NetInterface addInterface(final InterfaceConfig netConfig, final PortInfo port, final PortQueue queue) {
        final InterfaceSetup setup = InterfaceSetup.of(netConfig, port);
        final Link link = new Link(
                links.length,
                port.medium(),
                setup.mac(),
                setup.mtu(),
                netConfig.format(),
                port.offloads(),
                queue,
                cache,
                config.limits(),
                netConfig.rules(),
                config.entropy(),
                counters);
        ipLayer.addLink(link, port.name());
        sharding.add(link);
        ingress.serve(link);
        final NetInterface added =
                new NetInterface(link, port, ipLayer, tcp::addressRemoved, counters, config.failures());
        setup.addresses().forEach(added::begin);
        RouteChecks.defaults(netConfig, link.index()).forEach(ipLayer::addRoute);
        interfaces.add(added);
        links = Arrays.copyOf(links, links.length + 1);
        links[link.index()] = link;
        return added;
    }

    /**
     * Adds a route, or changes metric, weight, preferred source and end of the one that has the same origin and leads the
     * same way. Those of other origins stay beside it.
     *
     * @return false if it is one that others taught ({@link RouteOrigin#isLearned()}) and there are
     *     {@link RouteTable#MAX_LEARNED} of these already
     * @throws IllegalArgumentException if there is no such interface, or gateway or source do not fit it
     */
    public boolean addRoute(final Route route) {
        RouteChecks.check(route, interfaces);
        return ipLayer.addRoute(route);
    }

    /**
     * Removes the route of the same origin, kind, destination, gateway and interface.
     *
     * @return whether it was there
     */
    public boolean removeRoute(final Route route) {
        return ipLayer.removeRoute(route);
    }

    /**
     * Makes the stack a router, or a host again, which it is at first: whether and how packets for others are sent on
     * their way by another interface (RFC 1812, RFC 8200). The buffer that a packet came in goes out, nothing is copied.
     */
    public void forwarding(final ForwardingRules rules) {
        ingress.forwarding(rules);
    }

    /** All routes, those to the interfaces' own networks included: IPv4 first, then by destination and metric; a copy. */
    public List<Route> routes() {
        return ipLayer.routes();
    }

    /**
     * The route that packets to a destination take, whatever kind it is of: that with the longest prefix, of these the
     * one with the least metric. Own addresses and groups need none.
     *
     * @return a copy; null if none leads there
     */
    public @Nullable Route routeTo(final IpAddress destination) {
        return ipLayer.routeTo(destination);
    }

    /**
     * The address that a packet to a destination gets as its source if nobody chooses another (RFC 6724).
     *
     * @return null if nothing leads there, or no address of ours suits
     */
    @SuppressWarnings("unchecked") // an address of the same family
    public <A extends IpAddress> @Nullable A sourceTowards(final A destination) {
        final IpRepr ip = IpRepr.towards(destination, -1);
        return ipLayer.selectSource(ip) ? (A) IpAddress.of(ip.family, ip.srcHi, ip.srcLo) : null;
    }

    /**
     * The longest packet that the path to a destination carries, header included, as far as is known; 0 if none leads
     * there.
     */
    public int pathMtu(final IpAddress destination) {
        final IpRepr ip = IpRepr.towards(destination, -1);
        return ipLayer.selectSource(ip) ? ipLayer.pathMtu(ip) : 0;
    }

    /**
     * Forgets what was learned of paths to others: MTUs that routers told (RFC 1191, RFC 8201), and servers' cookies for
     * Fast Open (RFC 7413). Routes stay, those that redirects taught, too.
     */
    public void forgetPaths() {
        ipLayer.pathMtus().forget();
        tcp.fastOpen().forget();
    }

    /** Whether an address is one of an interface of ours. */
    public boolean hasAddress(final IpAddress address) {
        return ipLayer.isLocalAddress(address.family(), address.hi(), address.lo());
    }

    /** Whether an address reaches all hosts of a network: 255.255.255.255, or the last one of a network of ours. */
    public boolean isBroadcast(final IpAddress address) {
        return ipLayer.isBroadcast(address.family(), address.hi(), address.lo());
    }

    /**
     * The interface that a zone id means (RFC 4007 section 11): by its name, or by its index if none is called so.
     *
     * @throws IllegalArgumentException if there is none
     */
    public NetInterface zone(final String zone) {
        return interfaces.get(ipLayer.zone(zone));
    }

    /** All interfaces, in order of their index. */
    public List<NetInterface> interfaces() {
        return List.copyOf(interfaces);
    }

    /**
     * Does what there is to do, but a bounded amount: one burst from each interface, due timers, and what has to be sent.
     *
     * @param nowMicros time in microseconds, never less than before
     * @return how much was done; 0 if nothing
     */
    public int poll(final long nowMicros) {
        int work = 0;
        sharding.now(nowMicros);
        for (final Link link : links) {
            work += ingress.poll(link, nowMicros);
        }
        work += ipLayer.pollRoutes(nowMicros);
        work += ingress.pollLocal(nowMicros);
        work += ingress.pollReassembly(nowMicros);
        work += udp.poll(nowMicros);
        work += tcp.poll(nowMicros, TCP_SEGMENTS);
        for (final Link link : links) {
            work += link.pollNeighbors(nowMicros);
            work += link.flush();
        }
        return work;
    }

    /**
     * When {@link #poll} must be called next if no packet comes before.
     *
     * @return time in microseconds, {@code nowMicros} or less for at once, {@code Long.MAX_VALUE} for never
     */
    public long pollAt(final long nowMicros) {
        if (ipLayer.localPending() > 0 || udp.due()) {
            return nowMicros;
        }
        long at = Math.min(tcp.pollAt(nowMicros), ingress.reassembly().pollAt());
        at = Math.min(at, ipLayer.routesPollAt());
        for (final Link link : links) {
            at = Math.min(at, link.pollAt(nowMicros));
        }
        return at;
    }

    /** Bytes of memory that fragments take whose datagrams are not whole, at most {@link StackConfig#reassembly()}'s. */
    public int bytesInReassembly() {
        return ingress.reassembly().bytesHeld();
    }

    /** Everything that is counted; may be read by any thread. */
    public Counters<StackCounter> counters() {
        return counters;
    }

    /**
     * Opens a UDP socket.
     *
     * @param local where it receives: an own address, or the unspecified one for all; port 0 for a random free one. A
     *     link-local address with a zone is that of one interface
     * @param handler gets the datagrams
     * @throws io.millrace.stack.socket.AddressInUseException if another socket is bound there
     * @throws IllegalArgumentException if no interface has the address
     */
    public <A extends IpAddress> UdpSocket<A> bind(final Endpoint<A> local, final UdpHandler handler) {
        return udp.bind(local, UdpConfig.defaults(), handler);
    }

    /** Opens a UDP socket whose datagrams wait for {@link UdpSocket#receive}; otherwise as with a handler. */
    public <A extends IpAddress> UdpSocket<A> bind(final Endpoint<A> local) {
        return udp.bind(local, UdpConfig.defaults(), null);
    }

    /**
     * Opens a UDP socket.
     *
     * @param local where it receives: an own address, a group, or the unspecified one for all; port 0 for a random free
     *     one
     * @param udpConfig whether it shares its place, how much may wait, and so on
     * @param handler gets the datagrams; null to let them wait for {@link UdpSocket#receive}
     * @throws io.millrace.stack.socket.AddressInUseException if another socket is bound there, unless both share
     * @throws IllegalArgumentException if no interface has the address
     */
    public <A extends IpAddress> UdpSocket<A> bind(
            final Endpoint<A> local, final UdpConfig udpConfig, final @Nullable UdpHandler handler) {
        return udp.bind(local, udpConfig, handler);
    }

    /**
     * Opens a UDP socket that receives from one peer only, from an address and port of the stack's choice.
     *
     * @param handler gets the datagrams; null to let them wait for {@link UdpSocket#receive}
     * @throws io.millrace.stack.socket.AddressInUseException if no port is free towards that peer
     * @throws IllegalArgumentException if the peer is not a host and port, or no route leads there
     */
    public <A extends IpAddress> UdpSocket<A> connectUdp(
            final Endpoint<A> remote, final UdpConfig udpConfig, final @Nullable UdpHandler handler) {
        return udp.connect(remote, udpConfig, handler);
    }

    /** Opens a socket that asks a host, or a group, for echoes. */
    public <A extends IpAddress> PingSocket<A> ping(final A remote, final PingHandler handler) {
        return icmp.ping(remote, "", handler);
    }

    /**
     * Opens a socket that asks a host, or a group, for echoes; with a zone, by that interface alone.
     *
     * @throws IllegalArgumentException if its zone is none of our interfaces
     */
    public PingSocket<IpAddress> ping(final ScopedAddress remote, final PingHandler handler) {
        return icmp.ping(remote.address(), remote.zone(), handler);
    }

    /**
     * Opens a socket that receives echo replies with an identifier, and errors about echo requests with it.
     *
     * @param local our address; the unspecified one for all
     * @param identifier 0 to 65,535; -1 for a random free one
     * @param handler gets the messages; null to let them wait for {@link IcmpSocket#receive}
     * @throws io.millrace.stack.socket.AddressInUseException if another socket has the identifier, or none is free
     * @throws IllegalArgumentException if the identifier is out of its range, or no interface has the address
     */
    public <A extends IpAddress> IcmpSocket<A> bindEcho(
            final A local, final int identifier, final @Nullable IcmpHandler handler) {
        return icmp.bindEcho(local, "", identifier, handler);
    }

    /** Opens a socket as the one without zone, limited to the interface that the address's zone means, if it has one. */
    public IcmpSocket<IpAddress> bindEcho(
            final ScopedAddress local, final int identifier, final @Nullable IcmpHandler handler) {
        return icmp.bindEcho(local.address(), local.zone(), identifier, handler);
    }

    /**
     * Opens a socket that receives ICMP errors about what is sent from a port, beside the socket that sends it.
     *
     * @param protocol UDP (17) or TCP (6)
     * @param local address and port; the unspecified address for all of ours
     * @param handler gets the messages; null to let them wait for {@link IcmpSocket#receive}
     * @throws IllegalArgumentException if it is another protocol, port 0, or no interface has the address
     */
    public <A extends IpAddress> IcmpSocket<A> bindErrors(
            final int protocol, final Endpoint<A> local, final @Nullable IcmpHandler handler) {
        return icmp.bindErrors(protocol, local, handler);
    }

    /**
     * Opens a socket for whole IP packets, header included.
     *
     * @param version 4, 6 or {@link RawSocket#ANY}
     * @param protocol 0 to 255 or {@link RawSocket#ANY}
     * @param handler gets the packets; null to let them wait for {@link RawSocket#receive}
     * @throws IllegalArgumentException if there is no such version or protocol
     */
    public RawSocket openRaw(final int version, final int protocol, final @Nullable RawHandler handler) {
        return raw.open(version, protocol, handler);
    }

    /**
     * Listens for TCP connections. What is set on the listener before the next poll, its options and queues, holds for
     * the first SYN.
     *
     * @param local where; an unspecified address stands for all of ours of its family
     * @param backlog most established connections that wait for the application to be told, at least 1
     * @param handler told of the events of accepted connections; null to let them wait for {@link TcpListener#accept}
     * @throws io.millrace.stack.socket.AddressInUseException if there is a listener at that end
     * @throws IllegalArgumentException if the port is 0, the backlog is not positive or no interface has the address
     */
    public <A extends IpAddress> TcpListener<A> listen(
            final Endpoint<A> local, final int backlog, final @Nullable TcpHandler handler) {
        return listen(local, backlog, false, handler);
    }

    /**
     * Listens for TCP connections as {@link #listen(Endpoint, int, TcpHandler)} does, perhaps beside others: SO_REUSEPORT.
     *
     * @param shared whether others that are shared too may listen at the same end. Each peer's connection comes to the
     *     one that a keyed hash of both ends chooses
     */
    public <A extends IpAddress> TcpListener<A> listen(
            final Endpoint<A> local, final int backlog, final boolean shared, final @Nullable TcpHandler handler) {
        final A address = local.address();
        if (!address.isUnspecified() && !ipLayer.isLocalAddress(address.family(), address.hi(), address.lo())) {
            throw new IllegalArgumentException("cannot listen on " + local + ": no interface has that address");
        }
        return tcp.listen(local, backlog, shared, handler);
    }

    /**
     * Opens a TCP connection from an address and port of the stack's choice. What goes wrong is told by
     * {@link TcpHandler#onClosed}, in a later poll.
     *
     * @param remote with a zone, the connection leaves by the interface that it means, and only that
     * @throws IllegalArgumentException if the remote end is not one host and port, or its zone none of our interfaces
     */
    public <A extends IpAddress> TcpSocket<A> connect(final Endpoint<A> remote, final TcpHandler handler) {
        if (remote.zone().isEmpty()) {
            return tcp.connect(remote, handler);
        }
        final A source = ipLayer.sourceTowards(remote.address(), ipLayer.zone(remote.zone()));
        return tcp.connect(new Endpoint<>(source, 0), new Endpoint<>(remote.address(), remote.port()), handler);
    }

    /**
     * Opens a TCP connection from a given end.
     *
     * @param local one of our addresses or the unspecified one, and a port or 0 for one of the stack's choice
     */
    public <A extends IpAddress> TcpSocket<A> connect(
            final Endpoint<A> local, final Endpoint<A> remote, final TcpHandler handler) {
        return tcp.connect(local, remote, handler);
    }

    /** TCP connections that are open or being opened or closed; those in TIME-WAIT do not count. */
    public int connections() {
        return tcp.connections();
    }

    /** Stops listening and closes all TCP connections in order: poll until {@link #connections()} is 0. */
    public void closeAll() {
        tcp.closeAll();
    }

    /** What this stack has to do with those of other shards at the same ports. */
    public Sharding sharding() {
        return sharding;
    }

    /** TCP as a whole: memory in use, connections in TIME-WAIT. */
    public TcpEngine tcp() {
        return tcp;
    }

    /**
     * Ends all sockets at once, TCP connections with a reset, and frees every buffer that is held. Harmless when called
     * again.
     */
    @Override
    public void close() {
        tcp.close();
        for (final Link link : links) {
            link.flush();
        }
        udp.close();
        icmp.close();
        raw.close();
        ipLayer.close();
        for (final Link link : links) {
            link.close();
        }
        ingress.reassembly().close();
        packets.close();
    }
}
