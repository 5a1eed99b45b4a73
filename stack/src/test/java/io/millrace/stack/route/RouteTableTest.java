package io.millrace.stack.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes with next hops, metrics, interfaces and ends. */
class RouteTableTest {
    private final RouteTable table = new RouteTable();

    @ParameterizedTest
    @CsvSource({
        "2001:db8:0:3840::1, 0, ",
        "2001:db8:0:3840::1, 1, 2001:db8:0:1::1",
        "2001:db8:0:3841::1, 1, ",
        "2001:db8:0:3840::1, 2, 2001:db8:0:1::1",
        "2001:db8:0:1c20::5, 2, 2001:db8:0:1::2",
        "2001:db8:0:1c21::5, 2, ",
    })
    @Origin("smoltcp:iface::route::test_fill")
    void shouldFindWhatWasAdded(final String destination, final int routes, final String gateway) {
        if (routes > 0) {
            table.add(via("2001:db8:0:3840::/64", "2001:db8:0:1::1", 0));
        }
        if (routes > 1) {
            table.add(via("2001:db8:0:1c20::/64", "2001:db8:0:1::2", 0));
        }
        assertEquals(gateway, gateway(destination, RouteTable.ANY_INTERFACE));
        table.remove(via("2001:db8:0:3840::/64", "2001:db8:0:1::1", 0));
        table.remove(via("2001:db8:0:1c20::/64", "2001:db8:0:1::2", 0));
        assertEquals(0, table.size());
    }

    @Test
    void shouldPreferLengthThenMetricThenAge() {
        table.add(via("0.0.0.0/0", "10.0.0.1", 0).withMetric(10));
        table.add(via("0.0.0.0/0", "10.0.0.2", 0).withMetric(5));
        table.add(via("0.0.0.0/0", "10.0.0.3", 0).withMetric(5));
        assertEquals("10.0.0.2", gateway("192.0.2.1", -1));
        table.add(via("192.0.0.0/16", "10.0.0.4", 0).withMetric(1000));
        assertEquals("10.0.0.4", gateway("192.0.2.1", -1));
        table.remove(via("192.0.0.0/16", "10.0.0.4", 0));
        table.remove(via("0.0.0.0/0", "10.0.0.2", 0));
        assertEquals("10.0.0.3", gateway("192.0.2.1", -1));
        table.remove(via("0.0.0.0/0", "10.0.0.3", 0));
        assertEquals("10.0.0.1", gateway("192.0.2.1", -1));
        assertFalse(table.remove(via("0.0.0.0/0", "10.0.0.3", 0)));
    }

    @Test
    void shouldChangeARouteThatLeadsTheSameWay() {
        table.add(via("10.0.0.0/8", "192.0.2.1", 0).withMetric(7));
        table.add(via("10.0.0.0/8", "192.0.2.1", 0).withMetric(3).withPreferredSource(IpAddress.parse("192.0.2.9")));
        assertEquals(1, table.size());
        assertEquals(
                "10.0.0.0/8 via 192.0.2.1 dev #0 proto static src 192.0.2.9 metric 3",
                table.snapshot().getFirst().toString());
    }

    @Test
    void shouldFindTheBestRouteByAnInterface() {
        table.add(via("0.0.0.0/0", "10.0.0.1", 0));
        table.add(via("0.0.0.0/0", "10.0.1.1", 1).withMetric(9));
        table.add(Route.onLink(Cidr.parse("10.0.0.0/24"), 0));
        table.add(via("10.0.0.0/25", "10.0.1.2", 1));
        assertEquals("10.0.1.2", gateway("10.0.0.7", -1));
        assertEquals("10.0.0.7", gateway("10.0.0.7", 0));
        assertEquals("10.0.1.1", gateway("10.0.0.200", 1));
        assertEquals(null, gateway("10.0.0.200", 2));
        assertEquals(2, table.removeInterface(1));
        assertEquals("10.0.0.7", gateway("10.0.0.7", -1));
    }

