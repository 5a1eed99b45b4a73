package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import java.util.function.IntPredicate;
import org.agrona.collections.Int2IntCounterMap;

/**
 * TCP within UDP while a stack runs: our UDP port of {@link UdpEncapsulation}, which may change. Connections keep the
 * port that they have begun with, since their peers know no other.
 *
 * <pre>{@code
 * stack.tcp().encapsulations().port(9900); // connections to and from 9899 go on
 * }</pre>
 *
 * <p>Counts how many flows travel within the datagrams of each pair of UDP ends, for whoever steers packets: it sees
 * those ends only. Two pairs may count as one, which costs the steering a detour. Belongs to the thread of its stack;
 * where several shards are one host, {@link io.millrace.stack.shard.ShardGroup#udpEncapsulation(int)} tells each.
 */
public final class Encapsulations {
    private final SipHash hash;
    private final Int2IntCounterMap flows = new Int2IntCounterMap(0);

    /** Flows that have each of our ports. */
    private final Int2IntCounterMap users = new Int2IntCounterMap(0);

    private char port;
    private IntPredicate taken = value -> false;

    Encapsulations(final UdpEncapsulation settings, final SipHash hash) {
        this.port = (char) settings.port();
        this.hash = hash;
    }

    /** Our UDP port, as configured unless {@linkplain #port(int) changed}; 0 for none. */
    public int port() {
        return port;
    }

    /**
     * Sets {@link #port()} for connections that begin from now on: 0 to 65,535. Those that have begun keep the one they
     * have, also when it is set to 0, and also those that were told a port of their peer's and send their SYN later. No
     * UDP socket can have that until the last of them has ended, and nothing begins there. (FreeBSD has connections send
     * from the new port, which their peers refuse, and from 0 nothing.) While it is 0, no connection can be told to be
     * within UDP.
     *
     * @throws AddressInUseException if a UDP socket has the port; then nothing changes
     */
    public void port(final int value) {
        TcpOptions.inRange("port", value, 0, 0xFFFF);
        if (value != 0 && taken.test(value)) {
            throw new AddressInUseException("UDP port " + value + " is a socket's, so TCP cannot come to it");
        }
        port = (char) value;
    }

    /** Shares UDP's ports with UDP: is told which ones sockets have, tells which ones TCP has. */
    public IntPredicate share(final IntPredicate sockets) {
        taken = sockets;
        return this::isOurs;
    }

    /** Whether what comes to a UDP port is TCP. */
    private boolean isOurs(final int udpPort) {
        return udpPort == port || (!users.isEmpty() && users.get(udpPort) > 0);
    }

    /** A flow begins, or changes to UDP. */
    void enter(final TcpFlow flow) {
        if (flow.remoteUdpPort != 0) {
            flows.incrementAndGet(key(flow));
            users.incrementAndGet(flow.localUdpPort);
        }
    }

    /** A flow ends, or changes from UDP. */
    void leave(final TcpFlow flow) {
        if (flow.remoteUdpPort != 0) {
            flows.decrementAndGet(key(flow));
            users.decrementAndGet(flow.localUdpPort);
        }
    }

    /**
     * A flow in the table goes on within UDP, or not.
     *
     * @throws IllegalStateException if its packets would come to another shard
     */
    void change(final TcpConnection c, final char remoteUdpPort) {
        final int udpPorts = FlowEntry.ports(port, remoteUdpPort);
        if (remoteUdpPort != 0 && !c.engine.active.comesHere(c.localHi, c.localLo, c.remoteHi, c.remoteLo, udpPorts)) {
            throw new IllegalStateException("remoteUdpPort: what comes from UDP port " + (int) remoteUdpPort
                    + " of the peer comes to another shard; connect there");
        }
        leave(c);
        c.remoteUdpPort = remoteUdpPort;
        c.localUdpPort = remoteUdpPort == 0 ? 0 : port;
        enter(c);
    }

    /** Ports of a flow's packets, in the form of {@link FlowEntry#ports}. */
    int outerPorts(final TcpFlow flow) {
        return flow.remoteUdpPort == 0 ? flow.ports : FlowEntry.ports(flow.localUdpPort, flow.remoteUdpPort);
    }

    /** Whether a flow is within datagrams between two ends; arguments as the fields of {@link FlowEntry}. */
    boolean has(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int udpPorts) {
        return !flows.isEmpty() && flows.get(key(family, localHi, localLo, remoteHi, remoteLo, udpPorts)) > 0;
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
