package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * IPv6 extension headers in place (RFC 8200 section 4). All methods take the memory and the offset of the header's first
 * byte; the caller has checked that {@link #UNIT} bytes are there, and {@link #length} before it goes on.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |  Next header  |  Length in 8  |  Options, each of them        |
 * +---------------+---------------+                               +
 * |   type (1), data length (1), data; type 0 is one byte alone   |
 * +---------------------------------------------------------------+
 *
 * +---------------+---------------+-------------------------+---+-+
 * |  Next header  |   Reserved    |     Fragment offset     |Res|M|
 * +---------------+---------------+-------------------------+---+-+
 * |                        Identification                         |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv6ExtensionView {
    /** Header type: hop-by-hop options. */
    public static final int HOP_BY_HOP = 0;

    /** Header type: routing. */
    public static final int ROUTING = 43;

    /** Header type: fragment. */
    public static final int FRAGMENT = 44;

    /** Header type: nothing follows. */
    public static final int NO_NEXT_HEADER = 59;

    /** Header type: destination options. */
    public static final int DESTINATION_OPTIONS = 60;

    /** Extension headers are multiples of this many bytes; a fragment header is exactly as long. */
    public static final int UNIT = 8;

    /** Type of what follows, 1 byte. */
    public static final int NEXT_HEADER_OFFSET = 0;

    /** Length in units, the first not counted, 1 byte; not in a fragment header. */
    public static final int LENGTH_OFFSET = 1;

    /** Options, or what else the header holds. */
    public static final int DATA_OFFSET = 2;

    /** Type of a routing header, 1 byte. */
    public static final int ROUTING_TYPE_OFFSET = 2;

    /** Nodes that a routing header still leads to, 1 byte. */
    public static final int SEGMENTS_LEFT_OFFSET = 3;

    /** Offset and flags of a fragment header, 2 bytes. */
    public static final int FRAGMENT_OFFSET = 2;

    /** Identification of a fragment header, 4 bytes. */
    public static final int ID_OFFSET = 4;

    /** Option: one byte of padding. */
    public static final int OPTION_PAD1 = 0;

    /** Option: padding. */
    public static final int OPTION_PADN = 1;

    /** Option: routers look closer (RFC 2711). */
    public static final int OPTION_ROUTER_ALERT = 5;

    /** Option: RPL information (RFC 6553), known by name; a node outside an RPL network drops what carries it. */
    public static final int OPTION_RPL = 0x63;

    /** Option: home address of a mobile node (RFC 6275 section 6.3); we serve none. */
    public static final int OPTION_HOME_ADDRESS = 0xC9;

    /** What to do about an unknown option: go on. */
    public static final int ACTION_SKIP = 0;

    /** What to do about an unknown option: drop the packet. */
    public static final int ACTION_DISCARD = 1;

    /** What to do about an unknown option: drop the packet and tell the source. */
    public static final int ACTION_DISCARD_TELL = 2;

    /** What to do about an unknown option: drop the packet and tell the source unless the destination is a group. */
    public static final int ACTION_DISCARD_TELL_UNICAST = 3;

    /** Type of a routing header that RFC 5095 deprecates. */
    private static final int SOURCE_ROUTE = 0;

    private static final int ADDRESSES_OFFSET = 8;
    private static final int ADDRESS_LENGTH = 16;

    private Ipv6ExtensionView() {}

    /** Whether a header type is one that this class knows; else it is that of an upper layer, or unknown. */
    public static boolean isExtension(final int type) {
        return switch (type) {
            case HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }

    /** Type of what follows. */
    public static int nextHeader(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + NEXT_HEADER_OFFSET);
    }

    /** Bytes of a header of options or of a routing header, 8 to 2,048. */
    public static int length(final MemorySegment memory, final long offset) {
        return (Net.u8(memory, offset + LENGTH_OFFSET) + 1) * UNIT;
    }

    /**
     * Checks the length of a header of options or of a routing header.
     *
     * @param room bytes up to the end of the packet
     * @return its bytes, 8 to 2,048; -1 if it is longer than {@code room}
     */
    public static int checkLength(final MemorySegment memory, final long offset, final int room) {
        if (room < UNIT) {
            return -1;
        }
        final int length = length(memory, offset);
        return length <= room ? length : -1;
    }

    /** Type of a routing header. */
    public static int routingType(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + ROUTING_TYPE_OFFSET);
    }

    /** Nodes that a routing header still leads to. */
    public static int segmentsLeft(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + SEGMENTS_LEFT_OFFSET);
    }

    /**
     * Puts into a header's representation the addresses that checksums of upper layers cover, where an extension header
     * holds them: the destination that a routing header with segments left leads to (RFC 8200 section 8.1), the home
     * address of a mobile node as the source (RFC 6275 section 11.3.1).
     *
     * @param type of the extension header
     * @param length its bytes, all of which are there
     * @return false if they cannot be known
     */
    public static boolean coveredAddresses(
            final IpRepr ip, final MemorySegment memory, final long offset, final int type, final int length) {
        if (type == ROUTING && segmentsLeft(memory, offset) > 0) {
            final int at = finalDestination(memory, offset, length);
            if (at < 0) {
                return false;
            }
            ip.dstHi = Net.i64(memory, offset + at);
            ip.dstLo = Net.i64(memory, offset + at + 8);
        } else if (type == DESTINATION_OPTIONS) {
            final int at = findOption(memory, offset, length, OPTION_HOME_ADDRESS, 2 + ADDRESS_LENGTH);
            if (at >= 0) {
                ip.srcHi = Net.i64(memory, offset + at + 2);
                ip.srcLo = Net.i64(memory, offset + at + 10);
            }
        }
        return true;
    }

    /** Where in a routing header the last of its addresses on the way stands; -1 if its type is not known or has none. */
    private static int finalDestination(final MemorySegment memory, final long offset, final int length) {
        if (length < ADDRESSES_OFFSET + ADDRESS_LENGTH) {
            return -1;
        }
        return switch (routingType(memory, offset)) {
            case SOURCE_ROUTE, Ipv6RoutingRepr.HOME_ADDRESS -> length - ADDRESS_LENGTH;
            case Ipv6RoutingRepr.SEGMENT_ROUTING -> ADDRESSES_OFFSET; // they stand in reverse (RFC 8754 section 2)
            default -> -1;
        };
    }

    /** Whether a fragment header makes a fragment: not if it is the first and the last (RFC 6946). */
    public static boolean isFragment(final MemorySegment memory, final long offset) {
        return (Net.u16(memory, offset + FRAGMENT_OFFSET) & 0xFFF9) != 0;
    }

    /** Place of a fragment within its packet's fragmentable part in bytes, 0 to 65,528. */
    public static int fragmentOffset(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + FRAGMENT_OFFSET) & 0xFFF8;
    }

    /** Whether a fragment is not the last one. */
    public static boolean moreFragments(final MemorySegment memory, final long offset) {
        return (Net.u16(memory, offset + FRAGMENT_OFFSET) & 1) != 0;
    }

    /** Identification of a fragment header, 32 bits. */
    public static int id(final MemorySegment memory, final long offset) {
        return Net.i32(memory, offset + ID_OFFSET);
    }

    /**
     * Writes a fragment header.
     *
     * @param nextHeader type of what the packet's fragmentable part begins with
     * @param place of the fragment in bytes, a multiple of 8
     * @param more whether it is not the last one
     */
    public static void writeFragment(
            final MemorySegment memory,
            final long offset,
            final int nextHeader,
            final int place,
            final boolean more,
            final int id) {
        Net.put32(memory, offset + NEXT_HEADER_OFFSET, nextHeader << 24 | place | (more ? 1 : 0));
        Net.put32(memory, offset + ID_OFFSET, id);
    }

    /** What is to be done about an option that is not known (RFC 8200 section 4.2): its two upper bits. */
    public static int action(final int optionType) {
        return optionType >>> 6;
    }

    /**
     * Bytes of an option.
     *
     * @param room bytes up to the end of the header, at least 1
     * @return its bytes, 1 to 257; -1 if it is longer than {@code room}
     */
    public static int optionLength(final MemorySegment memory, final long offset, final int room) {
        if (Net.u8(memory, offset) == OPTION_PAD1) {
            return 1;
        }
        if (room < 2) {
            return -1;
        }
        final int length = 2 + Net.u8(memory, offset + 1);
        return length <= room ? length : -1;
    }

    /**
     * Value of the router alert option (RFC 2711) of a hop-by-hop header.
     *
     * @param end bytes of the header, all of which are there
     * @return 0 to 65,535; -1 if there is no such option in front of the first one that is too long
     */
    public static int routerAlert(final MemorySegment memory, final long offset, final int end) {
        final int at = findOption(memory, offset, end, OPTION_ROUTER_ALERT, 4);
        return at < 0 ? -1 : Net.u16(memory, offset + at + 2);
    }

    private static int findOption(
            final MemorySegment memory, final long offset, final int end, final int type, final int length) {
        int at = DATA_OFFSET;
        while (at < end) {
            final int its = optionLength(memory, offset + at, end - at);
            if (its < 0) {
                return -1;
            }
            if (its == length && Net.u8(memory, offset + at) == type) {
                return at;
            }
            at += its;
        }
        return -1;
    }
}