    @Test
    void shouldForgetRoutesAtTheirEndFewAtATime() {
        for (int i = 0; i < 10; i++) {
            table.add(via("10.0." + i + ".0/24", "192.0.2.1", 0).withExpiry(1_000_000 - 10_000 * i));
        }
        table.add(via("10.0.3.0/24", "192.0.2.1", 0)); // lasts from now on
        table.add(via("10.0.9.0/24", "192.0.2.1", 0).withExpiry(5_000_000));
        assertEquals(920_000, table.pollAt());
        assertEquals(0, table.poll(919_999, 100));
        assertEquals(2, table.poll(945_000, 2));
        assertEquals(1, table.poll(945_000, 100));
        assertEquals(7, table.size());
        assertEquals(5, table.poll(1_000_000, 100));
        assertEquals(
                List.of(
                        "10.0.3.0/24 via 192.0.2.1 dev a proto static",
                        "10.0.9.0/24 via 192.0.2.1 dev a proto static expires 3sec"),
                lines(2_000_000));
        assertEquals(1, table.poll(5_000_000, 1));
        assertEquals(Long.MAX_VALUE, table.pollAt());
    }

    @Test
    void shouldBoundWhatOthersMayTeach() {
        final Route redirect = Route.byDefault(IpAddress.parse("fe80::1"), 0).withOrigin(RouteOrigin.REDIRECT);
        for (int i = 0; i < RouteTable.MAX_LEARNED; i++) {
            assertTrue(table.add(to(redirect, i)));
        }
        assertFalse(table.add(to(redirect, -1)));
        assertTrue(table.add(to(redirect, 5)), "one that is there may change");
        assertTrue(table.add(to(redirect, -1).withOrigin(RouteOrigin.STATIC)));
        assertTrue(table.remove(to(redirect, 9)));
        assertTrue(table.add(to(redirect, -2)));
    }

    @Test
    void shouldListRoutesAsIpRouteDoes() {
        table.add(Route.byDefault(IpAddress.parse("fe80::1"), 0)
                .withMetric(1024)
                .withOrigin(RouteOrigin.ADVERTISED)
                .withExpiry(1_800_000_000L));
        table.add(Route.onLink(Cidr.parse("192.0.2.9/24"), 0)
                .withOrigin(RouteOrigin.CONNECTED)
                .withPreferredSource(IpAddress.parse("192.0.2.9")));
        table.add(Route.of(Cidr.parse("198.51.100.0/24"), RouteKind.LOCAL, null, 0));
        table.add(Route.of(Cidr.parse("203.0.113.5/32"), RouteKind.UNREACHABLE, null, 0));
        table.add(via("0.0.0.0/0", "192.0.2.1", 0));
        assertEquals(
                List.of(
                        "default via 192.0.2.1 dev a proto static",
                        "192.0.2.0/24 dev a proto kernel scope link src 192.0.2.9",
                        "local 198.51.100.0/24 dev a proto static",
                        "unreachable 203.0.113.5 dev a proto static",
                        "default via fe80::1 dev a proto ra metric 1024 expires 1800sec"),
                lines(0));
        assertTrue(table.hasLocal());
    }

