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
 * stays 0; of fragments only the header's is written, and behind IPv6 extension headers nothing. Everything else passes
 * as it is, whatever its checksums are worth. Edge: {@code out}.
 */
public final class ChecksumWriter extends Node {
    /** Bytes of a frame that {@link #writePlain} reads: Ethernet, IPv4 without options, and the header of UDP. */
    private static final int PLAIN_LENGTH = EthernetView.LENGTH + Ipv4View.MIN_LENGTH + UdpView.LENGTH;

    /** What the frame has at 12 then: the type IPv4, version 4 and a header of five words. */
    private static final int PLAIN_FRONT = EthernetView.TYPE_IPV4 << 8 | 0x45;

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
        if (length >= PLAIN_LENGTH) {
            final long front = Net.i64(memory, offset + 12);
            if (front >>> 40 == PLAIN_FRONT) {
                return writePlain(memory, offset, length, front);
            }
        }
        return writeAny(memory, offset, length);
    }

    /**
     * Writes the checksums of a frame as nearly all are: without a tag and without IPv4 options. The header is read in
     * three words that begin at 12, which the first two bytes of the Ethernet type and the last two of what follows the
     * header share: each access costs a check of the bounds, and fields picked from a word do not.
     *
     * <pre>
     *  front   12  type(2)  version(1)  DSCP(1)  total length(2)  identification(2)
     *  middle  20  flags(2)  TTL(1)  protocol(1)  checksum(2)  source(2)
     *  back    28  source(2)  destination(4)  of the next header(2)
     * </pre>
     */
    private static boolean writePlain(
            final MemorySegment memory, final long offset, final int length, final long front) {
        final int total = (int) (front >>> 16) & 0xFFFF;
        if (total < Ipv4View.MIN_LENGTH || total > length - EthernetView.LENGTH) {
            return false;
        }
        final long middle = Net.i64(memory, offset + 20);
        final long back = Net.i64(memory, offset + 28) >>> 16;
        // The checksum is left out by its place. Each addend holds whole 16-bit words at multiples of 16 bits.
        final long sum = (front & 0xFFFF_FFFF_FFFFL) + back + (middle >>> 32) + (middle & 0xFFFF);
        // The word as a whole again: when this buffer comes back, a load of it would wait for a narrow store.
        Net.put64(
                memory,
                offset + 20,
                (middle & 0xFFFF_FFFF_0000_FFFFL) | (long) InternetChecksum.finish(sum) << Short.SIZE);
        if ((middle >>> 48 & Ipv4View.FRAGMENT_BITS) == 0) {
            writeTransport(
                    memory,
                    offset + EthernetView.LENGTH + Ipv4View.MIN_LENGTH,
                    total - Ipv4View.MIN_LENGTH,
                    (int) (middle >>> 32) & 0xFF,
                    (middle & 0xFFFF) + back);
        }
        return true;
    }

    private static boolean writeAny(final MemorySegment memory, final long offset, final int length) {
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
                    Ipv4View.src(memory, offset) + Ipv4View.dst(memory, offset));
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
                InternetChecksum.words(Ipv6View.srcHi(memory, offset))
                        + InternetChecksum.words(Ipv6View.srcLo(memory, offset))
                        + InternetChecksum.words(Ipv6View.dstHi(memory, offset))
                        + InternetChecksum.words(Ipv6View.dstLo(memory, offset)));
    }

    /** The pseudo header is the partial sum of both addresses, the protocol and the length. */
    private static boolean writeTransport(
            final MemorySegment memory, final long offset, final int length, final int protocol, final long addresses) {
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
        final long sum = addresses + protocol + length + InternetChecksum.partial(memory, offset, length);
        final int checksum = InternetChecksum.finish(without(sum, Net.u16(memory, at)));
        Net.put16(memory, at, checksum == 0 && protocol == UdpView.PROTOCOL ? 0xFFFF : checksum);
        return true;
    }
}
