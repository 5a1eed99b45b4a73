package io.millrace.dataplane.linux;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
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
 *  next hop:  length 16 | flags 8 | hops 8 | interface 32 | attributes
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
    static final int NEW_LINK = 16;
    static final int DEL_LINK = 17;
    static final int NEW_ADDRESS = 20;
    static final int DEL_ADDRESS = 21;
    static final int GET_ADDRESS = 22;
    static final int NEW_ROUTE = 24;
    static final int DEL_ROUTE = 25;
    static final int GET_ROUTE = 26;

    static final int REQUEST = 1;
    static final int ACK = 4;
    static final int REPLACE = 0x100;
    static final int DUMP = 0x300;
    static final int CREATE = 0x400;

    static final int ROUTE_DESTINATION = 1;
    static final int ROUTE_DEVICE = 4;
    static final int ROUTE_GATEWAY = 5;
    static final int ROUTE_PRIORITY = 6;
    private static final int ROUTE_MULTIPATH = 9;
    private static final int ROUTE_TABLE = 15;
    private static final int ROUTE_VIA = 18;

    static final int ADDRESS_ADDRESS = 1;
    static final int ADDRESS_LOCAL = 2;
    static final int ADDRESS_FLAGS = 8;

    static final int MAIN_TABLE = 254;

    private static final int NEXT_HOP = 8;

    /** The upper two bits of an attribute's type are flags. */
    private static final int TYPE_MASK = 0x3FFF;

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
        final Attributes found = new Attributes(memory);
        found.table = Net.u8(memory, body + 4);
        found.readRoute(body + ROUTE_BODY, end);
        final int family = Net.u8(memory, body);
        final boolean internet = family == Linux.AF_INET || family == Linux.AF_INET6;
        final boolean cached = (u32(memory, body + 8) & CLONED) != 0;
        if (!internet || cached || found.via || found.table != MAIN_TABLE || Net.u8(memory, body + 3) != 0) {
            return null;
        }
        final boolean v6 = family == Linux.AF_INET6;
        return new LinuxRoute(
                family,
                found.hi(found.destination, v6),
                found.lo(found.destination, v6),
                Net.u8(memory, body + 1),
                Net.u8(memory, body + 7),
                found.gateway != 0,
                found.hi(found.gateway, v6),
                found.lo(found.gateway, v6),
                found.device,
                found.priority,
                Net.u8(memory, body + 5));
    }

    private static @Nullable LinuxAddress address(final MemorySegment memory, final int body, final int end) {
        final Attributes found = new Attributes(memory);
        found.readAddress(body + ADDRESS_BODY, end);
        final int family = Net.u8(memory, body);
        final boolean v6 = family == Linux.AF_INET6;
        final int at = found.local != 0 ? found.local : found.destination;
        if ((!v6 && family != Linux.AF_INET) || at == 0) {
            return null;
        }
        return new LinuxAddress(
                family, found.hi(at, v6), found.lo(at, v6), Net.u8(memory, body + 1), u32(memory, body + 4));
    }

    /** Where the values of a message's attributes are; 0 for those that it does not have. */
    private static final class Attributes {
        private final MemorySegment memory;
        private int destination;
        private int local;
        private int gateway;
        private int device;
        private int priority;
        private int table;
        private boolean via;

        Attributes(final MemorySegment memory) {
            this.memory = memory;
        }

        void readRoute(final int from, final int end) {
            for (int at = from; whole(at, end); at += padded(u16(memory, at))) {
                final int value = at + ATTRIBUTE;
                final int room = u16(memory, at) - ATTRIBUTE;
                switch (u16(memory, at + 2) & TYPE_MASK) {
                    case ROUTE_DESTINATION -> destination = value;
                    case ROUTE_GATEWAY -> gateway = value;
                    case ROUTE_DEVICE -> device = room < 4 ? 0 : u32(memory, value);
                    case ROUTE_PRIORITY -> priority = room < 4 ? 0 : u32(memory, value);
                    case ROUTE_TABLE -> table = room < 4 ? 0 : u32(memory, value);
                    case ROUTE_VIA -> via = true;
                    case ROUTE_MULTIPATH -> {
                        if (room >= NEXT_HOP) {
                            device = u32(memory, value + 4);
                            readRoute(value + NEXT_HOP, value + Math.min(room, u16(memory, value)));
                        }
                    }
                    default -> {} // of no use here
                }
            }
        }

        void readAddress(final int from, final int end) {
            for (int at = from; whole(at, end); at += padded(u16(memory, at))) {
                switch (u16(memory, at + 2) & TYPE_MASK) {
                    case ADDRESS_ADDRESS -> destination = at + ATTRIBUTE;
                    case ADDRESS_LOCAL -> local = at + ATTRIBUTE;
                    default -> {} // of no use here
                }
            }
        }

        private boolean whole(final int at, final int end) {
            return at + ATTRIBUTE <= end && u16(memory, at) >= ATTRIBUTE && at + u16(memory, at) <= end;
        }

        long hi(final int at, final boolean v6) {
            return at == 0 || !v6 || !holds(at, 16) ? 0 : Net.i64(memory, at);
        }

        long lo(final int at, final boolean v6) {
            if (at == 0 || !holds(at, v6 ? 16 : 4)) {
                return 0;
            }
            return v6 ? Net.i64(memory, at + 8L) : Net.u32(memory, at);
        }

        private boolean holds(final int at, final int bytes) {
            return u16(memory, at - ATTRIBUTE) - ATTRIBUTE >= bytes;
        }
    }
}
