package io.millrace.dataplane.flow;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.port.Medium;
import java.lang.foreign.MemorySegment;

/**
 * Tells which shard a packet is for. Packets of one flow, of both directions, and ICMP errors about it go to one shard;
 * what several shards must hear of goes to all; everything else, also what is malformed, goes to the first, which counts
 * it.
 *
 * <ul>
 *   <li>TCP and UDP: by addresses and ports. Fragments have no ports, so by addresses only.
 *   <li>ICMP errors (RFC 792, RFC 4443): as the packet that they quote.
 *   <li>ARP replies, neighbour and router advertisements and redirects (RFC 826, RFC 4861): all, since each shard has a
 *       neighbour cache of its own. Requests and solicitations: the first, so that one answer goes out.
 *   <li>Echo replies: the first, so that is where to ping from. Everything else over IP: by addresses.
 * </ul>
 *
 * <p>Reads within the packet's length only. Immutable, so any thread.
 */
public final class FlowClassifier {
    /** The packet is for all shards. */
    public static final int ALL = -1;

    /** The shard that gets what is for no other. */
    public static final int FIRST = 0;

    private static final int ETHER_TYPE_OFFSET = 12;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86DD;
    private static final int ARP = 0x0806;
    private static final int ARP_OPERATION_OFFSET = 6;
    private static final int ARP_REPLY = 2;

    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int ICMP6 = 58;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int MAX_EXTENSIONS = 8;
    private static final int ICMP_HEADER = 8;

    private final FlowHash hash;
    private final int shards;

    /** Makes a classifier for 1 to {@value FlowHash#BUCKETS} shards. */
    public FlowClassifier(final FlowHash hash, final int shards) {
        if (shards < 1 || shards > FlowHash.BUCKETS) {
            throw new IllegalArgumentException(shards + " shards; use 1 to " + FlowHash.BUCKETS);
        }
        this.hash = hash;
        this.shards = shards;
    }

    /**
     * The shard of a packet.
     *
     * @return 0 to the number of shards - 1, or {@link #ALL}
     */
    public int shard(final Medium medium, final MemorySegment memory, final long offset, final int length) {
        if (medium == Medium.IP) {
            return length == 0 ? FIRST : ip(Net.u8(memory, offset) >>> 4, memory, offset, length);
        }
        final int header = Medium.ETHERNET.headerLength();
        if (length < header) {
            return FIRST;
        }
        return switch (Net.u16(memory, offset + ETHER_TYPE_OFFSET)) {
            case IPV4 -> ip(4, memory, offset + header, length - header);
            case IPV6 -> ip(6, memory, offset + header, length - header);
            case ARP ->
                length >= header + ARP_OPERATION_OFFSET + 2
                                && Net.u16(memory, offset + header + ARP_OPERATION_OFFSET) == ARP_REPLY
                        ? ALL
                        : FIRST;
            default -> FIRST;
        };
    }

    private int ip(final int version, final MemorySegment memory, final long offset, final int length) {
        return switch (version) {
            case 4 -> ipv4(memory, offset, length, false);
            case 6 -> ipv6(memory, offset, length, false);
            default -> FIRST;
        };
    }

    private int ipv4(final MemorySegment memory, final long offset, final int length, final boolean quoted) {
        if (length < 20) {
            return FIRST;
        }
        final int header = (Net.u8(memory, offset) & 0xF) * 4;
        final long src = Net.u32(memory, offset + 12);
        final long dst = Net.u32(memory, offset + 16);
        // More fragments, or an offset.
        final boolean fragment = (Net.u16(memory, offset + 6) & 0x3FFF) != 0;
        if (fragment || header < 20) {
            return byHash(0, src, 0, dst, 0);
        }
        final int left = length - header;
        final int protocol = Net.u8(memory, offset + 9);
        if ((protocol == TCP || protocol == UDP) && left >= 4) {
            return byHash(0, src, 0, dst, Net.i32(memory, offset + header));
        }
        if (protocol == ICMP && !quoted && left >= ICMP_HEADER) {
            return switch (Net.u8(memory, offset + header)) {
                case 3, 4, 5, 11, 12 -> ipv4(memory, offset + header + ICMP_HEADER, left - ICMP_HEADER, true);
                case 0 -> FIRST;
                default -> byHash(0, src, 0, dst, 0);
            };
        }
        return byHash(0, src, 0, dst, 0);
    }

    private int ipv6(final MemorySegment memory, final long offset, final int length, final boolean quoted) {
        if (length < 40) {
            return FIRST;
        }
        final long srcHi = Net.i64(memory, offset + 8);
        final long srcLo = Net.i64(memory, offset + 16);
        final long dstHi = Net.i64(memory, offset + 24);
        final long dstLo = Net.i64(memory, offset + 32);
        int next = Net.u8(memory, offset + 6);
        int at = 40;
        for (int i = 0; i < MAX_EXTENSIONS && isExtension(next) && length - at >= 8; i++) {
            next = Net.u8(memory, offset + at);
            at += (Net.u8(memory, offset + at + 1) + 1) * 8;
        }
        final int left = length - at;
        if ((next == TCP || next == UDP) && left >= 4) {
            return byHash(srcHi, srcLo, dstHi, dstLo, Net.i32(memory, offset + at));
        }
        if (next == ICMP6 && !quoted && left >= ICMP_HEADER) {
            return switch (Net.u8(memory, offset + at)) {
                case 1, 2, 3, 4 -> ipv6(memory, offset + at + ICMP_HEADER, left - ICMP_HEADER, true);
                case 134, 136, 137 -> ALL;
                case 129, 133, 135 -> FIRST;
                default -> byHash(srcHi, srcLo, dstHi, dstLo, 0);
            };
        }
        return byHash(srcHi, srcLo, dstHi, dstLo, 0);
    }

    private static boolean isExtension(final int header) {
        return header == HOP_BY_HOP || header == ROUTING || header == DESTINATION_OPTIONS;
    }

    private int byHash(final long srcHi, final long srcLo, final long dstHi, final long dstLo, final int ports) {
        return FlowHash.shard(hash.hash(srcHi, srcLo, dstHi, dstLo, ports), shards);
    }
}
