package io.millrace.dataplane.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.PortException;
import io.millrace.testkit.Await;
import io.millrace.testkit.Netns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Linux's own routing tables, with {@code ip} as the other side. */
@Tag("peers")
@Timeout(600)
final class RouteSocketPeerTest {
    private static final long V6_HI = 0x2001_0db8_0000_0000L;

    /** Notes what it is told, but for what concerns the loopback interface. */
    private static final class Notes implements RouteListener {
        private final List<Object> told = new ArrayList<>();

        @Override
        public void onRoute(final LinuxRoute route, final boolean replaces) {
            if (route.protocol() != LinuxRoute.BY_KERNEL) {
                told.add(replaces ? "replaced" : "added");
                told.add(route);
            }
        }

        @Override
        public void onRouteGone(final LinuxRoute route) {
            if (route.protocol() != LinuxRoute.BY_KERNEL) {
                told.add("gone");
                told.add(route);
            }
        }

        @Override
        public void onAddress(final LinuxAddress address) {
            if (address.device() != 1 && address.hi() >>> 48 != 0xfe80) {
                told.add(address);
            }
        }

        @Override
        public void onAddressGone(final LinuxAddress address) {
            told.add("gone");
            told.add(address);
        }

        @Override
        public void onDevice(final int index) {}

        @Override
        public void onOverrun() {
            told.add("overrun");
        }

        /** What was told since the last call. */
        List<Object> take() {
            final List<Object> all = List.copyOf(told);
            told.clear();
            return all;
        }
    }

    private static LinuxRoute v4(final int metric, final int protocol, final LinuxHop... hops) {
        return new LinuxRoute(Linux.AF_INET, 0, 0xC000_0200L, 24, LinuxRoute.UNICAST, List.of(hops), metric, protocol);
    }

    private static LinuxRoute v6(final int protocol, final LinuxHop... hops) {
        return new LinuxRoute(Linux.AF_INET6, V6_HI + 9, 0, 64, LinuxRoute.UNICAST, List.of(hops), 1024, protocol);
    }

    private static LinuxHop hop4(final int device, final int host) {
        return new LinuxHop(device, Linux.AF_INET, 0, 0x0A00_0000L + host);
    }

    private static LinuxHop hop6(final int device, final int host) {
        return new LinuxHop(device, Linux.AF_INET6, V6_HI, host);
    }

    /** What was told, at least as much as is told here: the kernel tells of addresses of IPv6 in its own time. */
    private static List<Object> changes(final RouteSocket watch, final Notes notes, final int least) throws Exception {
        Await.until(() -> least + " changes; there are " + notes.told.size(), () -> {
            while (watch.next(notes, 200)) {
                // There may be more.
            }
            return notes.told.size() >= least;
        });
        return notes.take();
    }

    private static void assertChanges(final List<Object> expected, final RouteSocket watch, final Notes notes)
            throws Exception {
        assertEquals(expected, changes(watch, notes, expected.size()));
    }

    @Test
    void shouldHearWhatTheAdministratorDoes() throws Exception {
        Netns.call(() -> {
            try (RouteSocket watch = RouteSocket.watch()) {
                Netns.run("ip", "link", "add", "mr0", "type", "veth", "peer", "name", "mr1");
                Netns.run("ip", "link", "set", "mr0", "up");
                Netns.run("ip", "link", "set", "mr1", "up");
                final Notes notes = new Notes();
                final int device = new NetDevice("mr0").index();
                changes(watch, notes, 0);
                Netns.run("ip", "address", "add", "10.0.0.1/24", "dev", "mr0");
                Netns.run("ip", "address", "add", "2001:db8::1/64", "dev", "mr0", "nodad");
                assertChanges(
                        List.of(
                                new LinuxAddress(Linux.AF_INET, 0, 0x0A00_0001L, 24, device),
                                new LinuxAddress(Linux.AF_INET6, V6_HI, 1, 64, device)),
                        watch,
                        notes);
                Netns.run("ip", "route", "add", "192.0.2.0/24", "via", "10.0.0.2", "proto", "static");
                Netns.run("ip", "-6", "route", "add", "2001:db8:0:9::/64", "via", "2001:db8::2", "proto", "static");
                assertChanges(
                        List.of("added", v4(0, 4, hop4(device, 2)), "added", v6(4, hop6(device, 2))), watch, notes);
                Netns.run("ip", "route", "replace", "192.0.2.0/24", "via", "10.0.0.2", "proto", "186");
                Netns.run("ip", "route", "add", "10.9.0.0/16", "via", "10.0.0.2", "table", "7");
                assertChanges(List.of("replaced", v4(0, 186, hop4(device, 2))), watch, notes);
                Netns.run("ip", "route", "del", "192.0.2.0/24");
                assertChanges(List.of("gone", v4(0, 186, hop4(device, 2))), watch, notes);
                Netns.run("ip", "address", "del", "10.0.0.1/24", "dev", "mr0");
                assertChanges(
                        List.of("gone", new LinuxAddress(Linux.AF_INET, 0, 0x0A00_0001L, 24, device)), watch, notes);
            }
            return null;
        });
    }

