package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.random.SipHash;
import org.agrona.collections.Int2IntCounterMap;

/**
 * How many flows travel within the datagrams of each pair of UDP ends, for whoever steers packets: it sees those ends only.
 * Two pairs may count as one, which costs the steering a detour.
 */
final class Encapsulations {
    private final SipHash hash;
    private final int localPort;
    private final Int2IntCounterMap flows = new Int2IntCounterMap(0);

    Encapsulations(final UdpEncapsulation settings, final SipHash hash) {
        this.localPort = settings.port();
        this.hash = hash;
    }

    /** A flow begins, or changes to UDP. */
    void enter(final TcpFlow flow) {
        if (flow.remoteUdpPort != 0) {
            flows.incrementAndGet(key(flow));
        }
    }

    /** A flow ends, or changes from UDP. */
    void leave(final TcpFlow flow) {
        if (flow.remoteUdpPort != 0) {
            flows.decrementAndGet(key(flow));
        }
    }

    /**
     * A flow in the table goes on within UDP, or not.
     *
     * @throws IllegalStateException if its packets would come to another shard
     */
    void change(final TcpConnection c, final char remoteUdpPort) {
        final int udpPorts = FlowEntry.ports(localPort, remoteUdpPort);
        if (remoteUdpPort != 0 && !c.engine.active.comesHere(c.localHi, c.localLo, c.remoteHi, c.remoteLo, udpPorts)) {
            throw new IllegalStateException("remoteUdpPort: what comes from UDP port " + (int) remoteUdpPort
                    + " of the peer comes to another shard; connect there");
        }
        leave(c);
        c.remoteUdpPort = remoteUdpPort;
        enter(c);
    }

    /** Ports of a flow's packets, in the form of {@link FlowEntry#ports}. */
    int outerPorts(final TcpFlow flow) {
        return flow.remoteUdpPort == 0 ? flow.ports : FlowEntry.ports(localPort, flow.remoteUdpPort);
    }

    /** Whether a flow is within datagrams between two ends; arguments as the fields of {@link FlowEntry}. */
    boolean has(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int udpPorts) {
        return !flows.isEmpty()
                && udpPorts >>> Short.SIZE == localPort
                && flows.get(key(family, localHi, localLo, remoteHi, remoteLo, udpPorts)) > 0;
    }

    private int key(final TcpFlow flow) {
        return key(flow.family, flow.localHi, flow.localLo, flow.remoteHi, flow.remoteLo, outerPorts(flow));
    }

    private int key(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int udpPorts) {
        return (int) hash.hash(
                localHi, localLo, remoteHi, remoteLo, (long) family << Integer.SIZE | Integer.toUnsignedLong(udpPorts));
    }
}
