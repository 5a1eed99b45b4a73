package io.millrace.bench.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteOrigin;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.PoolWatch;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two stacks on a wire, with both of them as shards of one server; what a shard is told runs at once. */
final class ControlServiceTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache near = pools.cache(256);
    private final PoolCache far = pools.cache(256);
    private final SimulatedWire wire = SimulatedWire.ethernet(near.pool(), far.pool(), WireConditions.PERFECT, 1);
    private final Stack server = stack(near, true);
    private final Stack client = stack(far, false);
    private boolean running = true;
    private long now;

    private final ControlService service =
            new ControlService(List.of(new ControlService.Shard(server, List::of, task -> {
                if (running) {
                    task.run();
                }
                return running;
            })));

    private Stack stack(PoolCache cache, boolean a) {
        final Stack stack = Stack.create(StackConfig.defaults(), cache);
        final var end = a ? wire.a() : wire.b();
        stack.addInterface(
                a ? InterfaceConfig.of("10.0.0.2/24", "fd00::2/64") : InterfaceConfig.of("10.0.0.1/24", "fd00::1/64"),
                end.info(),
                end.queue(0, cache));
        return stack;
    }

    @BeforeEach
    void connect() {
        server.listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, 7), 16, new TcpHandler() {});
        server.listen(new Endpoint<>(Ipv6Address.UNSPECIFIED, 7), 16, new TcpHandler() {});
        client.connect(new Endpoint<>(Ipv4Address.parse("10.0.0.2"), 7), new TcpHandler() {});
        for (; now < 3_000_000; now += 1_000) {
            client.poll(now);
            server.poll(now);
        }
    }

    @AfterEach
    void close() {
        server.close();
        client.close();
        wire.close();
    }

    private <T> List<T> ask(String object, String action, Map<String, String> arguments, Class<T> row) {
        final List<T> rows = new ArrayList<>();
        service.serve(new ControlRequest(object, action, arguments))
                .getAsJsonArray()
                .forEach(element -> rows.add(new Gson().fromJson(element, row)));
        return rows;
    }

    private List<NeighborRow> neighbors() {
        return ask("neigh", "show", Map.of(), NeighborRow.class);
    }

    private String error(String object, String action, Map<String, String> arguments) {
        return String.valueOf(
                assertThrows(ControlException.class, () -> service.serve(new ControlRequest(object, action, arguments)))
                        .getMessage());
    }

    @Test
    void shouldListListenersAndConnections() {
        final List<SocketRow> rows = ask("ss", "show", Map.of(), SocketRow.class);
        assertEquals(3, rows.size(), rows::toString);
        assertEquals(new SocketRow("tcp", "LISTEN", 0, 16, "0.0.0.0:7", "0.0.0.0:*", 0), rows.get(0));
        assertEquals("[::]:*", rows.get(1).remote());
        assertEquals("ESTAB", rows.get(2).state());
        assertEquals("10.0.0.2:7", rows.get(2).local());
        assertTrue(rows.get(2).remote().startsWith("10.0.0.1:"), rows::toString);
    }

    @Test
    void shouldTellItsAddressesAndWhichAreLost() {
        final List<AddressRow> rows = ask("address", "show", Map.of(), AddressRow.class);
        assertTrue(rows.stream().anyMatch(row -> row.address().startsWith("10.0.0.2/")), rows::toString);
        final StringWriter text = new StringWriter();
        final AddressRow first = rows.getFirst();
        final AddressRow lost = new AddressRow(first.device(), first.address(), "duplicated", 1);
        SsCommand.printLost(List.of(first, lost, lost), new PrintWriter(text));
        assertEquals(
                "lost " + first.address() + " on " + first.device() + ": another station has it\n", text.toString());
    }

    @Test
    void shouldShowWhatIsInsideAConnectionWhenAskedTo() {
        final List<SocketRow> rows = ask("ss", "show", Map.of("info", "yes"), SocketRow.class);
        assertEquals(
                "accepted:1 half_open:0 syn_overflows:0 accept_overflows:0 cookies:0/0 deferred:0 handshake_timeouts:0",
                rows.getFirst().info());
        final String info = rows.getLast().info();
        assertTrue(info.startsWith("ts sack cubic wscale:"), info);
        assertTrue(info.contains(" mss:1446 ") && info.contains(" cwnd:10 "), info);
        final StringWriter text = new StringWriter();
        SsCommand.print(rows, new PrintWriter(text));
        assertEquals("\t " + info, text.toString().lines().toList().getLast());
    }

    @Test
    void shouldPrintColumnsThatLineUp() {
        final StringWriter text = new StringWriter();
        SsCommand.print(ask("ss", "show", Map.of(), SocketRow.class).subList(0, 2), new PrintWriter(text));
        assertEquals("""
            Netid State      Recv-Q  Send-Q  Local Address:Port  Peer Address:Port
            tcp   LISTEN     0       16      0.0.0.0:7           0.0.0.0:*
            tcp   LISTEN     0       16      [::]:7              [::]:*
            """, text.toString());
    }

    @Test
    void shouldShowSetAndForgetNeighbours() {
        assertEquals("10.0.0.1", neighbors().getFirst().address());
        assertEquals(
                client.interfaces().getFirst().macAddress().toString(),
                neighbors().getFirst().mac());
        ask("neigh", "add", Map.of("address", "fd00::9", "lladdr", "02:00:00:00:00:09"), NeighborRow.class);
        assertTrue(
                neighbors().stream().anyMatch(row -> row.toString().endsWith(" lladdr 02:00:00:00:00:09 PERMANENT")),
                () -> neighbors().toString());
        ask("neigh", "flush", Map.of(), NeighborRow.class);
        assertEquals(
                List.of("fd00::9"),
                neighbors().stream().map(NeighborRow::address).toList());
        ask("neigh", "del", Map.of("address", "fd00::9"), NeighborRow.class);
        assertEquals(List.of(), neighbors());
    }

    @Test
    void shouldShowANeighbourOnceWhenSeveralShardsKnowIt() {
        final StringWriter text = new StringWriter();
        NeighCommand.print(
                List.of(
                        new NeighborRow("10.0.0.1", "p", "02:00:00:00:00:01", "STALE", 70, false, 0),
                        new NeighborRow("10.0.0.1", "p", "02:00:00:00:00:01", "REACHABLE", 3, true, 1),
                        new NeighborRow("10.0.0.3", "p", null, "FAILED", 0, false, 1)),
                new PrintWriter(text));
        assertEquals("""
            10.0.0.1 dev p lladdr 02:00:00:00:00:01 router REACHABLE
            10.0.0.3 dev p FAILED
            """, text.toString());
    }

    @Test
    void shouldShowFindAddAndRemoveRoutes() {
        final String device = server.interfaces().getFirst().name();
        assertTrue(routes("show", Map.of()).contains("10.0.0.0/24 dev " + device + " proto kernel scope link"));
        assertEquals(List.of("10.0.0.9 dev " + device + " src 10.0.0.2"), routes("get", Map.of("address", "10.0.0.9")));
        assertEquals(
                List.of("local fd00::2 dev " + device + " src fd00::2"), routes("get", Map.of("address", "fd00::2")));
        routes("add", Map.of("to", "10.9.0.0/16", "via", "10.0.0.1"));
        routes("add", Map.of("to", "default", "via", "fd00::1", "metric", "5"));
        assertEquals(
                List.of("10.9.1.2 via 10.0.0.1 dev " + device + " src 10.0.0.2"),
                routes("get", Map.of("address", "10.9.1.2")));
        assertEquals(
                List.of("2001:db8::1 via fd00::1 dev " + device + " src fd00::2"),
                routes("get", Map.of("address", "2001:db8::1")));
        routes("add", Map.of("to", "10.9.0.0/16", "via", "10.0.0.1", "metrics", "mtu 1400 congctl bbr"));
        final String route = "10.9.0.0/16 via 10.0.0.1 dev " + device + " proto static mtu 1400 congctl bbr";
        assertTrue(
                routes("show", Map.of()).contains(route),
                () -> routes("show", Map.of()).toString());
        assertTrue(routes("get", Map.of("address", "10.9.1.2")).getFirst().endsWith(" mtu 1400 congctl bbr"));
        assertTrue(error("route", "add", Map.of("to", "10.9.0.0/16", "via", "10.0.0.1", "metrics", "mtu 6"))
                .contains("mtu 6; it is 68 to 65520"));
        routes("del", Map.of("to", "10.9.0.0/16"));
        assertTrue(error("route", "get", Map.of("address", "10.9.1.2")).contains("no route leads to 10.9.1.2"));
        assertTrue(error("route", "del", Map.of("to", "10.9.0.0/16")).contains("there is no such route"));
        assertTrue(error("route", "add", Map.of("to", "10.9.0.1/16", "via", "10.0.0.1"))
                .contains("10.9.0.1/16 has bits behind its prefix; write 10.9.0.0/16"));
        assertTrue(error("route", "add", Map.of("to", "10.9.0.0/16", "via", "10.0.0.1", "metric", "x"))
                .contains("'x' is no metric"));
        assertTrue(error("route", "add", Map.of("to", "10.9.0.0", "via", "10.0.0.1"))
                .contains("write for instance"));
        assertTrue(error("route", "add", Map.of("to", "10.9.0.0/16", "via", "10.0.0.1", "weight", "257"))
                .contains("weight 257 of 10.9.0.0/16; it is 1 to 256"));
    }

    /** Two stacks of one network stand for two shards. */
    private ControlService both(Predicate<Runnable> first) {
        return new ControlService(List.of(
                new ControlService.Shard(0, client, List::of, first),
                new ControlService.Shard(1, server, List::of, task -> {
                    task.run();
                    return true;
                })));
    }

    @Test
    void shouldChangeRoutesAndNeighboursInEveryShard() {
        final ControlService both = both(task -> {
            task.run();
            return true;
        });
        final Map<String, String> route = Map.of("to", "10.9.0.0/16", "via", "10.0.0.9");
        final Map<String, String> neighbor = Map.of("address", "10.0.0.9", "lladdr", "02:00:00:00:00:99");
        both.serve(new ControlRequest("route", "add", route));
        both.serve(new ControlRequest("neigh", "add", neighbor));
        for (final Stack stack : List.of(client, server)) {
            final Route found = stack.routeTo(IpAddress.parse("10.9.0.1"));
            assertEquals(IpAddress.parse("10.0.0.9"), found == null ? null : found.gateway());
            assertTrue(stack.interfaces().getFirst().neighbors().stream()
                    .anyMatch(entry -> entry.address().equals(IpAddress.parse("10.0.0.9"))));
        }
        both.serve(new ControlRequest("route", "del", route));
        both.serve(new ControlRequest("neigh", "del", neighbor));
        for (final Stack stack : List.of(client, server)) {
            assertNull(stack.routeTo(IpAddress.parse("10.9.0.1")));
            assertTrue(stack.interfaces().getFirst().neighbors().stream()
                    .noneMatch(entry -> entry.address().equals(IpAddress.parse("10.0.0.9"))));
        }
    }

    @Test
    void shouldChangeNothingInAnyShardWhenTheFirstRefuses() {
        final List<Route> before = server.routes();
        final ControlRequest request =
                new ControlRequest("route", "add", Map.of("to", "10.9.0.0/16", "via", "10.0.0.9", "weight", "300"));
        final ControlService both = both(task -> {
            task.run();
            return true;
        });
        assertThrows(ControlException.class, () -> both.serve(request));
        assertThrows(
                ControlException.class,
                () -> both(task -> false).serve(new ControlRequest("route", "add", Map.of("to", "10.9.0.0/16"))));
        assertEquals(before, server.routes());
    }

    @Test
    void shouldChangeTheOtherShardsWhenOneDoesNotAnswer() {
        final ControlService three = new ControlService(List.of(
                new ControlService.Shard(0, client, List::of, task -> {
                    task.run();
                    return true;
                }),
                new ControlService.Shard(1, client, List::of, task -> false),
                new ControlService.Shard(2, server, List::of, task -> {
                    task.run();
                    return true;
                })));
        final ControlRequest request =
                new ControlRequest("route", "add", Map.of("to", "10.9.0.0/16", "via", "10.0.0.9"));
        final String message = String.valueOf(
                assertThrows(ControlException.class, () -> three.serve(request)).getMessage());
        assertTrue(message.startsWith("done, but not by all shards, so say it again; shard 1: "), message);
        assertNotNull(server.routeTo(IpAddress.parse("10.9.0.1")));
    }

    /** Linux would have it on, and never tell of it again. */
    @Test
    void shouldLeaveRoutesOfLinuxToLinux() {
        final Route route = Route.via(Cidr.parse("10.9.0.0/16"), IpAddress.parse("10.0.0.1"), 0);
        server.addRoute(route.withOrigin(RouteOrigin.HOST));
        assertTrue(error("route", "del", Map.of("to", "10.9.0.0/16")).contains("is Linux's"));
        server.addRoute(Route.via(route.destination(), IpAddress.parse("10.0.0.7"), 0));
        routes("del", Map.of("to", "10.9.0.0/16"));
        assertEquals(
                List.of(route.withOrigin(RouteOrigin.HOST)),
                server.routes().stream()
                        .filter(each -> each.destination().equals(route.destination()))
                        .toList());
    }

    private List<String> routes(String action, Map<String, String> arguments) {
        return ask("route", action, arguments, RouteRow.class).stream()
                .map(RouteRow::text)
                .toList();
    }

    @Test
    void shouldSayWhatIsWrongWhenARequestCannotBeServed() {
        assertTrue(error("neigh", "del", Map.of("address", "10.0.0.77")).contains("there is no neighbour 10.0.0.77"));
        assertTrue(error("neigh", "add", Map.of("address", "10.0.0.7")).contains("neigh add needs lladdr"));
        assertTrue(error("neigh", "add", Map.of("address", "10.0.0", "lladdr", "x"))
                .contains("10.0.0"));
        assertTrue(error("neigh", "add", Map.of("address", "10.0.0.7", "lladdr", "x"))
                .contains("x"));
        assertTrue(error("neigh", "add", Map.of("address", "10.0.0.7", "lladdr", "01:00:00:00:00:07"))
                .contains("unicast"));
        assertTrue(error("neigh", "show", Map.of("dev", "none")).contains("there is no interface none; choose one of"));
        assertTrue(error("dns", "show", Map.of()).contains("does not know dns show"));
        assertTrue(error("mac", "show", Map.of()).contains("mac is for millrace forward"));
    }

    @Test
    void shouldNotWaitWhenTheServerEnds() {
        running = false;
        assertTrue(error("ss", "show", Map.of()).contains("about to end"));
    }
}