    @Test
    void shouldRefuseRoutesThatMakeNoSense() {
        assertThrows(IllegalArgumentException.class, () -> via("2001:db8::/32", "10.0.0.1", 0));
        assertThrows(IllegalArgumentException.class, () -> via("10.0.0.0/8", "::10.0.0.1", 0));
        assertThrows(IllegalArgumentException.class, () -> via("10.0.0.0/8", "224.0.0.1", 0));
        assertThrows(IllegalArgumentException.class, () -> via("10.0.0.0/8", "10.0.0.1", -1));
        assertThrows(
                IllegalArgumentException.class,
                () -> via("10.0.0.0/8", "10.0.0.1", 0).withMetric(-1));
        assertThrows(
                IllegalArgumentException.class,
                () -> Route.of(Cidr.parse("10.0.0.0/8"), RouteKind.BLACKHOLE, IpAddress.parse("10.0.0.1"), 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> via("10.0.0.0/8", "10.0.0.1", 0).withPreferredSource(IpAddress.parse("::1")));
    }

    @Test
    @Origin("RFC 8950 3")
    void shouldLeadIpv4ByARouterThatIsKnownByAnIpv6Address() {
        table.add(via("0.0.0.0/0", "fe80::1", 0));
        final int hop = table.findHop(IpFamily.V4, 0, 0xC000_0201L, -1);
        assertEquals(0xFE80L << 48, table.nextHi(hop, 0));
        assertEquals(1, table.nextLo(hop, 0xC000_0201L));
        assertEquals(List.of("default via inet6 fe80::1 dev a proto static"), lines(0));
        assertTrue(table.remove(via("0.0.0.0/0", "fe80::1", 0)));
    }

    @Test
    @Origin("RFC 2992 2")
    void shouldSpreadFlowsOverRoutesOfTheSameMetric() {
        for (int i = 1; i <= 4; i++) {
            table.add(via("10.0.0.0/8", "192.0.2." + i, i - 1));
        }
        table.add(via("10.0.0.0/8", "192.0.2.9", 5).withMetric(1));
        final int shared = table.findHop(IpFamily.V4, 0, 0x0A00_0001L, -1);
        assertTrue(table.isShared(shared));
        final String[] before = new String[1024];
        final int[] flows = new int[5];
        for (int i = 0; i < before.length; i++) {
            before[i] = way(shared, i << 22);
            flows[before[i].charAt(before[i].length() - 1) - '0']++;
        }
        assertArrayEquals(new int[] {0, 256, 256, 256, 256}, flows);
        assertTrue(table.leadsBy(shared, 3) && !table.leadsBy(shared, 5));
        assertFalse(table.isShared(table.findHop(IpFamily.V4, 0, 0x0A00_0001L, 2)), "by one interface");
        // With the last of n ways go its own flows and, in all, less than half of the others.
        table.remove(via("10.0.0.0/8", "192.0.2.4", 3));
        final int left = table.findHop(IpFamily.V4, 0, 0x0A00_0001L, -1);
        int moved = 0;
        for (int i = 0; i < before.length; i++) {
            moved += before[i].equals(way(left, i << 22)) ? 0 : 1;
        }
        assertTrue(moved <= 1 + before.length / 2, "moved " + moved);
        assertEquals(
                3,
                table.snapshot().stream().filter(route -> route.metric() == 0).count());
    }

    @Test
    void shouldSpreadFlowsInProportionToWeights() {
        final int[] weights = {1, 256, 3};
        for (int i = 0; i < 3; i++) {
            table.add(via("10.0.0.0/8", "192.0.2." + i, 0).withWeight(weights[i]));
        }
        final int shared = table.findHop(IpFamily.V4, 0, 0x0A00_0001L, -1);
        final int[] flows = new int[3];
        final int samples = 100 * 260;
        for (int i = 0; i < samples; i++) {
            final String way = way(shared, (int) (((1L << 32) * i + (1L << 31)) / samples));
            flows[way.charAt(way.length() - 1) - '0']++;
        }
        assertArrayEquals(new int[] {100, 25_600, 300}, flows);
        assertEquals("192.0.2.0", way(shared, 0), "who does not ask has the way of the oldest");
        assertEquals("192.0.2.2", way(shared, -1));
        assertEquals(
                via("10.0.0.0/8", "192.0.2.1", 0).withWeight(256),
                table.snapshot().get(1));
        assertEquals("10.0.0.0/8 via 192.0.2.1 dev a proto static weight 256", lines(0).get(1));

        // Whatever its weight it is the same way.
        table.add(via("10.0.0.0/8", "192.0.2.1", 0));
        assertTrue(table.remove(via("10.0.0.0/8", "192.0.2.2", 0)));
        assertEquals(2, table.size());
        final int even = table.findHop(IpFamily.V4, 0, 0x0A00_0001L, -1);
        assertEquals("192.0.2.0", way(even, Integer.MAX_VALUE));
        assertEquals("192.0.2.1", way(even, Integer.MIN_VALUE));
    }

    @Test
    void shouldShareNoFlowsBetweenRoutesOfDifferentMakers() {
        table.add(via("10.0.0.0/8", "192.0.2.1", 0));
        table.add(via("10.0.0.0/8", "192.0.2.2", 0).withOrigin(RouteOrigin.HOST));
        table.add(Route.onLink(Cidr.parse("192.0.2.0/24"), 0).withOrigin(RouteOrigin.CONNECTED));
        table.add(Route.onLink(Cidr.parse("192.0.2.0/24"), 1).withOrigin(RouteOrigin.CONNECTED));
        table.add(Route.of(Cidr.parse("198.51.100.0/24"), RouteKind.BLACKHOLE, null, 0));
        table.add(via("198.51.100.0/24", "192.0.2.2", 0));
        for (final String to : new String[] {"10.0.0.1", "192.0.2.9", "198.51.100.1"}) {
            assertFalse(
                    table.isShared(
                            table.findHop(IpFamily.V4, 0, IpAddress.parse(to).lo(), -1)),
                    to);
        }
    }

    @Test
    void shouldKeepARouteWhoseTwinOfAnotherOriginGoes() {
        final Route ours = via("10.0.0.0/8", "192.0.2.1", 0).withMetric(20);
        final Route hosts = ours.withOrigin(RouteOrigin.HOST).withMetric(5);
        table.add(ours);
        table.add(hosts);
        assertEquals(List.of(hosts, ours), table.snapshot());
        assertTrue(table.remove(hosts));
        assertFalse(table.remove(hosts));
        assertEquals(List.of(ours), table.snapshot());
        table.add(hosts);
        assertTrue(table.remove(ours));
        assertEquals(List.of(hosts), table.snapshot());
    }

    @Test
    void shouldShareFlowsBetweenRoutesOfOneOriginWhateverStandsBetweenThem() {
        table.add(via("10.0.0.0/8", "192.0.2.1", 0));
        table.add(via("10.0.0.0/8", "192.0.2.1", 0).withOrigin(RouteOrigin.HOST));
        table.add(via("10.0.0.0/8", "192.0.2.2", 0));
        final int shared = table.findHop(IpFamily.V4, 0, 0x0A00_0001L, -1);
        assertEquals("192.0.2.1", way(shared, Integer.MAX_VALUE));
        assertEquals("192.0.2.2", way(shared, Integer.MIN_VALUE));
        table.remove(via("10.0.0.0/8", "192.0.2.2", 0));
        assertFalse(table.isShared(table.findHop(IpFamily.V4, 0, 0x0A00_0001L, -1)));
    }

    private String way(final int hop, final int flow) {
        return IpAddress.of(IpFamily.V4, 0, table.nextLo(table.way(hop, flow), 0))
                .toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, 40})
    void shouldStayRightWhenManyRoutesComeAndGo(final int large) {
        final RouteTable table = new RouteTable(large);
        final SplittableRandom random = new SplittableRandom(11);
        final List<Route> there = new ArrayList<>();
        for (int step = 0; step < 5000; step++) {
            if (random.nextInt(5) < 3 || there.isEmpty()) {
                final Route route = random(random);
                there.removeIf(route::sameWay);
                there.add(route);
                table.add(route);
            } else {
                table.remove(there.remove(random.nextInt(there.size())));
            }
            assertEquals(there.size(), table.size());
            final long lo = 0x0A00_0000L | random.nextInt(1 << 12);
            final int wanted = random.nextInt(-1, 3);
            Route best = null;
            for (final Route route : there) {
                if (route.destination().contains(0, lo) && (wanted < 0 || route.interfaceIndex() == wanted)) {
                    best = best == null || better(route, best) ? route : best;
                }
            }
            final int found = table.find(IpFamily.V4, 0, lo, wanted);
            assertEquals(best, found == RouteTable.NONE ? null : table.route(found));
            compareHops(table, lo, there);
        }
    }

