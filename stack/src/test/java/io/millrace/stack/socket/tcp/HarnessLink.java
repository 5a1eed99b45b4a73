package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.TransmitWatcher;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * What is below a {@link TcpHarness}'s engine: an IP layer whose path, link and port do as the test says. It holds each
 * packet against what IP is to be told, hands the segment to the harness and frees the buffer.
 */
final class HarnessLink implements IpOutput, AutoCloseable {
    int mtu = 1500;
    boolean routed = true;

    /** Hop limit of the last packet. */
    int hopLimit;

    /** Traffic class of the last packet. */
    int trafficClass;

    /** Whether routers may cut the last packet. */
    boolean routersMayFragment;

    /** How many more segments the link takes. */
    int room = Integer.MAX_VALUE;

    /** Whether the link says beforehand that it takes none. */
    boolean tells;

    /** Whether what was sent waits within the link. */
    boolean holds;

    /** Packets that somebody wants to hear of wait for {@link #portTakes()}. */
    boolean portHolds;

    private final TcpHarness above;
    private final ArenaPool packets = ArenaPool.create(256, 2048);
    private final PoolCache cache = new PoolCache(packets, 16);
    private final PacketStore store = new PacketStore(cache, 0);
    private final ArrayDeque<Runnable> watched = new ArrayDeque<>();

    HarnessLink(final TcpHarness above) {
        this.above = above;
    }

    /** The port takes what waits for it. */
    void portTakes() {
        for (Runnable next = watched.poll(); next != null; next = watched.poll()) {
            next.run();
        }
    }

    /** What waits for the port gets lost. */
    void forgetWatched() {
        watched.clear();
    }

    @Override
    public PacketStore packets() {
        return store;
    }

    @Override
    public PacketPool pool() {
        return packets;
    }

    @Override
    public MemorySegment memory() {
        return packets.memory();
    }

    @Override
    public long allocate() {
        return cache.allocate();
    }

    @Override
    public long allocate(final int length) {
        return store.allocate(length);
    }

    @Override
    public void free(final long handle) {
        cache.free(handle);
    }

    @Override
    public void watch(final long handle, final TransmitWatcher watcher, final long first, final long end) {
        watched.add(() -> watcher.onTransmitted(first, end, above.now));
    }

    @Override
    public int send(final long handle, final IpRepr ip) {
        final MemorySegment memory = packets.memory();
        final long offset = packets.dataOffset(handle);
        final int length = BufferHeader.length(memory, handle);
        assertEquals(TcpHarness.LOCAL.address().lo(), ip.srcLo);
        assertEquals(TcpHarness.REMOTE.address().lo(), ip.dstLo);
        assertEquals(TcpView.PROTOCOL, ip.protocol);
        hopLimit = ip.hopLimit;
        routersMayFragment = ip.routersMayFragment;
        assertTrue(
                InternetChecksum.verifies(
                        InternetChecksum.pseudoHeader(0, ip.srcLo, 0, ip.dstLo, TcpView.PROTOCOL, length)
                                + InternetChecksum.partial(memory, offset, length)),
                "checksum");
        final TcpRepr header = new TcpRepr();
        assertTrue(header.parse(memory, offset, length));
        above.verifySignature(ip, header, memory);
        if (length + 20 > mtu) {
            cache.free(handle);
            return TOO_BIG;
        }
        if (room == 0) {
            cache.free(handle);
            return BUSY;
        }
        room--;
        trafficClass = ip.trafficClass;
        header.ecn = ip.trafficClass & 3;
        above.onSegment(header, memory);
        cache.free(handle);
        if (!portHolds) {
            portTakes();
        }
        return SENT;
    }

    @Override
    public boolean selectSource(final IpRepr ip) {
        ip.srcHi = 0;
        ip.srcLo = TcpHarness.LOCAL.address().lo();
        return routed;
    }

    @Override
    public boolean isBroadcast(final int family, final long hi, final long lo) {
        return false;
    }

    @Override
    public void join(final int interfaceIndex, final IpAddress group) {
        throw new IllegalStateException("TCP joins no groups");
    }

    @Override
    public void leave(final int interfaceIndex, final IpAddress group) {
        throw new IllegalStateException("TCP leaves no groups");
    }

    @Override
    public boolean isLocalAddress(final int family, final long hi, final long lo) {
        return family == IpFamily.V4 && lo == TcpHarness.LOCAL.address().lo();
    }

    @Override
    public int pathMtu(final IpRepr ip) {
        return routed ? mtu : 0;
    }

    @Override
    public boolean holds(final int family, final long hi, final long lo, final long sentAt) {
        return holds;
    }

    @Override
    public boolean ready() {
        return room > 0 || !tells;
    }

    /** Checks that all packet buffers came back. */
    @Override
    public void close() {
        cache.flush();
        assertEquals(packets.capacity(), packets.available(), "packet buffers are missing");
        packets.close();
    }
}
