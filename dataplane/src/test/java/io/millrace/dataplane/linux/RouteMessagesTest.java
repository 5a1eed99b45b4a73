package io.millrace.dataplane.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages of RTNETLINK as they should be, and as they should not. */
final class RouteMessagesTest {
    private static final int V4 = Linux.AF_INET;
    private static final int V6 = Linux.AF_INET6;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(512, Long.BYTES);
    private int end;

    @AfterEach
    void close() {
        arena.close();
    }

    /** Holds what it is told against what any listener may rely on. */
    private static final class Told implements RouteListener {
        private final List<Object> all = new ArrayList<>();

        @Override
        public void onRoute(final LinuxRoute route, final boolean replaces) {
            checkPrefix(route.family(), route.prefixLength());
            for (final LinuxHop hop : route.hops()) {
                assertTrue(List.of(0, V4, V6).contains(hop.gatewayFamily()), hop::toString);
                assertTrue(hop.gatewayFamily() == V6 || (hop.hi() == 0 && hop.lo() >>> 32 == 0), hop::toString);
            }
            assertTrue(route.family() == V6 || (route.hi() == 0 && route.lo() >>> 32 == 0), route::toString);
            all.add(route);
        }

        @Override
        public void onRouteGone(final LinuxRoute route) {
            onRoute(route, false);
        }

        @Override
        public void onAddress(final LinuxAddress address) {
            checkPrefix(address.family(), address.prefixLength());
            all.add(address);
        }

        @Override
        public void onAddressGone(final LinuxAddress address) {
            onAddress(address);
        }

        @Override
        public void onDevice(final int index) {
            all.add(index);
        }

        @Override
        public void onOverrun() {
            all.add("overrun");
        }

        private static void checkPrefix(final int family, final int length) {
            assertTrue(family == V4 || family == V6);
            assertTrue(length <= (family == V4 ? 32 : 128));
        }
    }

    private void begin(final int type, final int... body) {
        memory.fill((byte) 0);
        RouteMessages.put16(memory, 4, type);
        for (int i = 0; i < body.length; i++) {
            Net.put8(memory, RouteMessages.HEADER + i, body[i]);
        }
        end = RouteMessages.HEADER + (type < RouteMessages.NEW_ROUTE ? 8 : RouteMessages.ROUTE_BODY);
    }

    private int put(final int type, final int... octets) {
        final int at = end;
        RouteMessages.put16(memory, at, RouteMessages.ATTRIBUTE + octets.length);
        RouteMessages.put16(memory, at + 2, type);
        for (int i = 0; i < octets.length; i++) {
            Net.put8(memory, at + RouteMessages.ATTRIBUTE + i, octets[i]);
        }
        end += RouteMessages.padded(RouteMessages.ATTRIBUTE + octets.length);
        return at;
    }

    private int nextHop(final int flags, final int device) {
        final int at = end;
        Net.put8(memory, at + 2, flags);
        Net.put8(memory, at + 3, device == 6 ? 4 : 0);
        RouteMessages.put32(memory, at + 4, device);
        end += RouteMessages.NEXT_HOP;
        return at;
    }

    private void close(final int at) {
        RouteMessages.put16(memory, at, end - at);
    }

    private List<Object> read() {
        final Told told = new Told();
        RouteMessages.read(memory.asSlice(0, end), 0, end, told);
        return told.all;
    }

