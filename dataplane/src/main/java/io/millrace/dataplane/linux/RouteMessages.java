package io.millrace.dataplane.linux;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages of RTNETLINK (RFC 3549, {@code linux/rtnetlink.h}), in the byte order of the machine, addresses in that of
 * the network.
 *
 * <pre>
 *  message:   length 32 | type 16 | flags 16 | sequence 32 | port 32 | body, padded
 *  route:     family 8 | prefix 8 | source prefix 8 | TOS 8 | table 8 | protocol 8 | scope 8 | kind 8 | flags 32 | attributes
 *  address:   family 8 | prefix 8 | flags 8 | scope 8 | interface 32 | attributes
 *  attribute: length 16 | type 16 | value, padded
 *  next hop:  length 16 | flags 8 | weight less 1 8 | interface 32 | attributes
 *  via:       family 16 | address
 * </pre>
 */
final class RouteMessages {
    static final int HEADER = 16;
    static final int ROUTE_BODY = 12;
    static final int ADDRESS_BODY = 8;
    static final int ATTRIBUTE = 4;
    static final int FLAGS_OFFSET = 6;

    static final int ERROR = 2;
    static final int DONE = 3;
    static final int OVERRUN = 4;
    static final int NEW_LINK = 16;
    static final int DEL_LINK = 17;
    static final int GET_LINK = 18;
    static final int NEW_ADDRESS = 20;
    static final int DEL_ADDRESS = 21;
    static final int GET_ADDRESS = 22;
    static final int NEW_ROUTE = 24;
    static final int DEL_ROUTE = 25;
    static final int GET_ROUTE = 26;

    static final int REQUEST = 1;
    static final int ACK = 4;
    static final int DUMP_INTERRUPTED = 0x10;
    static final int REPLACE = 0x100;
    static final int DUMP = 0x300;
    static final int CREATE = 0x400;

    static final int ROUTE_DESTINATION = 1;
    static final int ROUTE_DEVICE = 4;
    static final int ROUTE_GATEWAY = 5;
    static final int ROUTE_PRIORITY = 6;
    static final int ROUTE_METRICS = 8;
    static final int ROUTE_MULTIPATH = 9;
    static final int ROUTE_TABLE = 15;
    static final int ROUTE_VIA = 18;

    static final int LINK_NAME = 3;
    static final int LINK_MASK = 29;
    static final int LINK_CARRIER_DOWNS = 48;

    static final int ADDRESS_ADDRESS = 1;
    static final int ADDRESS_LOCAL = 2;

    static final int MAIN_TABLE = 254;

    static final int NEXT_HOP = 8;

    /** The interface of a next hop, or of a whole route, is down. */
    private static final int DEAD = 1;

    /** The upper two bits of an attribute's type are flags. */
    static final int TYPE_MASK = 0x3FFF;

    /** A cached route, for instance one with a path MTU, is no route of the table. */
    private static final int CLONED = 0x200;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.nativeOrder());
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.nativeOrder());

    private RouteMessages() {}

    static int u32(final MemorySegment memory, final long at) {
        return memory.get(INT, at);
    }

    static int u16(final MemorySegment memory, final long at) {
        return memory.get(SHORT, at) & 0xFFFF;
    }

    static void put32(final MemorySegment memory, final long at, final int value) {
        memory.set(INT, at, value);
    }

    static void put16(final MemorySegment memory, final long at, final int value) {
        memory.set(SHORT, at, (short) value);
    }

    static int padded(final int length) {
        return length + 3 & ~3;
    }

    /** Tells a listener what a message says. Of what is none of ours, or too short, nothing. */
    static void read(final MemorySegment memory, final int at, final int end, final RouteListener listener) {
        final int body = at + HEADER;
        switch (u16(memory, at + 4)) {
            case NEW_ROUTE, DEL_ROUTE -> {
                final LinuxRoute route = end - body < ROUTE_BODY ? null : route(memory, body, end);
                if (route != null && u16(memory, at + 4) == NEW_ROUTE) {
                    listener.onRoute(route, (u16(memory, at + FLAGS_OFFSET) & REPLACE) != 0);
                } else if (route != null) {
                    listener.onRouteGone(route);
                }
            }
            case NEW_ADDRESS, DEL_ADDRESS -> {
                final LinuxAddress address = end - body < ADDRESS_BODY ? null : address(memory, body, end);
                if (address != null && u16(memory, at + 4) == NEW_ADDRESS) {
                    listener.onAddress(address);
                } else if (address != null) {
                    listener.onAddressGone(address);
                }
            }
            case NEW_LINK, DEL_LINK -> {
                if (end - body >= 8) {
                    listener.onDevice(u32(memory, body + 4));
                }
            }
            default -> {} // not asked for
        }
    }

    private static @Nullable LinuxRoute route(final MemorySegment memory, final int body, final int end) {
        final RouteAttributes found = RouteAttributes.ofRoute(memory, body + ROUTE_BODY, end);
        final int family = Net.u8(memory, body);
        final int prefixLength = Net.u8(memory, body + 1);
        final int flags = u32(memory, body + 8);
        final int table = found.table < 0 ? Net.u8(memory, body + 4) : found.table;
        if (table != MAIN_TABLE || (flags & CLONED) != 0 || Net.u8(memory, body + 3) != 0) {
            return null;
        }
        final boolean fits = prefixLength == 0 || found.holds(found.destination, family);
        if (bits(family) == 0 || prefixLength > bits(family) || !fits) {
            return null;
        }
        return new LinuxRoute(
                family,
                prefixLength == 0 ? 0 : found.hi(found.destination, family),
                prefixLength == 0 ? 0 : found.lo(found.destination, family),
                prefixLength,
                Net.u8(memory, body + 7),
                (flags & DEAD) != 0 ? List.of() : found.hops(family),
                found.priority,
                Net.u8(memory, body + 5),
                found.metrics());
    }

    /** Whether the flags of a next hop say that it is of no use for now. */
    static boolean isDead(final int flags) {
        return (flags & DEAD) != 0;
    }

    private static @Nullable LinuxAddress address(final MemorySegment memory, final int body, final int end) {
        final RouteAttributes found = RouteAttributes.ofAddress(memory, body + ADDRESS_BODY, end);
        final int family = Net.u8(memory, body);
        final int prefixLength = Net.u8(memory, body + 1);
        final int at = found.local != 0 ? found.local : found.destination;
        if (bits(family) == 0 || prefixLength > bits(family) || !found.holds(at, family)) {
            return null;
        }
        return new LinuxAddress(
                family, found.hi(at, family), found.lo(at, family), prefixLength, u32(memory, body + 4));
    }

    /** Bits of an address; 0 for families that are none of ours. */
    private static int bits(final int family) {
        return switch (family) {
            case Linux.AF_INET -> 32;
            case Linux.AF_INET6 -> 128;
            default -> 0;
        };
    }
}
