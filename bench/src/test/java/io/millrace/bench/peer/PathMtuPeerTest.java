package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.bench.peer.Transfer.Direction;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.stack.StackConfig;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Linux router on the way from us to a Linux host takes less than either end does, and says so. */
@Tag("peers")
@Timeout(600)
final class PathMtuPeerTest {
    private static final int BYTES = 1_000_000;
    private static final int MTU = 1_300;
    private static final String CLIENT = """
        import hashlib, socket, sys
        s = socket.create_connection((sys.argv[1], 5002), timeout=60)
        digest = hashlib.sha256()
        while data := s.recv(65536):
            digest.update(data)
        print(digest.hexdigest(), end="")
        """;

    @ParameterizedTest
    @CsvSource({
        "10.91.0.2, 10.91.0.1, 10.99.0.1, 10.99.0.2, icmp.type == 3 && icmp.code == 4 && icmp.mtu",
        "fd91::2, fd91::1, fd99::1, fd99::2, icmpv6.type == 2 && icmpv6.mtu"
    })
    void shouldSendSmallerSegmentsWhenALinuxRouterTellsItsMtu(
            String ours, String router, String far, String host, String told, @TempDir Path folder) throws Exception {
        final String bits = ours.contains(":") ? "/64" : "/24";
        Netns.call(() -> {
            try (OurHost us = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"));
                    Namespace peer = Namespaces.create();
                    Arena arena = Arena.ofShared()) {
                Netns.run("ip", "link", "add", "far0", "type", "veth", "peer", "name", "host0");
                VethPair.prepare(Namespace::runHere, "far0", 1500);
                VethPair.configure(Namespace::runHere, "far0", List.of(far + bits));
                Netns.run("ip", "link", "set", "host0", "netns", Long.toString(peer.pid()));
                VethPair.prepare(peer::run, "host0", 1500);
                VethPair.configure(peer::run, "host0", List.of(host + bits));
                peer.run("ip", "route", "add", "default", "via", far);
                Netns.run("ip", "route", "add", host, "dev", "far0", "mtu", Integer.toString(MTU));
                OurHost.set("ip_forward=1");
                Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/forwarding"), "1");
                final MemorySegment content = arena.allocate(BYTES);
                us.call(() -> {
                    us.stack().addRoute(route(router));
                    return us.stack()
                            .listen(
                                    new Endpoint<>(unspecified(ours), Direction.DOWN.port),
                                    1,
                                    Transfer.each(Direction.DOWN, content, result -> {}));
                });
                final var digest = Transfer.sha256();
                digest.update(content.asByteBuffer());
                assertEquals(HexFormat.of().formatHex(digest.digest()), peer.run("python3", "-c", CLIENT, ours));

                final PacketCapture capture = us.finish();
                capture.assertSound(OurHost.MAC);
                assertEquals(Set.of(), Remarks.unexplained(capture));
                assertTrue(capture.count("eth.dst == " + OurHost.MAC + " && " + told + " == " + MTU) > 0);
                // The first window of data was too long, and is all that is sent again.
                final long longer = capture.count("eth.src == " + OurHost.MAC + " && frame.len > " + (MTU + 14));
                assertTrue(longer > 0 && longer <= 20, longer + " packets of ours were too long");
            }
            return 0;
        });
    }

    private static Route route(String router) {
        return router.contains(":")
                ? Route.via(Cidr.parse("::/0"), Ipv6Address.parse(router), 0)
                : Route.via(Cidr.parse("0.0.0.0/0"), Ipv4Address.parse(router), 0);
    }

    private static IpAddress unspecified(String address) {
        return address.contains(":") ? Ipv6Address.UNSPECIFIED : Ipv4Address.UNSPECIFIED;
    }
}
