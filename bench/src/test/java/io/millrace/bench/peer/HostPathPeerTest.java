package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.Await;
import io.millrace.testkit.Said;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A router that shares its addresses and its routes with Linux, by TAP interfaces and RTNETLINK. */
@Tag("peers")
@Timeout(600)
final class HostPathPeerTest {
    /** Echoes on TCP port 22 of both families, until it is ended. */
    private static final String SERVER = """
        import socketserver
        class Echo(socketserver.BaseRequestHandler):
            def handle(self):
                while data := self.request.recv(65536):
                    self.request.sendall(data)
        class Server(socketserver.ThreadingTCPServer):
            address_family = 10
            allow_reuse_address = daemon_threads = True
            request_queue_size = 64
        server = Server(("::", 22), Echo)
        print("listening", flush=True)
        server.serve_forever()
        """;

    @TempDir
    Path folder;

    private ApplianceSite site;
    private Namespace a;
    private Namespace b;

    @BeforeEach
    void startRouter() throws Exception {
        site = new ApplianceSite(folder);
        // The far ends of the ports are in the router's namespace at first, where Linux would answer for any address.
        linux().run("sysctl", "-w", "net.ipv4.conf.all.arp_ignore=1");
        site.start(
                2,
                "--mode",
                "l3router",
                "--port",
                "tap:mr0",
                "--address",
                "10.0.0.1/24,2001:db8:0::1/64",
                "--host",
                "vr0",
                "--port",
                "tap:mr1",
                "--address",
                "10.0.1.1/24,2001:db8:1::1/64",
                "--host",
                "vr1");
        a = site.host(0, "10.0.0.2/24", "2001:db8:0::2/64");
        b = site.host(1, "10.0.1.2/24", "2001:db8:1::2/64", "192.0.2.1/32", "2001:db8:9::1/128");
        site.routeByTheRouter();
    }

    @AfterEach
    void close() {
        site.close();
    }

    private Namespace linux() {
        return site.namespace();
    }

    private String routes() throws Exception {
        return site.request("route", "show", Map.of());
    }

    @Test
    void shouldLetLinuxSpeakForTheRouter() throws Exception {
        final String[] macs = site.macs();
        assertEquals(macs[0], Namespaces.mac(linux(), "vr0"));
        assertEquals(macs[1], Namespaces.mac(linux(), "vr1"));
        final String addresses = linux().run("ip", "-br", "address", "show", "dev", "vr0");
        assertTrue(addresses.contains("10.0.0.1/24") && addresses.contains("2001:db8::1/64"), addresses);
        for (final String own : new String[] {"10.0.0.1", "10.0.1.1", "2001:db8:0::1", "2001:db8:1::1"}) {
            LinuxPing.answered(a, own, 3, 1_400);
        }
        LinuxPing.answered(linux(), "10.0.1.2", 3, 56);
        LinuxPing.answered(linux(), "2001:db8:0::2", 3, 56);
        LinuxPing.answered(a, "10.0.1.2", 3, 56);
        LinuxPing.answered(b, "2001:db8:0::2", 3, 1_200);
        final Process server = linux().process("python3", "-u", "-c", SERVER).start();
        try {
            Said.assertNext("listening", server.inputReader(), server);
            for (final String address : new String[] {"10.0.0.1", "2001:db8:1::1"}) {
                final String said = a.run(JavaCommand.of(EchoClient.class, List.of("tcp", address, "22", "20", "50000"))
                        .toArray(String[]::new));
                assertTrue(said.endsWith("ok\n"), said);
            }
        } finally {
            server.destroy();
        }
        // What is forwarded is none of Linux's business: it neither sees it nor would it forward it.
        final String shown = site.request("appliance", "show", Map.of());
        assertTrue(shown.contains("host: 0 routes of Linux taken, 0 refused"), shown);
        assertTrue(site.stop().contains("\"host.toHost\""));
        assertFalse(linux().run("ip", "-br", "link").contains("vr0"), "the interface goes with the router");
    }