    private static void compareHops(final RouteTable table, final long lo, final List<Route> there) {
        final int[] hops = new int[2];
        table.findHops(IpFamily.V4, new long[2], new long[] {lo, 0x0B00_0000L}, 2, hops);
        final int route = table.find(IpFamily.V4, 0, lo, RouteTable.ANY_INTERFACE);
        assertEquals(RouteTable.NONE, hops[1]);
        assertEquals(hops[0], table.findHop(IpFamily.V4, 0, lo, RouteTable.ANY_INTERFACE));
        if (route == RouteTable.NONE) {
            assertEquals(RouteTable.NONE, hops[0]);
        } else {
            final Route expected = table.route(route);
            assertEquals(expected.interfaceIndex(), table.interfaceIndex(hops[0]));
            assertEquals(expected.gateway(), IpAddress.of(IpFamily.V4, 0, table.nextLo(hops[0], lo)));
            assertEquals(expected.kind(), table.kind(hops[0]));
            final List<String> ways = there.stream()
                    .filter(other -> other.metric() == expected.metric()
                            && other.destination().equals(expected.destination()))
                    .map(other -> other.interfaceIndex() + " " + other.gateway())
                    .toList();
            assertEquals(ways.size() > 1, table.isShared(hops[0]));
            final List<String> found = new ArrayList<>();
            for (int i = 0; i < ways.size(); i++) {
                final int way = table.way(hops[0], (int) (((1L << 32) * i + (1L << 31)) / ways.size()));
                found.add(table.interfaceIndex(way) + " " + IpAddress.of(IpFamily.V4, 0, table.nextLo(way, lo)));
            }
            assertEquals(ways, found);
        }
    }

