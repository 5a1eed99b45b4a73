package io.millrace.dataplane.flow;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.port.Medium;
import java.lang.foreign.MemorySegment;

/**
 * Tells what decides which shard a packet is for. Packets of one flow, of both directions, and ICMP errors about it
 * belong to one shard; what several shards must hear of to all; everything else, also what is malformed, to the first,
 * which counts it. Frames may carry up to two VLAN tags.
 *
 * <ul>
 *   <li>TCP and UDP: a flow by addresses and ports. Only a datagram's first fragment has the ports; see {@link
 *       FragmentTracker}.
 *   <li>ICMP errors (RFC 792, RFC 4443): the flow of the packet that they quote.
 *   <li>ARP replies, neighbour and router advertisements and redirects (RFC 826, RFC 4861): all, since each shard asks
 *   for itself. Requests and solicitations: the first, so that one answer goes out; what it learns from them it tells
 *   the others.
 *   <li>Echo replies: a flow by their identifier, so that whoever asks chooses one that comes back. Everything else over
 *       IP, requests included: a flow by addresses.
 * </ul>
 *
 * <p>Reads within the packet's length only. Has no state, so any thread.
 */
public final class FlowClassifier {
    /** The packet is for all shards. */
    public static final int ALL = -1;

    /** The packet is for the first shard, which gets what is for no other. */
    public static final int FIRST = 0;

    /** The packet is for the shard that has its flow. */
    public static final int FLOW = 1;

    /** The packet is for the shard that gets its datagram. */
    public static final int FRAGMENT = 2;

    private static final int ETHER_TYPE_OFFSET = 12;
    private static final int VLAN = 0x8100;
    private static final int SERVICE_VLAN = 0x88A8;
    private static final int TAG = 4;
    private static final int MAX_TAGS = 2;
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
    private static final int FRAGMENT_HEADER = 44;
    private static final int ICMP6 = 58;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int MAX_EXTENSIONS = 8;
    private static final int ICMP_HEADER = 8;
    private static final int ICMP_IDENTIFIER_OFFSET = 4;
    private static final int ECHO_REPLY = 0;
    private static final int ECHO_REQUEST = 8;
    private static final int ECHO_REQUEST_6 = 128;
    private static final int ECHO_REPLY_6 = 129;

    private FlowClassifier() {}

    /**
     * Classifies a packet.
     *
     * @param key gets the flow of what is {@link #FLOW} or {@link #FRAGMENT}
     * @return {@link #ALL}, {@link #FIRST}, {@link #FLOW} or {@link #FRAGMENT}
     */
    public static int classify(
            final Medium medium, final MemorySegment memory, final long offset, final int length, final FlowKey key) {
        return switch (medium) {
            case ETHERNET -> ethernet(memory, offset, length, key);
            case IP -> length == 0 ? FIRST : ip(Net.u8(memory, offset) >>> 4, memory, offset, length, key);
        };
    }

    private static int ethernet(final MemorySegment memory, final long offset, final int length, final FlowKey key) {
        int header = Medium.ETHERNET.headerLength();
        if (length < header) {
            return FIRST;
        }
        int type = Net.u16(memory, offset + ETHER_TYPE_OFFSET);
        for (int i = 0; i < MAX_TAGS && (type == VLAN || type == SERVICE_VLAN) && length >= header + TAG; i++) {
            header += TAG;
            type = Net.u16(memory, offset + header - 2);
        }
        return switch (type) {
            case IPV4 -> ip(4, memory, offset + header, length - header, key);
            case IPV6 -> ip(6, memory, offset + header, length - header, key);
            case ARP ->
                length >= header + ARP_OPERATION_OFFSET + 2
                                && Net.u16(memory, offset + header + ARP_OPERATION_OFFSET) == ARP_REPLY
                        ? ALL
                        : FIRST;
            default -> FIRST;
        };
    }

    static boolean hasPorts(final int protocol) {
        return protocol == TCP || protocol == UDP;
    }

    static boolean isIcmp(final int protocol) {
        return protocol == ICMP || protocol == ICMP6;
    }

    private static int ip(
            final int version, final MemorySegment memory, final long offset, final int length, final FlowKey key) {
        key.quoted = false;
        key.echo = false;
        return switch (version) {
            case 4 -> ipv4(memory, offset, length, key);
            case 6 -> ipv6(memory, offset, length, key);
            default -> FIRST;
        };
    }