    @Test
    void shouldForwardByRoutesThatLinuxGetsAndLoses() throws Exception {
        linux().run("ip", "route", "add", "192.0.2.0/24", "via", "10.0.1.2", "metric", "7");
        linux().run("ip", "-6", "route", "add", "2001:db8:9::/48", "via", "2001:db8:1::2");
        linux().run("ip", "route", "add", "blackhole", "198.51.100.0/24");
        Await.until("routes of Linux", () -> routes().contains("198.51.100.0/24"));
        final String all = routes();
        assertTrue(all.contains("192.0.2.0/24 via 10.0.1.2 dev mr1 proto host metric 7"), all);
        assertTrue(all.contains("2001:db8:9::/48 via 2001:db8:1::2 dev mr1 proto host"), all);
        assertTrue(all.contains("blackhole 198.51.100.0/24"), all);
        LinuxPing.answered(a, "192.0.2.1", 3, 56);
        LinuxPing.answered(a, "2001:db8:9::1", 3, 56);

        // Another way in place of the one that was there, of whose end nothing is told.
        linux().run("ip", "route", "replace", "192.0.2.0/24", "via", "10.0.0.2", "metric", "7");
        Await.until("the route that replaces", () -> routes().contains("192.0.2.0/24 via 10.0.0.2 dev mr0"));
        assertFalse(routes().contains("192.0.2.0/24 via 10.0.1.2"), routes());
        linux().run("ip", "route", "del", "192.0.2.0/24");
        linux().run("ip", "-6", "route", "del", "2001:db8:9::/48");
        Await.until(
                "the end of the routes", () -> !routes().contains("192.0.2.0/24") && !routes().contains("2001:db8:9"));
        final String nowhere = LinuxPing.failed(a, "192.0.2.1");
        assertTrue(nowhere.contains("Destination Net Unreachable"), nowhere);

        // With an interface that goes down go its routes, without a word, but not the router's addresses.
        linux().run("ip", "route", "add", "203.0.113.0/24", "via", "10.0.1.2");
        Await.until("a route again", () -> routes().contains("203.0.113.0/24"));
        linux().run("ip", "link", "set", "vr1", "down");
        Await.until("its end", () -> !routes().contains("203.0.113.0/24"));
        linux().run("ip", "link", "set", "vr1", "up");
        Await.until(
                "the IPv6 address on the interface",
                () -> linux().run("ip", "-br", "address", "show", "dev", "vr1").contains("2001:db8:1::1/64"));
        LinuxPing.answered(b, "2001:db8:1::1", 3, 56);
        site.stop();
    }

    @Test
    void shouldTellLinuxOfItsRoutesAndTakeAddressesOfLinux() throws Exception {
        site.command("route", "add", "192.0.2.0/24", "--via", "10.0.1.2");
        Await.until(
                "the router's route in Linux",
                () -> linux().run("ip", "route", "show").contains("192.0.2.0/24 via 10.0.1.2 dev vr1 proto 77"));
        LinuxPing.answered(linux(), "192.0.2.1", 3, 56);
        site.command("route", "del", "192.0.2.0/24");
        Await.until("its end", () -> !linux().run("ip", "route", "show").contains("192.0.2.0/24"));

        linux().run("ip", "address", "add", "10.0.0.77/24", "dev", "vr0");
        linux().run("ip", "address", "add", "2001:db8:0::77/64", "dev", "vr0", "nodad");
        Await.until(
                "Linux's addresses",
                () -> routes().contains("10.0.0.0/24")
                        && LinuxPing.isAnswered(a, "10.0.0.77")
                        && LinuxPing.isAnswered(a, "2001:db8:0::77"));
        linux().run("ip", "address", "del", "10.0.0.77/24", "dev", "vr0");
        a.run("ip", "neighbour", "flush", "dev", "mr0");
        Await.until("the end of the address", () -> !LinuxPing.isAnswered(a, "10.0.0.77"));
        LinuxPing.answered(a, "10.0.0.1", 3, 56);
        site.stop();
    }

