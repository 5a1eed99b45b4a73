package io.millrace.bench.connections;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;

/**
 * As many peers as there are IPv4 addresses, on one link without Ethernet: each opens one connection to the same server
 * and keeps nothing of it, since all that its answers need is in the segment that they answer.
 */
final class Crowd implements PortQueue {
    static final int MTU = 1500;

    private static final int DEPTH = 512;
    private static final int PEER_SEQ = 1_000_000;

    private final PoolCache cache;
    private final MemorySegment memory;
    private final long server;
    private final int port;
    private final long firstPeer;
    private final TcpRepr segment = new TcpRepr();
    private final long[] ring = new long[DEPTH];
    private int head;
    private int tail;
    private int opened;
    private int wanted;

    /**
     * Makes a crowd that does nothing yet.
     *
     * @param server IPv4 address of the server, as the lower half of an address
     * @param port where it listens
     * @param firstPeer address of the first peer; the others' follow
     */
    Crowd(final PoolCache cache, final long server, final int port, final long firstPeer) {
        this.cache = cache;
        this.memory = cache.pool().memory();
        this.server = server;
        this.port = port;
        this.firstPeer = firstPeer;
    }

    static PortInfo info() {
        return new PortInfo("crowd", "crowd", Medium.IP, 0, MTU, 1);
    }

    /** So many peers more open a connection, as fast as their SYNs are received. */
    void open(final int more) {
        wanted += more;
    }

    /** Peers that sent a SYN. */
    int opened() {
        return opened;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        int count = 0;
        while (count < max && head != tail) {
            handles[count++] = ring[head++ & (DEPTH - 1)];
        }
        while (count < max && opened < wanted) {
            final long handle = cache.allocate();
            if (handle == PacketPool.NONE) {
                break;
            }
            segment.clear();
            segment.flags = TcpView.SYN;
            segment.seq = PEER_SEQ;
            segment.window = 0xFFFF;
            segment.mss = 1460;
            segment.windowShift = 7;
            segment.sackPermitted = true;
            segment.timestamps = true;
            segment.tsVal = 1;
            write(handle, firstPeer + opened, 1024 + opened % 50_000);
            opened++;
            handles[count++] = handle;
        }
        return count;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        for (int i = 0; i < count; i++) {
            answer(handles[from + i]);
        }
        return count;
    }

    /** Answers a SYN-ACK with an acknowledgment in the same buffer. */
    private void answer(final long handle) {
        final long ip = cache.pool().dataOffset(handle);
        final int header = Ipv4View.headerLength(memory, ip);
        final int length = Ipv4View.totalLength(memory, ip) - header;
        if (Ipv4View.protocol(memory, ip) != TcpView.PROTOCOL
                || !segment.parse(memory, ip + header, length)
                || !segment.has(TcpView.SYN)
                || tail - head == DEPTH) {
            cache.free(handle);
            return;
        }
        final long peer = Ipv4View.dst(memory, ip);
        final int peerPort = segment.dstPort;
        acknowledgment(segment.seq + 1, segment.tsVal);
        write(handle, peer, peerPort);
        ring[tail++ & (DEPTH - 1)] = handle;
    }

    private void acknowledgment(final int ack, final int tsEcr) {
        segment.clear();
        segment.flags = TcpView.ACK;
        segment.seq = PEER_SEQ + 1;
        segment.ack = ack;
        segment.window = 0x1000;
        segment.timestamps = true;
        segment.tsVal = 1;
        segment.tsEcr = tsEcr;
    }

    private void write(final long handle, final long peer, final int peerPort) {
        segment.srcPort = peerPort;
        segment.dstPort = port;
        final long ip = cache.pool().dataOffset(handle);
        final long tcp = ip + Ipv4View.MIN_LENGTH;
        final int length = segment.headerLength();
        segment.emit(memory, tcp);
        TcpView.checksum(memory, tcp, 0);
        TcpView.checksum(
                memory,
                tcp,
                InternetChecksum.finish(InternetChecksum.pseudoHeader(0, peer, 0, server, TcpView.PROTOCOL, length)
                        + InternetChecksum.partial(memory, tcp, length)));
        Ipv4View.write(memory, ip, 0, Ipv4View.MIN_LENGTH + length, 0, 0x4000, 64, TcpView.PROTOCOL, peer, server);
        BufferHeader.length(memory, handle, Ipv4View.MIN_LENGTH + length);
    }
}
