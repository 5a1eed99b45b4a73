package io.millrace.stack.socket.udp;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.demux.FlowPlacement;
import io.millrace.stack.demux.FlowVisitor;
import io.millrace.stack.demux.PortAllocator;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.PacketQueue;
import io.millrace.stack.socket.QueueBudget;
import io.millrace.stack.socket.StageQueue;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** UDP of one stack (RFC 768): its sockets, and what comes for them. On the stack's thread. */
@SuppressWarnings("ReferenceEquality") // a socket is itself, not its value
public final class UdpEngine {
    /** Result of {@link #receive}: the buffer is still the caller's. */
    public static final int DONE = 0;

    /** Result of {@link #receive}: the buffer was taken over. */
    public static final int TAKEN = 1;

    /** Result of {@link #receive}: nobody serves the port, which the sender may be told; the buffer is the caller's. */
    public static final int NO_PORT = 2;

    /** Result of {@link #receive}: it came to the port that is {@link #reserve reserved}; the buffer is the caller's. */
    public static final int ENCAPSULATED = 3;

    /** First port of the dynamic range (RFC 6335 section 6). */
    private static final int EPHEMERAL_FIRST = 49_152;

    private static final int EPHEMERAL_COUNT = 16_384;

    private final IpOutput output;
    private final Entropy entropy;
    private final Counters<StackCounter> counters;
    private final Consumer<Throwable> failures;
    private final QueueBudget budget;
    private final int queueLimit;
    private final PortAllocator ports;
    private final UdpTable table;
    private final UdpSender sender;
    private final UdpReceiver receiver;
    private final StageQueue stages;
    private final StageQueue.Teller teller = this::tellOfStage;
    private long now;

    /**
     * Makes one without sockets.
     *
     * @param budget what all queues of the stack share
     * @param queueLimit most datagrams that wait for one socket
     * @param failures gets what handlers throw
     */
    public UdpEngine(
            final IpOutput output,
            final Entropy entropy,
            final Counters<StackCounter> counters,
            final QueueBudget budget,
            final int queueLimit,
            final Consumer<Throwable> failures) {
        this.output = output;
        this.entropy = entropy;
        this.counters = counters;
        this.failures = failures;
        this.budget = budget;
        this.queueLimit = queueLimit;
        this.ports = new PortAllocator(entropy.newHash(), EPHEMERAL_FIRST, EPHEMERAL_FIRST + EPHEMERAL_COUNT - 1);
        this.table = new UdpTable(entropy);
        this.sender = new UdpSender(output, counters);
        this.receiver = new UdpReceiver(output, sender, table, counters, failures);
        this.stages = new StageQueue(counters);
    }

    /**
     * Opens a socket that receives from everyone.
     *
     * @param local where it receives; the unspecified address for any of ours, or a group; port 0 for a random free one
     *     (RFC 6056 section 3.3.1). With a zone it receives only what comes in there, and sends by it
     * @param handler gets the datagrams; null to let them wait
     * @throws AddressInUseException if another socket is bound there and one of the two does not share, or no port is
     *     free
     * @throws IllegalArgumentException if the address is none of ours
     */
    public <A extends IpAddress> UdpSocket<A> bind(
            final Endpoint<A> local, final UdpConfig config, final @Nullable UdpHandler handler) {
        final IpAddress address = local.address();
        final int zone = zone(local);
        requireOurs(local, zone);
        final Endpoint<A> endpoint =
                local.port() != 0 ? local : new Endpoint<>(local.address(), freePort(address.family()), local.zone());
        final UdpSocket<A> socket = new UdpSocket<>(this, endpoint, zone, config, newQueue(config), handler);
        if (table.isReserved(endpoint.port())) {
            throw new AddressInUseException("UDP port " + endpoint.port() + " is kept for TCP within UDP");
        }
        if (!table.bind(socket)) {
            throw new AddressInUseException("UDP endpoint " + endpoint + " is in use by another socket");
        }
        return socket;
    }