    /** What is known of the paths; the router, which has no TCP, needs the MTU, and Linux has them from it for its own TCP. */
    @Test
    void shouldShareMetrics() throws Exception {
        linux().run("ip route add 198.51.100.0/24 via 10.0.1.2 mtu lock 1400 advmss 1200 initcwnd 20 rto_min 50ms"
                .split(" "));
        linux().run("ip -6 route add 2001:db8:9::/48 via 2001:db8:1::2 mtu 1300 quickack 1 features ecn".split(" "));
        Await.until("a route of Linux", () -> routes().contains("2001:db8:9::/48"));
        final String all = routes();
        assertTrue(all.contains("proto host mtu lock 1400 advmss 1200 initcwnd 20 rto_min lock 50ms"), all);
        assertTrue(all.contains("proto host metric 1024 mtu 1300 features ecn quickack 1"), all);
        linux().run("ip route replace 198.51.100.0/24 via 10.0.1.2 mtu 1300".split(" "));
        Await.until("the other MTU", () -> routes().contains("proto host mtu 1300"));
        linux().run("ip route del 198.51.100.0/24".split(" "));
        linux().run("ip -6 route del 2001:db8:9::/48".split(" "));

        site.command(
                "route", "add", "192.0.2.0/24", "--via", "10.0.1.2", "mtu", "1400", "initcwnd", "9", "congctl", "bbr");
        Await.until("the router's route in Linux", () -> inLinux("192.0.2.0/24").contains("proto 77"));
        final String ours = inLinux("192.0.2.0/24");
        assertTrue(ours.contains("mtu 1400") && ours.contains("initcwnd 9"), ours);
        site.command("route", "del", "192.0.2.0/24", "--via", "10.0.1.2");
        Await.until("its end", () -> inLinux("192.0.2.0/24").isEmpty());
    }

    /** Several ways, metrics, and a router that is known by an IPv6 address only (RFC 8950). */
    @Test
    void shouldTakeAllWaysOfARoute() throws Exception {
        b.run("ip", "address", "add", "198.51.100.1/32", "dev", "mr1");
        linux().run("ip", "route", "add", "198.51.100.0/24", "via", "inet6", "2001:db8:1::2");
        linux().run(
                        "ip",
                        "route",
                        "add",
                        "192.0.2.0/24",
                        "nexthop",
                        "via",
                        "10.0.0.3",
                        "nexthop",
                        "via",
                        "10.0.1.2",
                        "weight",
                        "7");
        linux().run(
                        "ip",
                        "-6",
                        "route",
                        "add",
                        "2001:db8:9::/48",
                        "nexthop",
                        "via",
                        "2001:db8:0::3",
                        "nexthop",
                        "via",
                        "2001:db8:1::2");
        linux().run("ip", "route", "add", "203.0.113.0/24", "via", "10.0.0.3", "metric", "5");
        linux().run("ip", "route", "add", "203.0.113.0/24", "via", "10.0.1.2", "metric", "9");
        linux().run("ip", "route", "add", "198.18.0.0/15", "via", "10.0.0.3", "metric", "9");
        linux().run("ip", "route", "add", "198.18.0.0/15", "via", "10.0.0.3", "metric", "5");
        Await.until(
                "routes of Linux", () -> routes().contains("198.18.0.0/15 via 10.0.0.3 dev mr0 proto host metric 5"));
        final String all = routes();
        assertTrue(all.contains("198.51.100.0/24 via inet6 2001:db8:1::2 dev mr1 proto host"), all);
        assertTrue(all.contains("192.0.2.0/24 via 10.0.0.3 dev mr0 proto host"), all);
        assertTrue(all.contains("192.0.2.0/24 via 10.0.1.2 dev mr1 proto host weight 7"), all);
        assertTrue(all.contains("2001:db8:9::/48 via 2001:db8::3 dev mr0 proto host"), all);
        assertTrue(all.contains("2001:db8:9::/48 via 2001:db8:1::2 dev mr1 proto host"), all);
        LinuxPing.answered(a, "198.51.100.1", 3, 56);

        // One goes, the other stays: by its end, by a better metric's, by its interface.
        linux().run("ip", "route", "replace", "192.0.2.0/24", "via", "10.0.1.2");
        linux().run("ip", "-6", "route", "del", "2001:db8:9::/48", "via", "2001:db8::3", "dev", "vr0");
        linux().run("ip", "route", "del", "203.0.113.0/24", "metric", "5");
        linux().run("ip", "route", "del", "198.18.0.0/15", "metric", "5");
        Await.until(
                "fewer ways",
                () -> !routes().contains("192.0.2.0/24 via 10.0.0.3")
                        && !routes().contains("2001:db8::3")
                        && routes().contains("198.18.0.0/15 via 10.0.0.3 dev mr0 proto host metric 9"));
        assertTrue(routes().contains("203.0.113.0/24 via 10.0.1.2 dev mr1 proto host metric 9"), routes());
        LinuxPing.answered(a, "192.0.2.1", 3, 56);
        LinuxPing.answered(a, "2001:db8:9::1", 3, 56);
        linux().run(
                        "ip",
                        "route",
                        "replace",
                        "192.0.2.0/24",
                        "nexthop",
                        "via",
                        "10.0.0.3",
                        "nexthop",
                        "via",
                        "10.0.1.2");
        Await.until("two ways again", () -> routes().contains("192.0.2.0/24 via 10.0.0.3"));
        linux().run("ip", "link", "set", "vr1", "down");
        Await.until("the way by the interface that is down", () -> !routes().contains("dev mr1 proto host"));
        assertTrue(routes().contains("192.0.2.0/24 via 10.0.0.3 dev mr0 proto host"), routes());
        site.stop();
    }

