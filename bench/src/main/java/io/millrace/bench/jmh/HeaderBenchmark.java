package io.millrace.bench.jmh;

import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4Repr;
import io.millrace.stack.wire.Ipv6Repr;
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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One header of each protocol, read and written through its representation, checksums included. TCP and UDP carry 400 bytes
 * over IPv6, which writing copies behind the header and which both directions sum; IP headers stand alone.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeaderBenchmark {
    private static final int PAYLOAD = 400;
    private static final int AT = 64;

    /** The protocol. */
    @Param({"TCP", "UDP", "IPV4", "IPV6"})
    public String protocol = "TCP";

    private final MemorySegment memory = Arena.global().allocate(2048, 64);
    private final MemorySegment payload = Arena.global().allocate(PAYLOAD, 64).fill((byte) 0x2A);
    private final IpRepr ip = new IpRepr();
    private final TcpRepr tcp = new TcpRepr();
    private final UdpRepr udp = new UdpRepr();
    private final Ipv4Repr ipv4 = new Ipv4Repr();
    private final Ipv6Repr ipv6 = new Ipv6Repr();
    private int kind;

    /** Fills the representations, and the memory with what they write. */
    @Setup
    public void fill() {
        kind = switch (protocol) {
            case "TCP" -> 0;
            case "UDP" -> 1;
            case "IPV4" -> 2;
            default -> 3;
        };
        ip.family = IpFamily.V6;
        ip.srcHi = 0xFE80_0000_0000_0000L;
        ip.srcLo = 1;
        ip.dstHi = 0xFE80_0000_0000_0000L;
        ip.dstLo = 2;
        tcp.clear();
        tcp.srcPort = 48_896;
        tcp.dstPort = 80;
        tcp.seq = 0x0123_4567;
        tcp.ack = 0x89AB_CDEF;
        tcp.flags = TcpView.ACK;
        tcp.window = 0x0123;
        tcp.payloadLength = PAYLOAD;
        udp.srcPort = 48_896;
        udp.dstPort = 80;
        udp.payloadLength = PAYLOAD;
        ipv4.src = 0xC000_0201L;
        ipv4.dst = 0xC000_0202L;
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
        emit();
    }

    /** Writes the header, copies the payload, sums both. */
    @Benchmark
    public MemorySegment emit() {
        switch (kind) {
            case 0 -> {
                final int headerLength = tcp.headerLength();
                MemorySegment.copy(payload, 0, memory, AT + headerLength, PAYLOAD);
                tcp.emit(memory, AT);
                TcpView.checksum(memory, AT, InternetChecksum.finish(tcpSum(headerLength + PAYLOAD)));
            }
            case 1 -> {
                MemorySegment.copy(payload, 0, memory, AT + UdpView.LENGTH, PAYLOAD);
                udp.emit(ip, memory, AT);
            }
            case 2 -> ipv4.emit(memory, AT);
            default -> ipv6.emit(memory, AT);
        }
        return memory;
    }

    /** Reads the header and verifies its checksum. */
    @Benchmark
    public int parse() {
        return switch (kind) {
            case 0 -> {
                final int length = TcpView.MIN_LENGTH + PAYLOAD;
                yield tcp.parse(memory, AT, length) && InternetChecksum.verifies(tcpSum(length)) ? tcp.seq : 0;
            }
            case 1 -> udp.parse(ip, memory, AT, UdpView.LENGTH + PAYLOAD, true) + udp.dstPort;
            case 2 -> ipv4.parse(memory, AT, 120, true) + ipv4.ttl;
            default -> ipv6.parse(memory, AT, 140) + ipv6.hopLimit;
        };
    }

    private long tcpSum(final int length) {
        return InternetChecksum.pseudoHeader(ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, TcpView.PROTOCOL, length)
                + InternetChecksum.partial(memory, AT, length);
    }
}
