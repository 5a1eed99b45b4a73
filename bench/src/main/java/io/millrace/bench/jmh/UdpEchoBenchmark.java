package io.millrace.bench.jmh;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * UDP datagrams of 18 bytes through the whole stack on one core: each comes in as an Ethernet frame of 60 bytes, is
 * checked with all checksums, found its socket, answered in place, routed, framed and handed to the port, alone or
 * beside 10,000 other sockets. The port is memory: it writes each frame anew and takes the answer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class UdpEchoBenchmark {
    private static final int BURST = 32;
    private static final int DATA = 18;
    private static final long MAC = 0x0200_0000_0001L;
    private static final long PEER_MAC = 0x0200_0000_0002L;
    private static final int FIRST_PORT = 20_000;

    /** Address family. */
    @Param({"4", "6"})
    public int family;

    /** Sockets beside the one that answers. */
    @Param({"0", "10000"})
    public int others;

    private final PacketPool pool = ArenaPool.create(256, 2048);
    private final PoolCache cache = new PoolCache(pool, 64);
    private final Stack stack = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(1)), cache);
    private final Port port = new Port(cache);
    private long now = 1_000_000;

    /** Opens the sockets. */
    @Setup
    public void open() {
        final boolean v4 = family == IpFamily.V4;
        final IpAddress us = IpAddress.parse(v4 ? "192.0.2.1" : "2001:db8::1");
        final IpAddress peer = IpAddress.parse(v4 ? "192.0.2.2" : "2001:db8::2");
        final var net = stack.addInterface(
                InterfaceConfig.of(us + (v4 ? "/24" : "/64")).withDuplicateDetection(DuplicateDetection.OFF),
                new PortInfo("memory", "benchmark", Medium.ETHERNET, MAC, 1500, 1),
                port);
        net.addNeighbor(peer, new MacAddress(PEER_MAC));
        stack.bind(new Endpoint<>(us, 7), (socket, datagram) -> datagram.reply(datagram.length()));
        for (int i = 0; i < others; i++) {
            stack.bind(new Endpoint<>(us, FIRST_PORT + i));
        }
        port.write(peer, us);
    }

    /** Answers a burst. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int echo() {
        now += 4;
        return stack.poll(now);
    }

    /** Makes sure that each datagram was answered. */
    @TearDown
    public void close() {
        final long received = stack.counters().get(StackCounter.RX_PACKETS);
        if (received == 0 || received != stack.counters().get(StackCounter.TX_PACKETS)) {
            throw new IllegalStateException("not every datagram was answered");
        }
        port.free();
        stack.close();
        pool.close();
    }

    /** Delivers the same frame over and over and takes the answers. */
    private static final class Port implements PortQueue {
        private final PoolCache cache;
        private final PacketPool pool;
        private final long[] buffers = new long[BURST];
        private final MemorySegment frame = Arena.global().allocate(128, 64);
        private int frameLength;
        private int count;

        Port(final PoolCache cache) {
            this.cache = cache;
            this.pool = cache.pool();
            count = cache.allocate(buffers, 0, BURST);
        }

        void write(final IpAddress from, final IpAddress to) {
            final boolean v4 = from.family() == IpFamily.V4;
            final IpRepr ip = new IpRepr();
            ip.family = from.family();
            ip.srcHi = from.hi();
            ip.srcLo = from.lo();
            ip.dstHi = to.hi();
            ip.dstLo = to.lo();
            final int length = UdpView.LENGTH + DATA;
            final int at = EthernetView.LENGTH;
            final int headerLength = IpFamily.headerLength(ip.family);
            EthernetView.write(frame, 0, MAC, PEER_MAC, v4 ? EthernetView.TYPE_IPV4 : EthernetView.TYPE_IPV6);
            if (v4) {
                final int protocol = UdpView.PROTOCOL;
                Ipv4View.write(frame, at, 0, headerLength + length, 0, 0, 64, protocol, ip.srcLo, ip.dstLo);
            } else {
                Ipv6View.write(frame, at, 0, 0, length, UdpView.PROTOCOL, 64, ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo);
            }
            UdpView.write(ip, frame, at + headerLength, 4000, 7, length);
            frameLength = at + headerLength + length;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int given = count;
            for (int i = 0; i < given; i++) {
                final long handle = buffers[i];
                BufferHeader.reset(pool.memory(), handle, pool.headroom());
                MemorySegment.copy(frame, 0, pool.memory(), pool.dataOffset(handle), frameLength);
                BufferHeader.length(pool.memory(), handle, frameLength);
                handles[i] = handle;
            }
            count = 0;
            return given;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int number, final long nowMicros) {
            System.arraycopy(handles, from, buffers, count, number);
            count += number;
            return number;
        }

        void free() {
            cache.free(buffers, 0, count);
            cache.flush();
        }
    }
}
