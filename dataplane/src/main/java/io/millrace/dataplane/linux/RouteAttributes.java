package io.millrace.dataplane.linux;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.port.LinkState;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the values of a message's attributes are in memory; 0 for those that it does not have. An attribute whose length
 * is less than its header or more than what is left ends the list; one that is too short for its value is not there.
 */
final class RouteAttributes {
    private final MemorySegment memory;

    int destination;
    int local;
    int priority;

    /** Number of the table; -1 if only the body of the message has it. */
    int table = -1;

    /** How often an interface has lost its carrier; -1 if the kernel does not say. */
    long carrierDowns = LinkState.UNCOUNTED;

    private int gateway;
    private int via;
    private int device;
    private int multipath;
    private int metrics;

    private RouteAttributes(final MemorySegment memory) {
        this.memory = memory;
    }

    /** Those of a route, or of a next hop within one. */
    static RouteAttributes ofRoute(final MemorySegment memory, final int from, final int end) {
        final RouteAttributes found = new RouteAttributes(memory);
        for (int at = from; found.whole(at, end); at = found.next(at)) {
            final int value = at + RouteMessages.ATTRIBUTE;
            switch (found.type(at)) {
                case RouteMessages.ROUTE_DESTINATION -> found.destination = value;
                case RouteMessages.ROUTE_GATEWAY -> found.gateway = value;
                case RouteMessages.ROUTE_VIA -> found.via = value;
                case RouteMessages.ROUTE_MULTIPATH -> found.multipath = value;
                case RouteMessages.ROUTE_METRICS -> found.metrics = value;
                case RouteMessages.ROUTE_DEVICE -> found.device = found.number(value, 0);
                case RouteMessages.ROUTE_PRIORITY -> found.priority = found.number(value, 0);
                case RouteMessages.ROUTE_TABLE -> found.table = found.number(value, -1);
                default -> {} // of no use here
            }
        }
        return found;
    }

    /** Those of an address. */
    static RouteAttributes ofAddress(final MemorySegment memory, final int from, final int end) {
        final RouteAttributes found = new RouteAttributes(memory);
        for (int at = from; found.whole(at, end); at = found.next(at)) {
            switch (found.type(at)) {
                case RouteMessages.ADDRESS_ADDRESS -> found.destination = at + RouteMessages.ATTRIBUTE;
                case RouteMessages.ADDRESS_LOCAL -> found.local = at + RouteMessages.ATTRIBUTE;
                default -> {} // of no use here
            }
        }
        return found;
    }

    /** Those of an interface. */
    static RouteAttributes ofLink(final MemorySegment memory, final int from, final int end) {
        final RouteAttributes found = new RouteAttributes(memory);
        for (int at = from; found.whole(at, end); at = found.next(at)) {
            final int value = at + RouteMessages.ATTRIBUTE;
            if (found.type(at) == RouteMessages.LINK_CARRIER_DOWNS && found.room(value) >= Integer.BYTES) {
                found.carrierDowns = Integer.toUnsignedLong(RouteMessages.u32(memory, value));
            }
        }
        return found;
    }

    /** The ways of a route of a family, but for those that are down or that nobody could go. */
    List<LinuxHop> hops(final int family) {
        final List<LinuxHop> hops = new ArrayList<>(1);
        if (multipath == 0) {
            add(hops, family, device, 1);
            return hops;
        }
        final int end = multipath + room(multipath);
        int at = multipath;
        while (at + RouteMessages.NEXT_HOP <= end) {
            final int length = RouteMessages.u16(memory, at);
            if (length < RouteMessages.NEXT_HOP || length > end - at) {
                break;
            }
            if (!RouteMessages.isDead(Net.u8(memory, at + 2))) {
                final int by = RouteMessages.u32(memory, at + 4);
                final int weight = Net.u8(memory, at + 3) + 1;
                ofRoute(memory, at + RouteMessages.NEXT_HOP, at + length).add(hops, family, by, weight);
            }
            at += RouteMessages.padded(length);
        }
        return hops;
    }

    /** What is known of the paths of a route. */
    LinuxMetrics metrics() {
        return metrics == 0 ? LinuxMetrics.NONE : MetricAttributes.read(memory, metrics, metrics + room(metrics));
    }

    private void add(final List<LinuxHop> hops, final int family, final int by, final int weight) {
        if (via != 0) {
            final int other = room(via) < 2 ? 0 : RouteMessages.u16(memory, via);
            final boolean known = other == Linux.AF_INET || other == Linux.AF_INET6;
            if (known && room(via) >= 2 + octets(other)) {
                hops.add(new LinuxHop(by, other, hi(via + 2, other), lo(via + 2, other), weight));
            }
        } else if (gateway == 0 && by > 0) {
            hops.add(LinuxHop.onLink(by).withWeight(weight));
        } else if (holds(gateway, family)) {
            hops.add(new LinuxHop(by, family, hi(gateway, family), lo(gateway, family), weight));
        }
    }

    /** Whether a value is there and long enough for an address. */
    boolean holds(final int at, final int family) {
        return at != 0 && room(at) >= octets(family);
    }

    /** Upper half of an address. */
    long hi(final int at, final int family) {
        return family == Linux.AF_INET6 ? Net.i64(memory, at) : 0;
    }

    /** Lower half of an address. */
    long lo(final int at, final int family) {
        return family == Linux.AF_INET6 ? Net.i64(memory, at + 8L) : Net.u32(memory, at);
    }

    private static int octets(final int family) {
        return family == Linux.AF_INET6 ? 16 : 4;
    }

    private int number(final int value, final int otherwise) {
        return room(value) < Integer.BYTES ? otherwise : RouteMessages.u32(memory, value);
    }

    /** Bytes of a value. */
    private int room(final int value) {
        return RouteMessages.u16(memory, value - RouteMessages.ATTRIBUTE) - RouteMessages.ATTRIBUTE;
    }

    private int type(final int at) {
        return RouteMessages.u16(memory, at + 2) & RouteMessages.TYPE_MASK;
    }

    private int next(final int at) {
        return at + RouteMessages.padded(RouteMessages.u16(memory, at));
    }

    private boolean whole(final int at, final int end) {
        return at + RouteMessages.ATTRIBUTE <= end
                && RouteMessages.u16(memory, at) >= RouteMessages.ATTRIBUTE
                && at + RouteMessages.u16(memory, at) <= end;
    }
}