    private static boolean better(final Route a, final Route b) {
        return a.destination().prefixLength() != b.destination().prefixLength()
                ? a.destination().prefixLength() > b.destination().prefixLength()
                : a.metric() < b.metric();
    }

    private static Route random(final SplittableRandom random) {
        final Cidr<Ipv4Address> destination =
                new Cidr<>(new Ipv4Address(0x0A00_0000 | random.nextInt(1 << 12)), random.nextInt(18, 33));
        return Route.via(destination, new Ipv4Address(0xC000_0200 | random.nextInt(1, 4)), random.nextInt(3))
                .withMetric(random.nextInt(4));
    }

    private static Route to(final Route route, final int host) {
        return new Route(
                new Cidr<>(IpAddress.of(IpFamily.V6, 0x2001L << 48, host), 128),
                route.kind(),
                route.gateway(),
                0,
                0,
                1,
                route.origin(),
                null,
                Route.NEVER,
                route.metrics());
    }

    @Test
    void shouldKeepWhatIsKnownOfPaths() {
        final RouteMetrics metrics = RouteMetrics.parse("mtu 1400 initcwnd 20");
        final Route route = via("10.0.0.0/8", "192.0.2.1", 0);
        table.add(route);
        assertFalse(table.hasMetrics());
        table.add(route.withMetrics(metrics));
        assertEquals(List.of("10.0.0.0/8 via 192.0.2.1 dev a proto static mtu 1400 initcwnd 20"), lines(0));
        final int hop = table.findHop(IpFamily.V4, 0, 0x0A00_0001, RouteTable.ANY_INTERFACE);
        assertEquals(metrics, table.metrics(hop));
        assertTrue(table.hasMetrics());
        table.add(via("10.0.0.0/8", "192.0.2.2", 0)); // flows share both, each with its own
        assertEquals(metrics, table.metrics(table.way(table.findHop(IpFamily.V4, 0, 0x0A00_0001, -1), 0)));
        assertEquals(RouteMetrics.NONE, table.metrics(table.way(table.findHop(IpFamily.V4, 0, 0x0A00_0001, -1), -1)));
        assertTrue(table.remove(route));
        assertFalse(table.hasMetrics());
    }

    private List<String> lines(final long now) {
        return table.snapshot().stream().map(route -> route.text("a", now)).toList();
    }

    private static Route via(final String destination, final String gateway, final int interfaceIndex) {
        return Route.via(Cidr.parse(destination), IpAddress.parse(gateway), interfaceIndex);
    }

    private @Nullable String gateway(final String destination, final int interfaceIndex) {
        final IpAddress to = IpAddress.parse(destination);
        final int hop = table.findHop(to.family(), to.hi(), to.lo(), interfaceIndex);
        return hop == RouteTable.NONE
                ? null
                : IpAddress.of(to.family(), table.nextHi(hop, to.hi()), table.nextLo(hop, to.lo()))
                        .toString();
    }
}