    /**
     * Opens a socket that receives from one peer only, from an address and port of our choice that nobody else uses
     * towards that peer (RFC 6056 section 3.3.3).
     *
     * @param handler gets the datagrams; null to let them wait
     * @throws AddressInUseException if no port is free
     * @throws IllegalArgumentException if the peer is not one host and port, or no route leads there
     */
    public <A extends IpAddress> UdpSocket<A> connect(
            final Endpoint<A> remote, final UdpConfig config, final @Nullable UdpHandler handler) {
        final int zone = zone(remote);
        final IpRepr ip = towards(remote, zone, 0, 0);
        final int port = ports.allocate(
                ip.srcHi,
                ip.srcLo,
                ip.dstHi,
                ip.dstLo,
                remote.port(),
                candidate -> table.isReserved(candidate)
                        || table.binding(ip.family, ip.srcHi, ip.srcLo, candidate) != null
                        || table.binding(ip.family, 0, 0, candidate) != null
                        || connected(ip, zone, candidate, remote.port()) != null);
        if (port == 0) {
            throw new AddressInUseException("all UDP ports from " + EPHEMERAL_FIRST + " on are in use");
        }
        @SuppressWarnings("unchecked") // of the remote address's family, and there are but two classes
        final A local = (A) IpAddress.of(ip.family, ip.srcHi, ip.srcLo);
        final UdpSocket<A> socket =
                new UdpSocket<>(this, new Endpoint<>(local, port), UdpTable.NO_ZONE, config, newQueue(config), handler);
        table.addConnected(socket, flow(socket, ip, zone, remote.port()));
        socket.remote(remote);
        return socket;
    }

    /**
     * Takes a datagram.
     *
     * @param ip its IP header
     * @param handle its buffer, or large packet
     * @param offset of the UDP header within the packet's memory
     * @param length bytes of the IP payload
     * @param group whether it was sent to a group or to everyone
     * @return {@link #DONE}, {@link #TAKEN}, {@link #NO_PORT} or {@link #ENCAPSULATED}
     */
    public int receive(
            final IpRepr ip,
            final long handle,
            final long offset,
            final int length,
            final boolean group,
            final long nowMicros) {
        now = nowMicros;
        return receiver.receive(ip, handle, offset, length, group, nowMicros);
    }

    /** Keeps ports from sockets: what comes there is another protocol's. Once, before there are sockets. */
    public void reserve(final IntPredicate reserved) {
        table.reserve(reserved);
    }

    /** Whether a socket of either family has a port. */
    public boolean hasPort(final int port) {
        return table.usesPort(IpFamily.V4, port) || table.usesPort(IpFamily.V6, port);
    }

    /** Whether an ICMP error quotes a datagram from the reserved port. */
    public boolean isEncapsulation(final IcmpErrorRepr error) {
        return error.protocol == UdpView.PROTOCOL && error.srcPort > 0 && table.isReserved(error.srcPort);
    }

    /**
     * Whether a socket of ours can have sent the datagram that an ICMP error quotes.
     *
     * @param ip the error's own IP header
     */
    public boolean sent(final IcmpErrorRepr error, final IpRepr ip) {
        if (error.srcPort <= 0) {
            return false;
        }
        final long zoneKey = table.zoneKeyOf(ip);
        return connected(error, zoneKey) != null
                || receives(binding(error, error.srcHi ^ zoneKey, error.srcLo))
                || connected(error, 0) != null
                || receives(binding(error, error.srcHi, error.srcLo))
                || receives(binding(error, 0, 0));
    }