    /** One of the router and one of Linux, by the same gateway: either may go first. */
    @Test
    void shouldKeepARouteOfItsOwnWhenLinuxLosesTheSame() throws Exception {
        for (final String[] route :
                new String[][] {{"192.0.2.0/24", "10.0.1.2"}, {"2001:db8:9::/48", "2001:db8:1::2"}}) {
            final String to = route[0];
            final String way = to + " via " + route[1] + " dev mr1 proto ";
            site.command("route", "add", to, "--via", route[1]);
            Await.until("the router's route in Linux", () -> inLinux(to).contains("proto 77"));
            linux().run("ip", "route", "add", to, "via", route[1], "dev", "vr1", "metric", "7");
            Await.until("Linux's route", () -> routes().contains(way + "host metric 7"));
            assertTrue(routes().contains(way + "static"), routes());
            linux().run("ip", "route", "del", to, "metric", "7");
            Await.until("the end of Linux's route", () -> !routes().contains(way + "host"));
            assertTrue(routes().contains(way + "static"), routes());
            assertTrue(inLinux(to).contains("proto 77"), inLinux(to));

            linux().run("ip", "route", "add", to, "via", route[1], "dev", "vr1", "metric", "7");
            Await.until("Linux's route again", () -> routes().contains(way + "host metric 7"));
            site.command("route", "del", to);
            Await.until("the end of the router's route", () -> !inLinux(to).contains("proto 77"));
            assertTrue(inLinux(to).contains("metric 7"), inLinux(to));
            assertTrue(routes().contains(way + "host") && !routes().contains(way + "static"), routes());
        }
        LinuxPing.answered(a, "192.0.2.1", 3, 56);
        LinuxPing.answered(a, "2001:db8:9::1", 3, 56);
        site.stop();
    }

    @Test
    void shouldGiveLinuxAgainWhatItLosesOfTheRouters() throws Exception {
        site.command("route", "add", "192.0.2.0/24", "--via", "10.0.1.2");
        site.command("route", "add", "2001:db8:9::/48", "--via", "2001:db8:1::2");
        Await.until("routes in Linux", () -> hasBoth("proto 77"));
        linux().run("ip", "link", "set", "vr1", "down");
        Await.until("their end", () -> !hasBoth("proto 77"));
        site.command("route", "add", "198.51.100.0/24", "--via", "10.0.1.2");
        Await.until(
                "a word of what Linux refuses",
                () -> site.request("appliance", "show", Map.of()).contains("Linux does not add a route"));
        linux().run("ip", "link", "set", "vr1", "up");
        Await.until(
                "all of them in Linux again",
                () -> hasBoth("proto 77") && inLinux("198.51.100.0/24").contains("proto 77"));
        linux().run("ip", "route", "del", "192.0.2.0/24");
        Await.until("a route that somebody took away", () -> hasBoth("proto 77"));
        linux().run("ip", "address", "del", "10.0.0.1/24", "dev", "vr0");
        Await.until(
                "an address that somebody took away",
                () -> linux().run("ip", "-br", "address", "show", "dev", "vr0").contains("10.0.0.1/24"));
        LinuxPing.answered(linux(), "192.0.2.1", 3, 56);
        LinuxPing.answered(a, "10.0.0.1", 3, 56);
        site.stop();
    }