    /** 192.0.2.0/24 by 10.0.0.2 at interface 5, by fe80::2 at 6, whose weight is 5, and by one at 7 that is down. */
    private void multipath() {
        begin(RouteMessages.NEW_ROUTE, V4, 24, 0, 0, RouteMessages.MAIN_TABLE, 4, 0, LinuxRoute.UNICAST);
        put(RouteMessages.ROUTE_DESTINATION, 192, 0, 2, 0);
        put(RouteMessages.ROUTE_PRIORITY, 9, 0, 0, 0);
        final int all = put(RouteMessages.ROUTE_MULTIPATH);
        final int first = nextHop(0, 5);
        put(RouteMessages.ROUTE_GATEWAY, 10, 0, 0, 2);
        close(first);
        final int second = nextHop(0, 6);
        put(RouteMessages.ROUTE_VIA, V6, 0, 0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
        close(second);
        final int third = nextHop(1, 7);
        put(RouteMessages.ROUTE_GATEWAY, 10, 0, 0, 4);
        close(third);
        close(all);
    }

    private static LinuxRoute route(final LinuxHop... hops) {
        return new LinuxRoute(V4, 0, 0xC000_0200L, 24, LinuxRoute.UNICAST, List.of(hops), 9, 4);
    }

    private static LinuxHop hop(final int device, final int host) {
        return new LinuxHop(device, V4, 0, 0x0A00_0000L + host);
    }

    @Test
    void shouldReadAllWaysThatAreUp() {
        multipath();
        assertEquals(List.of(route(hop(5, 2), new LinuxHop(6, V6, 0xFE80L << 48, 2, 5))), read());
    }

    @Test
    void shouldReadWhatIsKnownOfThePaths() {
        begin(RouteMessages.NEW_ROUTE, V4, 24, 0, 0, RouteMessages.MAIN_TABLE, 4, 0, LinuxRoute.UNICAST);
        put(RouteMessages.ROUTE_DESTINATION, 192, 0, 2, 0);
        final LinuxMetrics metrics = new LinuxMetrics(1400, true, 1300, 20, 30, 50, true, "bbr", true);
        final int all = put(RouteMessages.ROUTE_METRICS);
        end = MetricAttributes.write(memory, end, metrics);
        close(all);
        put(RouteMessages.ROUTE_DEVICE, 5, 0, 0, 0);
        assertEquals(
                List.of(new LinuxRoute(
                        V4, 0, 0xC000_0200L, 24, LinuxRoute.UNICAST, List.of(LinuxHop.onLink(5)), 0, 4, metrics)),
                read());
    }

    @Test
    void shouldLeaveOutMetricsThatAreCutOffOrTooShort() {
        begin(RouteMessages.NEW_ROUTE, V4, 0, 0, 0, RouteMessages.MAIN_TABLE, 4, 0, LinuxRoute.UNICAST);
        final int all = put(RouteMessages.ROUTE_METRICS);
        put(8, 1, 2); // an MSS of two octets
        put(11, 9, 0, 0, 0);
        put(200, 9, 0, 0, 0); // of a kernel to come
        put(16); // an algorithm without a name
        put(15, 1, 0, 0, 0);
        RouteMessages.put16(memory, end - 8, 100); // longer than what is left
        close(all);
        final LinuxRoute route = (LinuxRoute) read().getFirst();
        assertEquals(new LinuxMetrics(0, false, 0, 9, 0, 0, false, "", false), route.metrics());
    }

    @Test
    void shouldTakeNoHopForADirectOneWhoseGatewayMakesNoSense() {
        multipath();
        final int first = RouteMessages.HEADER + RouteMessages.ROUTE_BODY + 8 + 8 + 4;
        RouteMessages.put16(memory, first + RouteMessages.NEXT_HOP, 7); // of four octets
        final int second = first + 16;
        Net.put8(memory, second + RouteMessages.NEXT_HOP + 4, 28); // MPLS
        assertEquals(List.of(route()), read());
    }

    @Test
    void shouldRefuseAPrefixWithoutItsAddress() {
        begin(RouteMessages.NEW_ROUTE, V4, 24, 0, 0, RouteMessages.MAIN_TABLE, 4, 0, LinuxRoute.UNICAST);
        assertEquals(List.of(), read());
        put(RouteMessages.ROUTE_DESTINATION, 192, 0, 2);
        assertEquals(List.of(), read());
        begin(RouteMessages.NEW_ROUTE, V4, 33, 0, 0, RouteMessages.MAIN_TABLE, 4, 0, LinuxRoute.UNICAST);
        put(RouteMessages.ROUTE_DESTINATION, 192, 0, 2, 1);
        assertEquals(List.of(), read());
        begin(RouteMessages.NEW_ADDRESS, V6, 64, 0, 0, 5);
        put(RouteMessages.ADDRESS_ADDRESS, 1, 2, 3, 4);
        assertEquals(List.of(), read());
    }

    @Test
    void shouldStopWhereALengthLies() {
        multipath();
        final int all = RouteMessages.HEADER + RouteMessages.ROUTE_BODY + 16;
        for (final int lie : new int[] {0, 3, 1 + end - all, 0xFFFF}) {
            multipath();
            RouteMessages.put16(memory, all, lie);
            assertEquals(List.of(route()), read(), "attribute of " + lie);
        }
        for (final int lie : new int[] {0, 7, end - all, 0xFFFF}) {
            multipath();
            RouteMessages.put16(memory, all + RouteMessages.ATTRIBUTE, lie);
            assertEquals(List.of(route()), read(), "next hop of " + lie);
        }
    }

    /** Nothing but what the message holds is read, and nothing that is told is out of range. */
    @Test
    void shouldBearWhateverStandsThere() {
        final SplittableRandom random = new SplittableRandom(77);
        int told = 0;
        for (int i = 0; i < 200_000; i++) {
            if (random.nextInt(4) == 0) {
                final boolean v6 = random.nextBoolean();
                begin(
                        random.nextInt(RouteMessages.NEW_LINK - 1, RouteMessages.GET_ROUTE),
                        v6 ? V6 : V4,
                        random.nextInt(140));
                for (int n = random.nextInt(6); n > 0; n--) {
                    put(
                            random.nextInt(20),
                            random.ints(random.nextInt(20), 0, 256).toArray());
                }
            } else {
                multipath();
            }
            for (int n = random.nextInt(5); n > 0; n--) {
                final int at = random.nextInt(4, end);
                Net.put8(memory, at, random.nextInt(3) == 0 ? random.nextInt(24) : random.nextInt(256));
            }
            end = random.nextInt(3) == 0 ? random.nextInt(RouteMessages.HEADER, end + 1) : end;
            told += read().size();
        }
        assertTrue(told > 50_000, "most of them still say something: " + told);
    }
}
