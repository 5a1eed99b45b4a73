package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpRepr;
import java.lang.foreign.MemorySegment;

/**
 * Flow labels of what this stack sends over IPv6 (RFC 6437): a keyed hash of both addresses, the protocol and the ports,
 * or of an echo's identifier. So all packets of a flow carry the same label, those of others most likely another one, and
 * routers can spread flows over paths without looking behind the IP header. Nothing is kept for it: no flow is too short
 * or one too many.
 *
 * <p>Each shard has a key of its own. No connection leaves its shard, so that its label stays; a flow of UDP or ICMP gets
 * another one, once, if it moves because the number of shards changed. Linux's default is much the same, labels for
 * whatever sockets do not label themselves ({@code auto_flowlabels} 1), but for TCP, whose label it draws anew when a
 * connection seems to be stuck on its path. Nor does either send back the label that a peer uses.
 *
 * <p>Six multiplications under a key of 320 bits, so little for each packet that a label kept in each connection would
 * save nothing. That is no cipher, and need not be: a label lets nobody in, it must only not be foreseen by those who
 * don't see the flow (RFC 6437 section 6.1), and tells 20 bits of the hash. The tables of this stack use keys of their
 * own.
 */
final class FlowLabels {
    private static final int UNUSED_BITS = 64 - 20;

    private final long[] key = new long[5];

    FlowLabels(final Entropy entropy) {
        for (int i = 0; i < key.length; i++) {
            key[i] = entropy.nextLong();
        }
    }

    /**
     * The label of a packet.
     *
     * @param ip its addresses and protocol
     * @param memory where the packet is
     * @param transport offset of what follows the IP header, of which there are 8 bytes at least
     * @return 1 to 1,048,575: no label, 0, is none that a source may choose for a flow (RFC 6437 section 3)
     */
    int of(final IpRepr ip, final MemorySegment memory, final long transport) {
        final int ports = Net.i32(memory, transport);
        return of(ip, ip.protocol == Icmpv6View.PROTOCOL ? message(memory, transport, ports) : ports);
    }

    /** What stands for ports in an ICMP message: type and code, and the identifier of an echo. */
    private static int message(final MemorySegment memory, final long transport, final int first) {
        final int typeAndCode = first & 0xFFFF_0000;
        final int type = first >>> 24;
        final boolean echo = type == Icmpv6View.ECHO_REQUEST || type == Icmpv6View.ECHO_REPLY;
        return echo ? typeAndCode | IcmpView.identifier(memory, transport) : typeAndCode;
    }

    private int of(final IpRepr ip, final int ports) {
        final long source = mix(ip.srcHi ^ key[0], ip.srcLo ^ key[1]);
        final long destination = mix(ip.dstHi ^ key[2], ip.dstLo ^ key[3]);
        final long upper = (long) ip.protocol << 32 | (ports & 0xFFFF_FFFFL);
        // The rotation tells the source from the destination.
        final int label = (int) (mix(source ^ upper, Long.rotateLeft(destination, 32) ^ key[4]) >>> UNUSED_BITS);
        return label == 0 ? 1 : label;
    }

    /** Both halves of a product of 128 bits, so that each bit of the factors matters to each of the result. */
    private static long mix(final long a, final long b) {
        return Math.multiplyHigh(a, b) ^ a * b;
    }
}
