package io.millrace.stack;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.iface.Ingress;
import io.millrace.stack.iface.IpLayer;
import io.millrace.stack.iface.Link;
import io.millrace.stack.socket.icmp.IcmpEngine;
import io.millrace.stack.socket.icmp.PingHandler;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.socket.udp.UdpEngine;
import io.millrace.stack.socket.udp.UdpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A TCP/IP stack: interfaces below, sockets above, {@link #poll} to make it go. It has no thread and no clock: one thread
 * calls everything and says what time it is, in microseconds that never go back. It owns neither ports nor pool, but the
 * buffers it holds, which {@link #close} frees.
 *
 * <pre>{@code
 * Stack stack = Stack.create(StackConfig.defaults(), new PoolCache(pool, 512));
 * stack.addInterface(InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64"), port.info(), port.queue(0, cache));
 * stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 7), (socket, datagram) -> datagram.reply(datagram.length()));
 * while (running) {
 *     stack.poll(System.nanoTime() / 1000);
 * }
 * }</pre>
 */
public final class Stack implements AutoCloseable {
    private final StackConfig config;
    private final PoolCache cache;
    private final Counters<StackCounter> counters = new Counters<>(StackCounter.class);
    private final IpLayer ipLayer;
    private final UdpEngine udp;
    private final IcmpEngine icmp;
    private final Ingress ingress;
    private final List<NetInterface> interfaces = new ArrayList<>();
    private Link[] links = new Link[0];

    private Stack(final StackConfig config, final PoolCache cache) {
        this.config = config;
        this.cache = cache;
        this.ipLayer = new IpLayer(cache, counters);
        this.udp = new UdpEngine(ipLayer, config.entropy(), counters, config.udpQueuePackets(), config.failures());
        this.icmp =
                new IcmpEngine(ipLayer, config.entropy(), counters, config.echoRepliesPerSecond(), config.failures());
        this.ingress = new Ingress(
                cache,
                ipLayer,
                udp,
                icmp,
                config.receiveBurst(),
                config.icmpErrorsPerSecond(),
                config.icmpErrorBurst(),
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
                queue,
                cache,
                config.limits(),
                config.entropy(),
                counters);
        ipLayer.addLink(link);
        setup.addresses()
                .forEach(cidr -> ipLayer.addAddress(
                        link,
                        cidr.address().family(),
                        cidr.address().hi(),
                        cidr.address().lo(),
                        cidr.prefixLength()));
        netConfig.gateways().forEach(gateway -> ipLayer.addGateway(link, gateway.family(), gateway.hi(), gateway.lo()));
        final NetInterface added = new NetInterface(link, port, setup.addresses());
        interfaces.add(added);
        links = interfaces.stream().map(NetInterface::link).toArray(Link[]::new);
        return added;
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
        for (final Link link : links) {
            work += ingress.poll(link, nowMicros);
        }
        work += ingress.pollLocal(nowMicros);
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
        if (ipLayer.localPending() > 0) {
            return nowMicros;
        }
        long at = Long.MAX_VALUE;
        for (final Link link : links) {
            at = Math.min(at, link.pollAt(nowMicros));
        }
        return at;
    }

    /** Everything that is counted; may be read by any thread. */
    public Counters<StackCounter> counters() {
        return counters;
    }

    /**
     * Opens a UDP socket.
     *
     * @param local where it receives: an own address, or the unspecified one for all; port 0 for a random free one
     * @param handler gets the datagrams
     * @throws io.millrace.stack.socket.AddressInUseException if another socket is bound there
     * @throws IllegalArgumentException if no interface has the address
     */
    public <A extends IpAddress> UdpSocket<A> bind(final Endpoint<A> local, final UdpHandler handler) {
        return udp.bind(local, handler);
    }

    /** Opens a UDP socket whose datagrams wait for {@link UdpSocket#receive}; otherwise as with a handler. */
    public <A extends IpAddress> UdpSocket<A> bind(final Endpoint<A> local) {
        return udp.bind(local, null);
    }

    /** Opens a socket that asks a host, or a group, for echoes. */
    public <A extends IpAddress> PingSocket<A> ping(final A remote, final PingHandler handler) {
        return icmp.ping(remote, handler);
    }

    /** Closes all sockets at once and frees every buffer that is held. Harmless when called again. */
    @Override
    public void close() {
        udp.close();
        icmp.close();
        ipLayer.close();
        for (final Link link : links) {
            link.close();
        }
    }
}