    @Test
    void shouldAddAndRemoveAndReadWhatThereIs() throws Exception {
        Netns.call(() -> {
            try (RouteSocket socket = RouteSocket.open()) {
                Netns.run("ip", "link", "add", "mr0", "type", "veth", "peer", "name", "mr1");
                Netns.run("ip", "link", "set", "mr0", "up");
                Netns.run("ip", "link", "set", "mr1", "up");
                final int device = new NetDevice("mr0").index();
                final LinuxAddress own = new LinuxAddress(Linux.AF_INET, 0, 0x0A00_0001L, 24, device);
                socket.add(own);
                socket.add(own);
                socket.add(new LinuxAddress(Linux.AF_INET6, V6_HI, 1, 64, device));
                final LinuxRoute route = v4(20_000, LinuxRoute.BY_MILLRACE, hop4(device, 2));
                socket.add(route);
                socket.add(route);
                socket.add(v6(LinuxRoute.BY_MILLRACE, hop6(device, 2)));
                final String said = Netns.run("ip", "route", "show") + Netns.run("ip", "-6", "route", "show");
                assertTrue(said.contains("192.0.2.0/24 via 10.0.0.2 dev mr0 proto 77 metric 20000"), said);
                assertTrue(said.contains("2001:db8:0:9::/64 via 2001:db8::2 dev mr0 proto 77 metric 1024"), said);

                final Notes notes = new Notes();
                socket.addresses(notes);
                socket.routes(Linux.AF_INET, notes);
                socket.routes(Linux.AF_INET6, notes);
                assertEquals(
                        List.of(
                                own,
                                new LinuxAddress(Linux.AF_INET6, V6_HI, 1, 64, device),
                                "added",
                                route,
                                "added",
                                v6(LinuxRoute.BY_MILLRACE, hop6(device, 2))),
                        notes.take());

                socket.remove(route);
                socket.remove(route);
                socket.remove(own);
                socket.remove(own);
                final String after = Netns.run("ip", "route", "show") + Netns.run("ip", "address", "show");
                assertFalse(after.contains("192.0.2.0") || after.contains("10.0.0.1"), after);
                final PortException e = assertThrows(
                        PortException.class, () -> socket.add(v4(1, LinuxRoute.BY_MILLRACE, hop4(device, 2))));
                assertTrue(String.valueOf(e.getMessage()).contains("add a route: Network is unreachable"), e::toString);
            }
            return null;
        });
    }