    /**
     * Tells of an ICMP error about a datagram. The socket that is connected like the quoted datagram hears of it, which
     * makes it hard to forge, else those that are bound to its source and want errors although they are not connected.
     *
     * @param ip the error's own IP header
     */
    public void icmpError(final IcmpErrorRepr error, final IpRepr ip) {
        if (error.srcPort <= 0) {
            return;
        }
        final long zoneKey = table.zoneKeyOf(ip);
        UdpSocket<?> connected = connected(error, zoneKey);
        if (connected == null && zoneKey != 0) {
            connected = connected(error, 0);
        }
        if (connected != null) {
            tell(connected, error);
            return;
        }
        final UdpBinding zoned = zoneKey == 0 ? null : binding(error, error.srcHi ^ zoneKey, error.srcLo);
        if (receives(zoned)) {
            tell(zoned, error);
            return;
        }
        tell(binding(error, error.srcHi, error.srcLo), error);
        tell(binding(error, 0, 0), error);
    }

    private @Nullable UdpBinding binding(final IcmpErrorRepr error, final long hi, final long lo) {
        return table.binding(error.family, hi, lo, error.srcPort);
    }

    private static boolean receives(final @Nullable UdpBinding binding) {
        return binding != null && binding.count() > 0;
    }

    private @Nullable UdpSocket<?> connected(final IcmpErrorRepr error, final long zoneKey) {
        return table.connected(
                error.family,
                error.srcHi ^ zoneKey,
                error.srcLo,
                error.srcPort,
                error.dstHi,
                error.dstLo,
                error.dstPort);
    }

    /** Tells of times that sockets were asked for. Returns how many. */
    public int poll(final long nowMicros) {
        now = nowMicros;
        return stages.isEmpty() ? 0 : stages.tell(teller);
    }

    /** Whether {@link #poll} has something to do. */
    public boolean due() {
        return !stages.isEmpty();
    }

    private void tellOfStage(final Object target, final int kind, final long number, final long micros) {
        try {
            ((UdpTimes) target).tell(kind, number, micros);
        } catch (final RuntimeException e) {
            counters.increment(StackCounter.HANDLER_FAILURES);
            failures.accept(e);
        }
    }

    /** What is to be told of times. */
    StageQueue stages() {
        return stages;
    }

    /** The time, as it was told last. */
    long now() {
        return now;
    }

    /** Sets which flows sockets that are connected from here may have. */
    public void placement(final FlowPlacement placement) {
        ports.placement(placement);
    }

    /** Whether a socket is connected so; arguments as the fields of {@link FlowEntry}. */
    public boolean has(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int flowPorts) {
        return table.hasFlow(family, localHi, localLo, remoteHi, remoteLo, flowPorts);
    }

    /** Shows the flows of sockets that are connected. */
    public void forEachFlow(final FlowVisitor visitor) {
        table.forEachFlow(visitor);
    }

    /** Closes all sockets. */
    public void close() {
        table.all().forEach(UdpSocket::close);
    }

    UdpSender sender() {
        return sender;
    }

    IpOutput output() {
        return output;
    }

    /** Lets a socket, connected or not, receive from one peer only. */
    void connect(final UdpSocket<?> socket, final Endpoint<?> remote) {
        int zone = zone(remote);
        if (zone != UdpTable.NO_ZONE && socket.place.zone() != UdpTable.NO_ZONE && zone != socket.place.zone()) {
            throw new IllegalArgumentException(
                    "cannot connect to " + remote + ": the socket is bound to " + socket.local() + ", another zone");
        }
        zone = zone == UdpTable.NO_ZONE ? socket.place.zone() : zone;
        final IpRepr ip = towards(remote, zone, socket.place.hi(), socket.place.lo());
        final UdpSocket<?> holder = connected(ip, zone, socket.place.port(), remote.port());
        if (holder != null && holder != socket) {
            throw new AddressInUseException(
                    "another UDP socket at port " + socket.place.port() + " is connected to " + remote);
        }
        table.disconnect(socket);
        table.connect(socket, flow(socket, ip, zone, remote.port()));
    }

    void disconnect(final UdpSocket<?> socket) {
        table.disconnect(socket);
    }

    void remove(final UdpSocket<?> socket) {
        table.remove(socket);
    }

