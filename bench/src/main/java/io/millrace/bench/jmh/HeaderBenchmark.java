package io.millrace.bench.jmh;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4Repr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6Repr;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpRepr;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Headers of each protocol, written from a representation and read into one, checksums included: a TCP segment without
 * options and a UDP datagram of 400 bytes over IPv6, payload copied and summed, and the headers of IPv4 and IPv6. These
 * are the contents that the benchmarks of smoltcp's wire formats have.
 *
 * <p>An operation is one header of a burst, each in a place of its own, as they are in a shard. Every header that is
 * written differs from the one before, and every field of those read counts, so that nothing can be left out.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeaderBenchmark {
    private static final int BURST = 32;
    private static final int PAYLOAD = 400;
    /**
     * Bytes from one packet to the next: no multiple of a page, which would have stores and loads wait for each other.
     */
    private static final int STRIDE = 576;

    private final MemorySegment tcpPackets = burst();
    private final MemorySegment udpPackets = burst();
    private final MemorySegment ipv4Packets = burst();
    private final MemorySegment ipv6Packets = burst();
    private final MemorySegment payload = Arena.global().allocate(PAYLOAD, 64).fill((byte) 0x2A);
    private final IpRepr ip = new IpRepr();
    private final TcpRepr tcp = new TcpRepr();
    private final UdpRepr udp = new UdpRepr();
    private final Ipv4Repr ipv4 = new Ipv4Repr();
    private final Ipv6Repr ipv6 = new Ipv6Repr();

    /** Fills the representations. */
    @Setup
    public void fill() {
        ip.family = IpFamily.V6;
        ip.srcHi = 0xFE80_0000_0000_0000L;
        ip.srcLo = 1;
        ip.dstHi = 0xFE80_0000_0000_0000L;
        ip.dstLo = 2;
        tcp.clear();
        tcp.srcPort = 48_896;
        tcp.dstPort = 80;
        tcp.seq = 0x0123_4567;
        tcp.flags = TcpView.SYN;
        tcp.window = 0x0123;
        tcp.payloadLength = PAYLOAD;
        udp.srcPort = 48_896;
        udp.dstPort = 80;
        udp.payloadLength = PAYLOAD;
        ipv4.src = 0xC0A8_0101L;
        ipv4.dst = 0xC0A8_0102L;
        ipv4.ttl = 64;
        ipv4.protocol = TcpView.PROTOCOL;
        ipv4.payloadLength = 100;
        ipv6.srcHi = ip.srcHi;
        ipv6.srcLo = ip.srcLo;
        ipv6.dstHi = ip.dstHi;
        ipv6.dstLo = ip.dstLo;
        ipv6.hopLimit = 64;
        ipv6.nextHeader = TcpView.PROTOCOL;
        ipv6.payloadLength = 100;
        emitTcp();
        emitUdp();
        emitIpv4();
        emitIpv6();
    }

    private static MemorySegment burst() {
        return Arena.global().allocate(BURST * STRIDE, 64);
    }

    private static long at(final int packet) {
        return (long) packet * STRIDE;
    }

    private static IllegalStateException refused() {
        return new IllegalStateException("a header that this benchmark wrote was refused");
    }

    /** TCP header and payload, both summed. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public MemorySegment emitTcp() {
        for (int i = 0; i < BURST; i++) {
            tcp.seq += PAYLOAD;
            tcp.emit(ip, tcpPackets, at(i), payload, 0);
        }
        return tcpPackets;
    }

    /** TCP header, checksum verified. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public long parseTcp() {
        long read = 0;
        for (int i = 0; i < BURST; i++) {
            final int length = TcpView.MIN_LENGTH + PAYLOAD;
            if (!TcpView.verifies(ip, tcpPackets, at(i), length) || !tcp.parse(tcpPackets, at(i), length)) {
                throw refused();
            }
            read += tcp.srcPort + tcp.dstPort + tcp.seq + tcp.ack + tcp.flags + tcp.window + tcp.payloadLength;
        }
        return read;
    }

    /** UDP header and payload, both summed. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public MemorySegment emitUdp() {
        for (int i = 0; i < BURST; i++) {
            udp.srcPort ^= 1;
            udp.emit(ip, udpPackets, at(i), payload, 0);
        }
        return udpPackets;
    }

    /** UDP header, checksum verified. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public long parseUdp() {
        long read = 0;
        for (int i = 0; i < BURST; i++) {
            if (udp.parse(ip, udpPackets, at(i), UdpView.LENGTH + PAYLOAD, true) != UdpRepr.VALID) {
                throw refused();
            }
            read += udp.srcPort + udp.dstPort + udp.payloadLength + udp.payloadOffset;
        }
        return read;
    }

    /** IPv4 header with its checksum. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public MemorySegment emitIpv4() {
        for (int i = 0; i < BURST; i++) {
            ipv4.id = ipv4.id + 1 & 0xFFFF;
            ipv4.emit(ipv4Packets, at(i));
        }
        return ipv4Packets;
    }

    /** IPv4 header, checksum verified. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public long parseIpv4() {
        long read = 0;
        for (int i = 0; i < BURST; i++) {
            final int length = Ipv4View.MIN_LENGTH + ipv4.payloadLength;
            if (ipv4.parse(ipv4Packets, at(i), length, true) != Ipv4View.VALID) {
                throw refused();
            }
            read += ipv4.src + ipv4.dst + ipv4.id + ipv4.ttl + ipv4.protocol + ipv4.payloadLength;
        }
        return read;
    }

    /** IPv6 header. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public MemorySegment emitIpv6() {
        for (int i = 0; i < BURST; i++) {
            ipv6.flowLabel = ipv6.flowLabel + 1 & 0xF_FFFF;
            ipv6.emit(ipv6Packets, at(i));
        }
        return ipv6Packets;
    }

    /** IPv6 header. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public long parseIpv6() {
        long read = 0;
        for (int i = 0; i < BURST; i++) {
            if (ipv6.parse(ipv6Packets, at(i), STRIDE) != Ipv6View.VALID) {
                throw refused();
            }
            read += ipv6.srcHi + ipv6.srcLo + ipv6.dstHi + ipv6.dstLo + ipv6.hopLimit + ipv6.payloadLength;
        }
        return read;
    }
}
