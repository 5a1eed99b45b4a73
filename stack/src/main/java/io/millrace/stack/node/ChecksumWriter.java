package io.millrace.stack.node;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.NodeCounter;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;

/**
 * Computes the checksums of Ethernet frames anew and writes them: of the IPv4 header, and of TCP and UDP over both
 * families, as the forwarding mode {@code csum} of DPDK's test program does in software. A UDP checksum of 0 over IPv4
 * stays 0; of fragments only the header's is written, and behind IPv6 extension headers nothing. Everything else passes as
 * it is, whatever its checksums are worth.
 * Edge: {@code out}.
 */
public final class ChecksumWriter extends Node {
    private final Edge out = edge("out");
    private final NodeCounter untouched = counter("untouched", "packets in which there was no checksum to write");

    /** Makes one. */
    public ChecksumWriter(final String name) {
        super(name);
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        final MemorySegment memory = burst.memory();
        final int count = burst.count();
        int passed = 0;
        for (int i = 0; i < count; i++) {
            if (!write(memory, burst.offset(i), burst.length(i))) {
                passed++;
            }
        }
        untouched.add(passed);
        burst.sendAll(out);
    }

    /**
     * Writes the checksums of one frame.
     *
     * @return false if it was left as it is
     */
    public static boolean write(final MemorySegment memory, final long offset, final int length) {
        final int header = LinkHeader.length(memory, offset, length);
        if (header < 0) {
            return false;
        }
        return switch (LinkHeader.type(memory, offset, header)) {
            case EthernetView.TYPE_IPV4 -> writeIpv4(memory, offset + header, length - header);
            case EthernetView.TYPE_IPV6 -> writeIpv6(memory, offset + header, length - header);
            default -> false;
        };
    }

    private static boolean writeIpv4(final MemorySegment memory, final long offset, final int length) {
        if (Ipv4View.check(memory, offset, length) != Ipv4View.VALID) {
            return false;
        }
        final int header = Ipv4View.headerLength(memory, offset);
        final long sum = header == Ipv4View.MIN_LENGTH
                ? InternetChecksum.words(Net.i64(memory, offset))
                        + InternetChecksum.words(Net.i64(memory, offset + 8))
                        + Net.u32(memory, offset + 16)
                : InternetChecksum.partial(memory, offset, header);
        Net.put16(
                memory,
                offset + Ipv4View.CHECKSUM_OFFSET,
                InternetChecksum.finish(without(sum, Ipv4View.checksum(memory, offset))));
        if (!Ipv4View.isFragment(memory, offset)) {
            writeTransport(
                    memory,
                    offset + header,
                    Ipv4View.totalLength(memory, offset) - header,
                    Ipv4View.protocol(memory, offset),
                    0,
                    Ipv4View.src(memory, offset),
                    0,
                    Ipv4View.dst(memory, offset));
        }
        return true;
    }

    /**
     * A sum without the checksum that it holds. To write a 0 first and to sum then would make the wide loads wait for the
     * narrow store. There is always something else that is not 0 in the sum, so the result is never taken for 0.
     */
    private static long without(final long sum, final int checksum) {
        return sum + (~checksum & 0xFFFF);
    }

    private static boolean writeIpv6(final MemorySegment memory, final long offset, final int length) {
        if (Ipv6View.check(memory, offset, length) != Ipv6View.VALID) {
            return false;
        }
        return writeTransport(
                memory,
                offset + Ipv6View.LENGTH,
                Ipv6View.payloadLength(memory, offset),
                Ipv6View.nextHeader(memory, offset),
                Ipv6View.srcHi(memory, offset),
                Ipv6View.srcLo(memory, offset),
                Ipv6View.dstHi(memory, offset),
                Ipv6View.dstLo(memory, offset));
    }

    private static boolean writeTransport(
            final MemorySegment memory,
            final long offset,
            final int length,
            final int protocol,
            final long srcHi,
            final long srcLo,
            final long dstHi,
            final long dstLo) {
        final long at;
        if (protocol == UdpView.PROTOCOL && length >= UdpView.LENGTH) {
            if (UdpView.checksum(memory, offset) == 0) {
                return false;
            }
            at = offset + UdpView.CHECKSUM_OFFSET;
        } else if (protocol == TcpView.PROTOCOL && length >= TcpView.MIN_LENGTH) {
            at = offset + TcpView.CHECKSUM_OFFSET;
        } else {
            return false;
        }
        final long sum = InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, protocol, length)
                + InternetChecksum.partial(memory, offset, length);
        final int checksum = InternetChecksum.finish(without(sum, Net.u16(memory, at)));
        Net.put16(memory, at, checksum == 0 && protocol == UdpView.PROTOCOL ? 0xFFFF : checksum);
        return true;
    }
}
