package io.millrace.bench.route;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.iface.forward.Hops;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Frames to hosts within random prefixes of a table, each as likely as any other, which is worst for caches; and the loop
 * that forwards them. Frames lie {@value #STRIDE} bytes apart. Not thread-safe.
 */
final class RouteFrames {
    /** How many there are. */
    static final int COUNT = 1 << 16;

    /** Bytes from one to the next. */
    static final int STRIDE = 64;

    /** Bytes of two MAC addresses, as a next hop has them. */
    static final int MACS = 12;

    private static final int BURST = 32;
    private static final int TTL = 64;
    private static final long PLAIN_IPV4 = EthernetView.TYPE_IPV4 << 8 | 0x45;
    private static final long IPV6 = EthernetView.TYPE_IPV6 << 4 | 6;
    private static final int IP = EthernetView.LENGTH;

    private final int family;
    private final RouteTable table;
    private final long[] his = new long[COUNT];
    private final long[] los = new long[COUNT];
    private final MemorySegment memory;
    private final MemorySegment macs;
    private final long[] burstHis = new long[BURST];
    private final long[] burstLos = new long[BURST];
    private final int[] hops = new int[BURST];

    /**
     * Chooses destinations.
     *
     * @param all the routes of the table
     * @param hops how many next hops there are, whose addresses end in 1 and so on
     * @param arena that the frames live in
     */
    RouteFrames(final int family, final RouteTable table, final List<Route> all, final int hops, final Arena arena) {
        this.family = family;
        this.table = table;
        this.memory = arena.allocate((long) COUNT * STRIDE, STRIDE);
        this.macs = arena.allocate((long) hops * MACS + Long.BYTES, STRIDE);
        InternetPrefixes.hosts(family, all, his, los);
        for (int hop = 0; hop < hops; hop++) {
            Net.put48(macs, (long) hop * MACS, 0x0200_0000_0000L + hop);
            Net.put48(macs, (long) hop * MACS + 6, 0x0200_0001_0000L + hop);
        }
    }

    /** The frames. */
    MemorySegment memory() {
        return memory;
    }

    /** MAC addresses of each next hop, destination before source. */
    MemorySegment macs() {
        return macs;
    }

    /** Writes all frames anew, as they come in. */
    void fill() {
        for (int i = 0; i < COUNT; i++) {
            final long at = (long) i * STRIDE;
            final int length = STRIDE - IP;
            if (family == IpFamily.V4) {
                EthernetView.write(memory, at, 1, 2, EthernetView.TYPE_IPV4);
                Ipv4View.write(memory, at + IP, 0, length, i, 0, TTL, UdpView.PROTOCOL, 0xC612_0001L, los[i]);
            } else {
                EthernetView.write(memory, at, 1, 2, EthernetView.TYPE_IPV6);
                Ipv6View.write(
                        memory,
                        at + IP,
                        0,
                        0,
                        length - Ipv6View.LENGTH,
                        UdpView.PROTOCOL,
                        TTL,
                        0x2001_0DB8L << 32,
                        1,
                        his[i],
                        los[i]);
            }
        }
    }

    /** Forwards all frames once; returns how many had a route. */
    int forward() {
        int sent = 0;
        for (int first = 0; first < COUNT; first += BURST) {
            sent += family == IpFamily.V4 ? burst4((long) first * STRIDE) : burst6((long) first * STRIDE);
        }
        return sent;
    }

    private int burst4(final long from) {
        for (int i = 0; i < BURST; i++) {
            burstLos[i] = Net.u32(memory, from + (long) i * STRIDE + IP + Ipv4View.DST_OFFSET);
        }
        table.findHops(IpFamily.V4, burstHis, burstLos, BURST, hops);
        int sent = 0;
        for (int i = 0; i < BURST; i++) {
            final long frame = from + (long) i * STRIDE;
            final int hop = hops[i];
            if (hop != RouteTable.NONE
                    && Net.i64(memory, frame + 12) >>> 40 == PLAIN_IPV4
                    && Ipv4View.ttl(memory, frame + IP) > 1) {
                Hops.decrementTtl(memory, frame + IP);
                address(frame, table.nextLo(hop, burstLos[i]));
                sent++;
            }
        }
        return sent;
    }

    private int burst6(final long from) {
        for (int i = 0; i < BURST; i++) {
            final long destination = from + (long) i * STRIDE + IP + Ipv6View.DST_OFFSET;
            burstHis[i] = Net.i64(memory, destination);
            burstLos[i] = Net.i64(memory, destination + 8);
        }
        table.findHops(IpFamily.V6, burstHis, burstLos, BURST, hops);
        int sent = 0;
        for (int i = 0; i < BURST; i++) {
            final long frame = from + (long) i * STRIDE;
            final int hop = hops[i];
            if (hop != RouteTable.NONE
                    && Net.i64(memory, frame + 12) >>> 44 == IPV6
                    && Ipv6View.hopLimit(memory, frame + IP) > 1) {
                Hops.decrementHopLimit(memory, frame + IP);
                address(frame, table.nextLo(hop, burstLos[i]));
                sent++;
            }
        }
        return sent;
    }

    /** Writes the MAC addresses of a gateway, and of the interface that leads there. */
    private void address(final long frame, final long gateway) {
        final long hop = ((gateway & 0xFF) - 1) * MACS;
        Net.put64(memory, frame, Net.i64(macs, hop));
        Net.put32(memory, frame + 8, Net.i32(macs, hop + 8));
    }
}
