package io.millrace.stack;

import static io.millrace.stack.Bytes.arp;
import static io.millrace.stack.Bytes.ethernet;
import static io.millrace.stack.Bytes.icmpv4;
import static io.millrace.stack.Bytes.ipv4;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.node.StackNode;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.NodeHarness;
import io.millrace.testkit.PoolWatch;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class StackNodeTest {
    private static final String OWN0 = "02:00:00:00:00:01";
    private static final String OWN1 = "02:00:00:00:01:01";
    private static final String PEER0 = "02:00:00:00:00:02";
    private static final String PEER1 = "02:00:00:00:01:02";
    private static final String NONE = "00:00:00:00:00:00";
    private static final byte[] DATA = {1, 2, 3, 4};

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(128);
    private final Stack stack = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(1)), cache);
    private final StackNode router = new StackNode("router", 2, stack);
    private final NodeHarness node = NodeHarness.of(router, cache);
    private long now = 1_000_000;

    @BeforeEach
    void addInterfaces() {
        for (int i = 0; i < 2; i++) {
            final PortInfo info =
                    new PortInfo("net" + i, "test", Medium.ETHERNET, 0x0200_0000_0001L + (i << 8), 1500, 1);
            stack.addInterface(
                    InterfaceConfig.of("10.0." + i + ".1/24").withDuplicateDetection(DuplicateDetection.OFF),
                    info,
                    router.queue(i));
        }
        stack.forwarding(ForwardingRules.ROUTER);
        settle();
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void settle() {
        for (int i = 0; i < 20; i++) {
            now += 1_000_000;
            node.poll(now);
        }
        node.out("port0");
        node.out("port1");
    }

    private void receive(final int port, final byte[] frame) {
        node.frame(port, hex(frame)).poll(++now);
    }

    private static String hex(final byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] echo(final int type, final String src, final String dst, final int ttl) {
        final byte[] packet = ipv4(src, dst, 1, icmpv4(type, 0, 0x10001, DATA));
        packet[8] = (byte) ttl;
        return Bytes.sealIpv4(packet);
    }

    @Test
    void shouldResolveTheNeighbourAndForwardWhenAPacketIsForTheOtherSide() {
        receive(0, ethernet(OWN0, PEER0, 0x0800, echo(8, "10.0.0.2", "10.0.1.2", 9)));
        assertEquals(
                List.of(hex(ethernet("ff:ff:ff:ff:ff:ff", OWN1, 0x0806, arp(1, OWN1, "10.0.1.1", NONE, "10.0.1.2")))),
                node.out("port1").stream().map(frame -> frame.substring(0, 84)).toList());
        receive(1, ethernet(OWN1, PEER1, 0x0806, arp(2, PEER1, "10.0.1.2", OWN1, "10.0.1.1")));
        assertEquals(
                List.of(hex(ethernet(PEER1, OWN1, 0x0800, echo(8, "10.0.0.2", "10.0.1.2", 8)))), node.out("port1"));
        assertEquals(List.of(), node.out("port0"));
    }

    @Test
    void shouldTellTheSourceWhenThereIsNoRoute() {
        receive(1, ethernet(OWN1, PEER1, 0x0806, arp(1, PEER1, "10.0.1.2", NONE, "10.0.1.1")));
        assertEquals(1, node.out("port1").size());
        receive(1, ethernet(OWN1, PEER1, 0x0800, echo(8, "10.0.1.2", "192.0.2.1", 9)));
        final List<String> sent = node.out("port1");
        assertEquals(1, sent.size());
        assertEquals("0300", sent.getFirst().substring(2 * 34, 2 * 36), "destination unreachable, network");
    }

    @Test
    void shouldTakeARouteWhilePacketsFlow() {
        receive(1, ethernet(OWN1, PEER1, 0x0806, arp(1, PEER1, "10.0.1.2", NONE, "10.0.1.1")));
        assertEquals(1, node.out("port1").size());
        stack.addRoute(Route.via(Cidr.parse("192.0.2.0/24"), IpAddress.parse("10.0.1.2"), 1));
        receive(0, ethernet(OWN0, PEER0, 0x0800, echo(8, "10.0.0.2", "192.0.2.1", 9)));
        assertEquals(
                List.of(hex(ethernet(PEER1, OWN1, 0x0800, echo(8, "10.0.0.2", "192.0.2.1", 8)))), node.out("port1"));
    }

    @Test
    void shouldTakeAllWhenABurstIsLongerThanTheStacksOwn() {
        receive(0, ethernet(OWN0, PEER0, 0x0806, arp(1, PEER0, "10.0.0.2", NONE, "10.0.0.1")));
        node.out("port0");
        for (int i = 0; i < 60; i++) {
            node.frame(0, hex(ethernet(OWN0, PEER0, 0x0800, echo(8, "10.0.0.2", "10.0.0.1", 9))));
        }
        node.poll(++now);
        assertEquals(60, node.out("port0").size());
    }

    @Test
    void shouldDropWhatComesFromAPortThatItDoesNotHave() {
        receive(2, ethernet(OWN0, PEER0, 0x0800, echo(8, "10.0.0.2", "10.0.0.1", 9)));
        assertEquals(1, node.dropped("unknownPort"));
    }

    @Test
    void shouldFreeWhatWaitsForANeighbourWhenItCloses() {
        receive(0, ethernet(OWN0, PEER0, 0x0800, echo(8, "10.0.0.2", "10.0.1.9", 9)));
        assertTrue(node.pollAt(now) <= now + 10_000);
        node.close();
        pools.assertFull();
    }
}