    /** Several ways for one destination, and routers of another family than the destination (RFC 8950). */
    @Test
    void shouldReadAndWriteRoutesOfSeveralWays() throws Exception {
        Netns.call(() -> {
            try (RouteSocket socket = RouteSocket.open();
                    RouteSocket watch = RouteSocket.watch()) {
                final int[] devices = new int[2];
                for (int i = 0; i < 2; i++) {
                    final String name = "mr" + i;
                    Netns.run("ip", "link", "add", name, "type", "veth", "peer", "name", "far" + i);
                    Netns.run("ip", "link", "set", "far" + i, "up");
                    Netns.run("ip", "link", "set", name, "addrgenmode", "none", "up");
                    Netns.run("ip", "address", "add", "10.0." + i + ".1/24", "dev", name);
                    Netns.run("ip", "address", "add", "2001:db8:0:" + i + "::1/64", "dev", name, "nodad");
                    devices[i] = new NetDevice(name).index();
                }
                final LinuxHop far4 = new LinuxHop(devices[1], Linux.AF_INET, 0, 0x0A00_0102L);
                final LinuxHop far6 = new LinuxHop(devices[1], Linux.AF_INET6, V6_HI + 1, 2);
                final Notes notes = new Notes();
                changes(watch, notes, 4); // the addresses
                final LinuxRoute both4 = v4(7, LinuxRoute.BY_MILLRACE, hop4(devices[0], 2), far4);
                final LinuxRoute both6 = v6(LinuxRoute.BY_MILLRACE, hop6(devices[0], 2), far6);
                socket.add(both4);
                socket.add(both6);
                // Of several ways over IPv6 the kernel says that they replace something whenever they may.
                assertChanges(List.of("added", both4, "replaced", both6), watch, notes);
                final String said = Netns.run("ip", "route", "show") + Netns.run("ip", "-6", "route", "show");
                for (final String via : new String[] {"10.0.0.2", "10.0.1.2", "2001:db8::2", "2001:db8:0:1::2"}) {
                    assertTrue(said.contains("nexthop via " + via + " dev mr"), said);
                }
                // One of two, and then a router that speaks IPv6 only, in its place.
                socket.add(v4(7, LinuxRoute.BY_MILLRACE, far4));
                final LinuxRoute mixed = v4(7, LinuxRoute.BY_MILLRACE, far6);
                socket.add(mixed);
                socket.add(v6(LinuxRoute.BY_MILLRACE, far6));
                socket.add(v4(
                        8,
                        LinuxRoute.BY_MILLRACE,
                        far6,
                        hop4(devices[0], 2).withWeight(256),
                        LinuxHop.onLink(devices[0])));
                assertChanges(
                        List.of(
                                "replaced",
                                v4(7, LinuxRoute.BY_MILLRACE, far4),
                                "replaced",
                                mixed,
                                "replaced",
                                v6(LinuxRoute.BY_MILLRACE, far6),
                                "added",
                                v4(
                                        8,
                                        LinuxRoute.BY_MILLRACE,
                                        far6,
                                        hop4(devices[0], 2).withWeight(256),
                                        LinuxHop.onLink(devices[0]))),
                        watch,
                        notes);
                final String now = Netns.run("ip", "route", "show") + Netns.run("ip", "-6", "route", "show");
                assertTrue(now.contains("192.0.2.0/24 via inet6 2001:db8:0:1::2 dev mr1 proto 77 metric 7"), now);
                assertFalse(now.contains("2001:db8::2"), now);
                socket.remove(mixed);
                assertChanges(List.of("gone", mixed), watch, notes);

                // A way whose interface is down is none, though the kernel still lists it.
                Netns.run("ip", "link", "set", "mr1", "down");
                changes(watch, notes, 0);
                socket.routes(Linux.AF_INET, notes);
                assertEquals(
                        List.of(
                                "added",
                                v4(
                                        8,
                                        LinuxRoute.BY_MILLRACE,
                                        hop4(devices[0], 2).withWeight(256),
                                        LinuxHop.onLink(devices[0]))),
                        notes.take());
            }
            return null;
        });
    }

    /** More changes than the socket has room for, while nobody reads. */
    @Test
    void shouldSayThatItMissedSomething() throws Exception {
        final int routes = 60_000;
        final Path batch = Files.createTempFile("routes", ".txt");
        try {
            Netns.call(() -> {
                Netns.run("ip", "link", "add", "mr0", "type", "veth", "peer", "name", "mr1");
                Netns.run("ip", "link", "set", "mr0", "up");
                Netns.run("ip", "link", "set", "mr1", "up");
                Files.write(
                        batch,
                        IntStream.range(0, routes)
                                .mapToObj(i -> "route add 10." + (i >> 8) + "." + (i & 0xFF) + ".0/24 dev mr0")
                                .toList());
                try (RouteSocket watch = RouteSocket.watch();
                        RouteSocket socket = RouteSocket.open()) {
                    Netns.run("ip", "-batch", batch.toString());
                    final Notes notes = new Notes();
                    final List<Object> told = changes(watch, notes, 1);
                    assertTrue(told.contains("overrun"), () -> told.size() + " without an overrun");
                    socket.routes(Linux.AF_INET, notes);
                    assertEquals(2 * routes, notes.take().size());
                    Netns.run("ip", "route", "del", "10.0.0.0/24");
                    assertEquals("gone", changes(watch, notes, 2).getFirst(), "it goes on after that");
                }
                return null;
            });
        } finally {
            Files.delete(batch);
        }
    }
}
