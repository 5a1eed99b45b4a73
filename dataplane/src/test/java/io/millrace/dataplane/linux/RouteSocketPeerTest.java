package io.millrace.dataplane.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.PortException;
import io.millrace.testkit.Netns;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Linux's own routing tables, with {@code ip} as the other side. */
@Tag("peers")
@Timeout(60)
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

    private static LinuxRoute v4(final int device, final int metric, final int protocol) {
        return new LinuxRoute(
                Linux.AF_INET,
                0,
                0xC000_0200L,
                24,
                LinuxRoute.UNICAST,
                true,
                0,
                0x0A00_0002L,
                device,
                metric,
                protocol);
    }

    private static LinuxRoute v6(final int device, final int protocol) {
        return new LinuxRoute(
                Linux.AF_INET6, V6_HI + 9, 0, 64, LinuxRoute.UNICAST, true, V6_HI, 2, device, 1024, protocol);
    }

    private static List<Object> changes(final RouteSocket watch, final Notes notes) {
        while (watch.next(notes, 200)) {
            // There may be more.
        }
        return notes.take();
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
                changes(watch, notes);
                Netns.run("ip", "address", "add", "10.0.0.1/24", "dev", "mr0");
                Netns.run("ip", "address", "add", "2001:db8::1/64", "dev", "mr0", "nodad");
                assertEquals(
                        List.of(
                                new LinuxAddress(Linux.AF_INET, 0, 0x0A00_0001L, 24, device),
                                new LinuxAddress(Linux.AF_INET6, V6_HI, 1, 64, device)),
                        changes(watch, notes));
                Netns.run("ip", "route", "add", "192.0.2.0/24", "via", "10.0.0.2", "proto", "static");
                Netns.run("ip", "-6", "route", "add", "2001:db8:0:9::/64", "via", "2001:db8::2", "proto", "static");
                assertEquals(List.of("added", v4(device, 0, 4), "added", v6(device, 4)), changes(watch, notes));
                Netns.run("ip", "route", "replace", "192.0.2.0/24", "via", "10.0.0.2", "proto", "186");
                Netns.run("ip", "route", "add", "10.9.0.0/16", "via", "10.0.0.2", "table", "7");
                assertEquals(List.of("replaced", v4(device, 0, 186)), changes(watch, notes));
                Netns.run("ip", "route", "del", "192.0.2.0/24");
                assertEquals(List.of("gone", v4(device, 0, 186)), changes(watch, notes));
                Netns.run("ip", "address", "del", "10.0.0.1/24", "dev", "mr0");
                assertEquals(
                        List.of("gone", new LinuxAddress(Linux.AF_INET, 0, 0x0A00_0001L, 24, device)),
                        changes(watch, notes));
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
                final LinuxRoute route = v4(device, 20_000, LinuxRoute.BY_MILLRACE);
                socket.add(route);
                socket.add(route);
                socket.add(v6(device, LinuxRoute.BY_MILLRACE));
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
                                v6(device, LinuxRoute.BY_MILLRACE)),
                        notes.take());

                socket.remove(route);
                socket.remove(route);
                socket.remove(own);
                socket.remove(own);
                final String after = Netns.run("ip", "route", "show") + Netns.run("ip", "address", "show");
                assertFalse(after.contains("192.0.2.0") || after.contains("10.0.0.1"), after);
                final PortException e =
                        assertThrows(PortException.class, () -> socket.add(v4(device, 1, LinuxRoute.BY_MILLRACE)));
                assertTrue(String.valueOf(e.getMessage()).contains("add a route: Network is unreachable"), e::toString);
            }
            return null;
        });
    }
}
