package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.demux.FlowPlacement;
import io.millrace.stack.demux.PortAllocator;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.IpOutput;
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
    private FlowPlacement placement = FlowPlacement.ALL;

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
        final IpRepr ip = new IpRepr();
        ip.family = remote.address().family();
        ip.dstHi = remote.address().hi();
        ip.dstLo = remote.address().lo();
        ip.protocol = TcpView.PROTOCOL;
        final int localPort = local == null ? 0 : local.port();
        final Origin wanted;
        if (local == null || local.address().isUnspecified()) {
            if (!output.selectSource(ip)) {
                return failed(new Origin(ip, localPort, remote.port()), CloseReason.UNREACHABLE, handler);
            }
            wanted = new Origin(ip, localPort, remote.port());
        } else {
            ip.srcHi = local.address().hi();
            ip.srcLo = local.address().lo();
            wanted = new Origin(ip, localPort, remote.port());
            if (!output.isLocalAddress(ip.family, ip.srcHi, ip.srcLo)) {
                return failed(wanted, CloseReason.UNREACHABLE, handler);
            }
        }
        final int port = localPort != 0 ? claim(wanted, now) : choosePort(wanted, now);
        if (port == 0 || engine.flows.size() >= config.limits().maxConnections()) {
            return failed(wanted, CloseReason.EXHAUSTED, handler);
        }
        return open(new Origin(ip, port, remote.port()), handler, now);
    }

    /** RFC 1122 section 4.2.3.10: not a group, nor all hosts of a network. */
    private boolean isHost(final IpAddress address) {
        return address.isUnicast() && !output.isBroadcast(address.family(), address.hi(), address.lo());
    }

    private <A extends IpAddress> TcpSocket<A> failed(
            final FlowEntry flow, final CloseReason reason, final TcpHandler handler) {
        final TcpConnection c = new TcpConnection(engine, flow, 0);
        final TcpSocket<A> socket = new TcpSocket<>(c, handler);
        c.socket = socket;
        c.reason = reason;
        engine.events.add(c, EventQueue.FINISHED);
        return socket;
    }

    private <A extends IpAddress> TcpSocket<A> open(final FlowEntry flow, final TcpHandler handler, final long now) {
        final long secret = engine.secrets.of(flow);
        int iss = FlowSecrets.initialSequence(secret, now);
        if (find(flow, flow.localPort()) instanceof TimeWait old) {
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

    private int claim(final FlowEntry flow, final long now) {
        return taken(flow, flow.localPort(), true, now) ? 0 : flow.localPort();
    }

    private int choosePort(final FlowEntry flow, final long now) {
        final int port = allocate(flow, candidate -> taken(flow, candidate, false, now));
        return port != 0 ? port : allocate(flow, candidate -> taken(flow, candidate, true, now));
    }

    private int allocate(final FlowEntry flow, final PortAllocator.Use use) {
        return ports.allocate(flow.localHi, flow.localLo, flow.remoteHi, flow.remoteLo, flow.remotePort(), use);
    }

    /** A port in TIME-WAIT may be used again once timestamps tell old segments from new ones (RFC 6191). */
    private boolean taken(final FlowEntry flow, final int port, final boolean reuse, final long now) {
        final FlowEntry old = find(flow, port);
        if (old == null) {
            return engine.listeners.hasPort(port);
        }
        return !(reuse
                && old instanceof TimeWait timeWait
                && timeWait.timestamps
                && now - timeWait.entered >= TcpEngine.SECOND);
    }

    private @Nullable FlowEntry find(final FlowEntry flow, final int localPort) {
        return engine.flows.find(
                flow.family,
                flow.localHi,
                flow.localLo,
                flow.remoteHi,
                flow.remoteLo,
                FlowEntry.ports(localPort, flow.remotePort()));
    }

    /** A flow that we open. */
    private static final class Origin extends TcpFlow {
        Origin(final IpRepr ip, final int localPort, final int remotePort) {
            super(ip, localPort, remotePort);
        }
    }
}
