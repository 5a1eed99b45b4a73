package io.millrace.bench.forward;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.node.ChecksumWriter;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What the packets of a null port hold: whatever was in their buffers. So all buffers of a pool are filled beforehand
 * with the packet that {@code dpdk-testpmd} makes: UDP over IPv4, without a UDP checksum.
 */
final class Packets {
    private static final long DST = 0x0200_0000_0000L;
    private static final long SRC = 0x0200_0000_0001L;
    private static final long SRC_IP = 0xC612_0001L; // 198.18.0.1 and 2, for benchmarks (RFC 2544)
    private static final long DST_IP = 0xC612_0002L;
    private static final int PORT = 9;
    private static final int TTL = 64;
    private static final int CACHE = 512;
    private static final int BURST = 32;

    private Packets() {}

    /**
     * Fills all free buffers.
     *
     * @param size bytes of a frame
     */
    static void fill(final PacketPool pool, final int size) {
        final PoolCache cache = new PoolCache(pool, CACHE);
        final long[] handles = new long[pool.capacity()];
        final int count = cache.allocate(handles, 0, handles.length);
        for (int i = 0; i < count; i++) {
            BufferHeader.length(pool.memory(), handles[i], size);
            write(pool.memory(), pool.dataOffset(handles[i]), size);
        }
        cache.free(handles, 0, count);
        cache.flush();
    }

    private static void write(final MemorySegment memory, final long offset, final int size) {
        final int length = size - EthernetView.LENGTH;
        final long ip = offset + EthernetView.LENGTH;
        EthernetView.write(memory, offset, DST, SRC, EthernetView.TYPE_IPV4);
        Ipv4View.write(memory, ip, 0, length, 0, 0, TTL, UdpView.PROTOCOL, SRC_IP, DST_IP);
        final long udp = ip + Ipv4View.MIN_LENGTH;
        memory.asSlice(udp, length - Ipv4View.MIN_LENGTH).fill((byte) 0);
        Net.put32(memory, udp, PORT << 16 | PORT);
        Net.put16(memory, udp + 4, length - Ipv4View.MIN_LENGTH);
    }

    /**
     * Receives a burst and sees to it that it holds such packets.
     *
     * @throws IllegalStateException if it does not, so that there would be no checksum to write
     */
    static void check(final PortQueue queue, final PoolCache cache) {
        final long[] handles = new long[BURST];
        final int count = queue.receive(handles, BURST, 0);
        final PacketPool pool = cache.pool();
        final boolean whole = count > 0
                && Arrays.stream(handles, 0, count)
                        .allMatch(handle -> ChecksumWriter.write(
                                pool.memory(), pool.dataOffset(handle), BufferHeader.length(pool.memory(), handle)));
        cache.free(handles, 0, count);
        if (!whole) {
            throw new IllegalStateException("the null port does not give out the packets that its buffers held");
        }
    }
}