    private static int ipv4(final MemorySegment memory, final long offset, final int length, final FlowKey key) {
        if (length < 20) {
            return FIRST;
        }
        final int header = (Net.u8(memory, offset) & 0xF) * 4;
        key.family = 4;
        key.srcHi = 0;
        key.srcLo = Net.u32(memory, offset + 12);
        key.dstHi = 0;
        key.dstLo = Net.u32(memory, offset + 16);
        key.ports = 0;
        key.protocol = Net.u8(memory, offset + 9);
        if (header < 20) {
            return FLOW;
        }
        final int place = Net.u16(memory, offset + 6) & 0x3FFF;
        if (place == 0) {
            return transport(memory, offset + header, length - header, key, !key.quoted);
        }
        key.fragmentId = Net.u16(memory, offset + 4);
        return fragment((place & 0x1FFF) == 0, memory, offset + header, length - header, key);
    }

    private static int ipv6(final MemorySegment memory, final long offset, final int length, final FlowKey key) {
        if (length < 40) {
            return FIRST;
        }
        key.family = 6;
        key.srcHi = Net.i64(memory, offset + 8);
        key.srcLo = Net.i64(memory, offset + 16);
        key.dstHi = Net.i64(memory, offset + 24);
        key.dstLo = Net.i64(memory, offset + 32);
        key.ports = 0;
        key.protocol = Net.u8(memory, offset + 6);
        int at = 40;
        for (int i = 0; i < MAX_EXTENSIONS && isExtension(key.protocol) && length - at >= 8; i++) {
            final int header = key.protocol;
            key.protocol = Net.u8(memory, offset + at);
            if (header == FRAGMENT_HEADER) {
                final int place = Net.u16(memory, offset + at + 2);
                if ((place & 0xFFF9) != 0) {
                    key.fragmentId = Net.i32(memory, offset + at + 4);
                    return fragment((place & 0xFFF8) == 0, memory, offset + at + 8, length - at - 8, key);
                }
                at += 8; // a fragment that is the whole datagram (RFC 6946)
            } else {
                at += (Net.u8(memory, offset + at + 1) + 1) * 8;
            }
        }
        return transport(memory, offset + at, length - at, key, !key.quoted);
    }

    /** A fragment; of the first what is in it is looked at, too, as far as it goes. */
    private static int fragment(
            final boolean start, final MemorySegment memory, final long offset, final int left, final FlowKey key) {
        if (key.quoted) {
            return start ? transport(memory, offset, left, key, false) : FLOW;
        }
        key.start = start;
        key.whole = start ? transport(memory, offset, left, key, false) : FLOW;
        return FRAGMENT;
    }

    /**
     * What follows the headers of IP; the key has the addresses and the protocol.
     *
     * @param follows whether the packet that an ICMP error quotes is looked at
     */
    private static int transport(
            final MemorySegment memory, final long offset, final int left, final FlowKey key, final boolean follows) {
        if (hasPorts(key.protocol) && left >= 4) {
            key.ports = Net.i32(memory, offset);
            return FLOW;
        }
        if (!isIcmp(key.protocol) || left < ICMP_HEADER) {
            return FLOW;
        }
        final int type = Net.u8(memory, offset);
        final boolean v4 = key.protocol == ICMP;
        if (key.quoted) {
            return type == (v4 ? ECHO_REQUEST : ECHO_REQUEST_6) ? echo(memory, offset, key) : FLOW;
        }
        if (v4) {
            return switch (type) {
                case 3, 4, 5, 11, 12 -> follows ? quoted(memory, offset + ICMP_HEADER, left - ICMP_HEADER, key) : FLOW;
                case ECHO_REPLY -> echo(memory, offset, key);
                default -> FLOW;
            };
        }
        return switch (type) {
            case 1, 2, 3, 4 -> follows ? quoted(memory, offset + ICMP_HEADER, left - ICMP_HEADER, key) : FLOW;
            case 134, 136, 137 -> ALL;
            case 133, 135 -> FIRST;
            case ECHO_REPLY_6 -> echo(memory, offset, key);
            default -> FLOW;
        };
    }

    private static int echo(final MemorySegment memory, final long offset, final FlowKey key) {
        key.echo = true;
        key.ports = Net.u16(memory, offset + ICMP_IDENTIFIER_OFFSET);
        return FLOW;
    }

    private static int quoted(final MemorySegment memory, final long offset, final int length, final FlowKey key) {
        key.quoted = true;
        return key.family == 4 ? ipv4(memory, offset, length, key) : ipv6(memory, offset, length, key);
    }

    private static boolean isExtension(final int header) {
        return header == HOP_BY_HOP || header == ROUTING || header == DESTINATION_OPTIONS || header == FRAGMENT_HEADER;
    }
}
