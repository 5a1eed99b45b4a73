package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.demux.FlowPlacement;
import io.millrace.stack.demux.PortAllocator;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import org.jspecify.annotations.Nullable;

/** Opens connections: RFC 9293 section 3.10.1, active. */
final class TcpActive {
    private final TcpEngine engine;
    private final TcpConfig config;
    private final IpOutput output;
    private final PortAllocator ports;
    private final PortAllocator.Use fresh = port -> taken(port, false);
    private final PortAllocator.Use reused = port -> taken(port, true);
    private FlowPlacement placement = FlowPlacement.ALL;

    // Of the connection at hand.
    private final IpRepr ip = new IpRepr();
    private int remotePort;

    TcpActive(final TcpEngine engine, final IpOutput output, final Entropy entropy) {
        this.engine = engine;
        this.config = engine.config;
        this.output = output;
        this.ports = new PortAllocator(
                entropy.newHash(),
                config.limits().firstEphemeralPort(),
                config.limits().lastEphemeralPort());
    }

    /** Sets which flows may be opened. */
    void placement(final FlowPlacement newPlacement) {
        placement = newPlacement;
        ports.placement(newPlacement);
    }

    /** Whether packets between two ends come here; arguments as of {@link FlowPlacement#comesHere}. */
    boolean comesHere(
            final long localHi, final long localLo, final long remoteHi, final long remoteLo, final int between) {
        return placement.comesHere(localHi, localLo, remoteHi, remoteLo, between);
    }

    /** Opens a connection from {@code local}, or from an address and port of our choice if that is null. */
    <A extends IpAddress> TcpSocket<A> connect(
            final @Nullable Endpoint<A> local, final Endpoint<A> remote, final TcpHandler handler, final long now) {
        if (remote.port() == 0 || !isHost(remote.address())) {
            throw new IllegalArgumentException("cannot connect to " + remote + "; name one host and a port");
        }
        ip.family = remote.address().family();
        ip.dstHi = remote.address().hi();
        ip.dstLo = remote.address().lo();
        ip.protocol = TcpView.PROTOCOL;
        remotePort = remote.port();
        final int localPort = local == null ? 0 : local.port();
        if (!chooseSource(local)) {
            return failed(localPort, CloseReason.UNREACHABLE, handler);
        }
        final int port = localPort != 0 ? claim(localPort) : choosePort();
        if (port == 0 || engine.flows.size() >= config.limits().maxConnections()) {
            return failed(localPort, CloseReason.EXHAUSTED, handler);
        }
        return open(new Origin(ip, port, remotePort), handler, now);
    }

    /** Chooses our address, or takes the given one. Returns false if there is none, or it is not ours. */
    private boolean chooseSource(final @Nullable Endpoint<? extends IpAddress> local) {
        if (local == null || local.address().isUnspecified()) {
            ip.srcHi = 0;
            ip.srcLo = 0;
            return output.selectSource(ip);
        }
        ip.srcHi = local.address().hi();
        ip.srcLo = local.address().lo();
        return output.isLocalAddress(ip.family, ip.srcHi, ip.srcLo);
    }

    /** RFC 1122 section 4.2.3.10: not a group, nor all hosts of a network. */
    private boolean isHost(final IpAddress address) {
        return address.isUnicast() && !output.isBroadcast(address.family(), address.hi(), address.lo());
    }

    private <A extends IpAddress> TcpSocket<A> failed(
            final int localPort, final CloseReason reason, final TcpHandler handler) {
        final TcpConnection c = new TcpConnection(engine, new Origin(ip, localPort, remotePort), 0);
        final TcpSocket<A> socket = new TcpSocket<>(c, handler);
        c.socket = socket;
        c.reason = reason;
        engine.events.add(c, EventQueue.FINISHED);
        return socket;
    }

    private <A extends IpAddress> TcpSocket<A> open(final FlowEntry flow, final TcpHandler handler, final long now) {
        final long secret = engine.secrets.of(flow);
        int iss = FlowSecrets.initialSequence(secret, now);
        if (find(flow.localPort()) instanceof TimeWait old) {
            if (iss - old.sndNxt <= 0) {
                iss = old.sndNxt + 0x10000; // RFC 9293 section 3.6.1: beyond all that the old connection used
            }
            engine.closing.forget(old);
        }
        final TcpConnection c = new TcpConnection(engine, flow, iss);
        c.tsOffset = FlowSecrets.timestampOffset(secret);
        c.state = TcpState.SYN_SENT;
        PathAdvice.take(c, engine.writer.metrics(c));
        c.withoutEcn = !PathAdvice.asksForEcn(c);
        TcpHandshake.beforeSyn(c);
        engine.enter(c);
        final TcpSocket<A> socket = engine.adopt(c, handler);
        engine.ready(c);
        return socket;
    }

    private int claim(final int port) {
        return taken(port, true) ? 0 : port;
    }

    private int choosePort() {
        final int port = allocate(fresh);
        return port != 0 ? port : allocate(reused);
    }

    private int allocate(final PortAllocator.Use use) {
        return ports.allocate(ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, remotePort, use);
    }

    /** A port in TIME-WAIT may be used again once timestamps tell old segments from new ones (RFC 6191). */
    private boolean taken(final int port, final boolean reuse) {
        final FlowEntry old = find(port);
        if (old == null) {
            return engine.listeners.hasPort(port);
        }
        return !(reuse
                && old instanceof TimeWait timeWait
                && timeWait.timestamps
                && engine.now() - timeWait.entered >= TcpEngine.SECOND);
    }

    private @Nullable FlowEntry find(final int localPort) {
        return engine.flows.find(
                ip.family, ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, FlowEntry.ports(localPort, remotePort));
    }

    /** A flow that we open. */
    private static final class Origin extends TcpFlow {
        Origin(final IpRepr ip, final int localPort, final int remotePort) {
            super(ip, localPort, remotePort);
        }
    }
}