    private boolean hasBoth(String text) throws CommandException {
        return inLinux("192.0.2.0/24").contains(text)
                && inLinux("2001:db8:9::/48").contains(text);
    }

    private String inLinux(String destination) throws CommandException {
        return linux().run("ip", destination.contains(":") ? "-6" : "-4", "route", "show", destination);
    }

    @Test
    void shouldGiveLinuxRoutesOfTheSameCostAsOne() throws Exception {
        site.command("route", "add", "10.7.0.0/16", "--via", "10.0.0.3");
        site.command("route", "add", "10.7.0.0/16", "--via", "10.0.1.2", "--weight", "5");
        Await.until(
                "both ways in Linux",
                () -> linux().run("ip", "route", "show", "10.7.0.0/16")
                        .contains("nexthop via 10.0.1.2 dev vr1 weight 5"));
        site.command("route", "del", "10.7.0.0/16", "--via", "10.0.0.3");
        Await.until(
                "one of them",
                () -> linux().run("ip", "route", "show", "10.7.0.0/16").startsWith("10.7.0.0/16 via 10.0.1.2 dev vr1"));
        site.stop();
    }

    /** Routes, neighbours and addresses come, go and are replaced, by command and by Linux, under packets of each kind. */
    @Test
    void shouldLoseNothingWhenRoutesNeighborsAndAddressesChangeWhilePacketsPass() throws Exception {
        b.run("ip", "address", "add", "10.0.1.3/24", "dev", "mr1"); // another gateway to the same networks
        b.run("ip", "address", "add", "2001:db8:1::3/64", "dev", "mr1", "nodad");
        final String mac = ApplianceSite.mac(b, 1);
        site.request("route", "add", Map.of("to", "192.0.2.0/24", "via", "10.0.1.2"));
        linux().run("ip", "-6", "route", "add", "2001:db8:9::/48", "via", "2001:db8:1::2");
        Await.until("a route of Linux", () -> routes().contains("2001:db8:9::/48"));
        final List<SteadyPing> pings = new ArrayList<>();
        for (final String address : new String[] {"10.0.1.2", "2001:db8:1::2", "192.0.2.1", "2001:db8:9::1"}) {
            LinuxPing.answered(a, address, 1, 56);
            pings.add(SteadyPing.start(a, address, 500));
        }
        int rounds = 0;
        while (pings.stream().anyMatch(SteadyPing::isRunning)) {
            final String one = rounds % 2 == 0 ? "2" : "3";
            final String other = rounds % 2 == 0 ? "3" : "2";
            site.request("route", "add", Map.of("to", "192.0.2.0/24", "via", "10.0.1." + other));
            site.request("route", "del", Map.of("to", "192.0.2.0/24", "via", "10.0.1." + one));
            site.request("route", "add", Map.of("to", "192.0.2.0/30", "via", "10.0.1." + one));
            site.request("route", "del", Map.of("to", "192.0.2.0/30"));
            site.request("neigh", "add", Map.of("address", "10.0.1." + other, "lladdr", mac, "dev", "mr1"));
            site.request("neigh", "del", Map.of("address", "10.0.1." + other));
            site.request("neigh", "flush", Map.of());
            linux().run("ip", "-6", "route", "replace", "2001:db8:9::/48", "via", "2001:db8:1::" + other);
            linux().run("ip", "address", "add", "10.0.1.77/24", "dev", "vr1");
            linux().run("ip", "address", "del", "10.0.1.77/24", "dev", "vr1");
            rounds++;
        }
        for (final SteadyPing ping : pings) {
            ping.assertAllAnswered();
        }
        assertTrue(rounds > 0, "nothing changed");
        Await.until(
                "the last change",
                () -> site.request("appliance", "show", Map.of()).contains("1 routes of Linux taken, 0 refused"));
        site.stop();
    }
}