    private void tell(final @Nullable UdpBinding binding, final IcmpErrorRepr error) {
        if (binding == null) {
            return;
        }
        for (int i = binding.count() - 1; i >= 0; i--) {
            // From the back, and checked, since a handler may close any of them.
            if (i < binding.count() && binding.receiver(i).config().errors()) {
                tell(binding.receiver(i), error);
            }
        }
    }

    private void tell(final UdpSocket<?> socket, final IcmpErrorRepr error) {
        counters.increment(StackCounter.UDP_ICMP_ERRORS);
        socket.inbox().keep(error);
        final UdpHandler handler = socket.handler();
        try {
            socket.inbox().signal();
            if (handler != null) {
                handler.onError(socket, error);
            }
        } catch (final RuntimeException e) {
            counters.increment(StackCounter.HANDLER_FAILURES);
            failures.accept(e);
        }
    }

    private PacketQueue newQueue(final UdpConfig config) {
        final int packets = config.queuePackets() == 0 ? queueLimit : config.queuePackets();
        return new PacketQueue(budget, packets, config.queueBytes());
    }

    /** The index of the interface that an endpoint's zone means. */
    int zone(final Endpoint<?> endpoint) {
        return endpoint.zone().isEmpty() ? UdpTable.NO_ZONE : output.zone(endpoint.zone());
    }

    private void requireOurs(final Endpoint<?> local, final int zone) {
        final IpAddress address = local.address();
        if (zone != UdpTable.NO_ZONE && !address.isMulticast()) {
            if (!output.isAddressOf(zone, address)) {
                throw new IllegalArgumentException("cannot bind to " + local + ": that interface has no such address");
            }
            return;
        }
        if (address.isUnspecified()
                || address.isMulticast()
                || output.isLocalAddress(address.family(), address.hi(), address.lo())
                || output.isBroadcast(address.family(), address.hi(), address.lo())) {
            return;
        }
        throw new IllegalArgumentException("cannot bind to " + local + ": no interface has that address");
    }

    private IpRepr towards(final Endpoint<?> remote, final int zone, final long localHi, final long localLo) {
        final IpAddress peer = remote.address();
        if (remote.port() == 0 || peer.isUnspecified()) {
            throw new IllegalArgumentException("cannot connect to " + remote + "; name a host and a port");
        }
        final IpRepr ip = IpRepr.towards(peer, zone);
        ip.srcHi = localHi;
        ip.srcLo = localLo;
        ip.protocol = UdpView.PROTOCOL;
        if ((localHi | localLo) == 0 && !output.selectSource(ip)) {
            throw new IllegalArgumentException("cannot connect to " + remote + ": no route leads there");
        }
        return ip;
    }

    private @Nullable UdpSocket<?> connected(
            final IpRepr ip, final int zone, final int localPort, final int remotePort) {
        final long localHi = ip.srcHi ^ table.zoneKey(zone);
        return table.connected(ip.family, localHi, ip.srcLo, localPort, ip.dstHi, ip.dstLo, remotePort);
    }

    private UdpFlow flow(final UdpSocket<?> socket, final IpRepr ip, final int zone, final int remotePort) {
        final int ports = FlowEntry.ports(socket.place.port(), remotePort);
        final long zoneKey = table.zoneKey(zone);
        return new UdpFlow(socket, zone, zoneKey, ip.family, ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, ports);
    }

    private int freePort(final int family) {
        // RFC 6056 section 3.3.1: a random start, then one after the other.
        int candidate = entropy.nextInt(EPHEMERAL_COUNT);
        for (int i = 0; i < EPHEMERAL_COUNT; i++) {
            final int port = EPHEMERAL_FIRST + candidate;
            if (!table.usesPort(family, port) && !table.isReserved(port)) {
                return port;
            }
            candidate = (candidate + 1) % EPHEMERAL_COUNT;
        }
        throw new AddressInUseException("all UDP ports from " + EPHEMERAL_FIRST + " on are in use");
    }
}
