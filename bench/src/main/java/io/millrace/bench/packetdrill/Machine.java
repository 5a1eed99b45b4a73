package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.Host;
import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.client.ClientConfig;
import io.millrace.stack.client.ClientService;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.TcpSnapshot;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpOffer;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import java.util.ArrayList;
import java.util.List;

/** The machine that a script runs on: a stack with one interface, and a clock that goes only as far as it is told. */
final class Machine implements AutoCloseable {
    /** Scripts begin some time after the machine was started. */
    private static final long START = 100_000_000;

    private static final long SEED = 1;
    private static final int BUFFERS = 128;
    /** A device may hand over several segments as one, so buffers take the longest packets. */
    private static final int LONGEST = 65_535 - ArenaPool.DEFAULT_HEADROOM;
    /** Polls without end in sight are a defect; a script never needs as many. */
    private static final int MOST_POLLS = 100_000;

    private final PacketPool pool = ArenaPool.create(BUFFERS, LONGEST);
    private final PoolCache cache = new PoolCache(pool, 64);
    private final List<Throwable> failures = new ArrayList<>();
    private final List<SentPacket> sent = new ArrayList<>();
    private final ByteWire wire;
    private final Stack stack;
    private final ClientService service;
    private final Host host;
    private final boolean tcpWithinUdp;
    private long now;
    private Runnable afterPoll = () -> {};

    /**
     * A machine without sockets.
     *
     * @param time since the script began, microseconds
     */
    Machine(final Settings settings, final TcpConfig tcp, final long time) {
        now = START + time;
        tcpWithinUdp = settings.tcpWithinUdp;
        final StackConfig config = StackConfig.defaults()
                .withEntropy(Entropy.seeded(SEED))
                .withTcp(tcp)
                .withFailures(failures::add);
        wire = new ByteWire(pool, cache, this::onSent);
        stack = Stack.create(config, cache);
        final IpAddress local = settings.local();
        final PortInfo port = new PortInfo("tun0", "packetdrill", Medium.IP, 0, settings.mtu(), 1);
        final InterfaceConfig net = InterfaceConfig.of(local + (local instanceof Ipv4Address ? "/16" : "/48"))
                .withDuplicateDetection(DuplicateDetection.OFF)
                .withGateway(gateway(local))
                .withMtu(settings.mtu());
        stack.addInterface(net, port, wire);
        service = ClientService.of(stack, ClientConfig.defaults());
        host = new Host(
                service.direct(),
                tcp,
                new Endpoint<>(local, settings.bindPort),
                new Endpoint<>(settings.remote(), settings.connectPort),
                settings.freeBsd ? settings.segment() : 0,
                START,
                settings.toleranceMicros);
        host.md5Secret(settings.md5Secret);
        settle();
    }

    /** The neighbour of ours that knows the way to everybody. */
    private static IpAddress gateway(final IpAddress local) {
        return IpAddress.of(local.family(), local.hi(), local.lo() ^ 0x80);
    }

    Host host() {
        return host;
    }

    /** Time since the script began, microseconds. */
    long time() {
        return now - START;
    }

    /** The stack's own time, microseconds. */
    long now() {
        return now;
    }

    /** What was sent and not taken yet, oldest first. */
    List<SentPacket> sent() {
        return sent;
    }

    /** Whether there is no socket, no connection and no packet that was not looked at. */
    boolean isIdle() {
        return host.isEmpty()
                && sent.isEmpty()
                && TcpSnapshot.of(stack.tcp(), 1, false).isEmpty();
    }

    /**
     * Changes what can be while there are sockets: Fast Open's, what handshakes offer, and our UDP port for TCP.
     *
     * @param command what does it; one that flushes what is kept of hosts makes the stack forget their cookies
     * @return false if something else is to change
     */
    boolean change(final TcpConfig from, final TcpConfig to, final String command) {
        if (command.contains("tcp_metrics flush")) {
            stack.tcp().fastOpen().forget();
        }
        stack.tcp().fastOpen().settings(to.fastOpen());
        final TcpOffer offer = TcpOffer.of(to.features());
        stack.tcp().offer(offer);
        stack.tcp().customs(to.customs());
        final boolean encapsulates = encapsulate(from.udpEncapsulation(), to.udpEncapsulation());
        return from.buffers().equals(to.buffers())
                && from.timeouts().equals(to.timeouts())
                && from.features().withOffer(offer).equals(to.features())
                && from.limits().equals(to.limits())
                && encapsulates;
    }

    /** Sets our UDP port for TCP. Returns false if something else is to change. */
    private boolean encapsulate(final UdpEncapsulation from, final UdpEncapsulation to) {
        if (to.port() != stack.tcp().encapsulations().port()) {
            stack.tcp().encapsulations().port(to.port());
        }
        return from.overhead() == to.overhead();
    }

    /** Changes what is around the stack. */
    void surround(final Surroundings with) {
        with.routes().forEach(stack::addRoute);
        wire.stuck(with.stuck());
        host.files(with.files());
    }

    /** Connections in a state. */
    long count(final TcpState state) {
        return TcpSnapshot.of(stack.tcp(), Integer.MAX_VALUE, false).stream()
                .filter(each -> each.state() == state)
                .count();
    }

    /** Sets what is done after each poll. */
    void afterPoll(final Runnable action) {
        afterPoll = action;
    }

    /** Lets packets come in, all at the same time. */
    void inject(final List<byte[]> packets) {
        wire.arrive(packets);
        settle();
    }

    /** Polls until nothing is left to do at this time. */
    void settle() {
        for (int i = 0; i < MOST_POLLS; i++) {
            final int work = stack.poll(now);
            afterPoll.run();
            if (!failures.isEmpty()) {
                throw new IllegalStateException("exception within a poll", failures.getFirst());
            }
            if (work == 0 && wire.isEmpty()) {
                return;
            }
        }
        throw new IllegalStateException("the stack finds no end at " + time() + " us");
    }

    /**
     * Lets time pass until the next thing happens that the stack has to do.
     *
     * @param until not later than this, since the script began
     * @return whether something was to be done
     */
    boolean step(final long until) {
        final long next = stack.pollAt(now);
        if (next > START + until) {
            now = Math.max(now, START + until);
            settle();
            return false;
        }
        now = Math.max(now + 1, next);
        settle();
        return true;
    }

    @Override
    public void close() {
        service.close();
        stack.close();
        cache.flush();
        final int missing = pool.capacity() - pool.available();
        pool.close();
        if (missing != 0) {
            throw new IllegalStateException(missing + " packet buffers are missing");
        }
    }

    private void onSent(final byte[] packet) {
        sent.add(new SentPacket(packet, tcpWithinUdp, time(), host.written()));
    }
}
