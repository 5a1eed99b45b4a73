package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.iface.forward.ReversePath;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several ways to one destination, and routers of another family than the packet. */
class ForwardingWaysTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private static byte[] udp(final String from, final String to) {
        final byte[] udp = Bytes.udp(from, 1, to, 2, new byte[8]);
        return from.contains(":") ? Bytes.ipv6(from, to, 17, udp) : Bytes.ipv4(from, to, 17, udp);
    }

    private static Route via(final String destination, final String gateway, final int interfaceIndex) {
        return Route.via(Cidr.parse(destination), IpAddress.parse(gateway), interfaceIndex);
    }

    private RouterRig rig(final ForwardingRules rules) {
        return new RouterRig(pools, rules, 1500, 64);
    }

    /** The station that a packet between two addresses is sent to. */
    private static byte[] station(final RouterRig rig, final byte[] packet) {
        rig.receive(0, packet);
        final List<byte[]> frames = rig.sent(1);
        assertEquals(1, frames.size());
        return Arrays.copyOf(frames.getFirst(), 6);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.1.2, 192.0.2.0/24, 10.0.2., 192.0.2.",
        "2001:db8:1::2, 2001:db8:9::/64, 2001:db8:2::, 2001:db8:9::"
    })
    @Origin("RFC 6438 3")
    @Origin("RFC 2992 2")
    void shouldKeepEachFlowOnOneOfSeveralWays(
            final String from, final String network, final String routers, final String hosts) {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            for (int i = 2; i < 5; i++) {
                rig.nets[1].addNeighbor(IpAddress.parse(routers + i), new MacAddress(0x0200_0000_0100L + i));
                rig.stack.addRoute(via(network, routers + i, 1));
            }
            final Set<Byte> used = new HashSet<>();
            for (int host = 1; host < 60; host++) {
                final byte[] first = station(rig, udp(from, hosts + host));
                assertArrayEquals(first, station(rig, udp(from, hosts + host)));
                used.add(first[5]);
            }
            assertEquals(Set.of((byte) 2, (byte) 3, (byte) 4), used);
            rig.stack.removeRoute(via(network, routers + 2, 1));
            rig.stack.removeRoute(via(network, routers + 4, 1));
            for (int host = 1; host < 60; host++) {
                assertEquals(3, station(rig, udp(from, hosts + host))[5]);
            }
        }
    }

    @Test
    @Origin("RFC 6438 3")
    void shouldSpreadWhatIsBetweenTwoHostsByItsFlowLabel() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            for (int i = 2; i < 4; i++) {
                rig.nets[1].addNeighbor(IpAddress.parse("2001:db8:2::" + i), new MacAddress(0x0200_0000_0100L + i));
                rig.stack.addRoute(via("2001:db8:9::/64", "2001:db8:2::" + i, 1));
            }
            final Set<Byte> used = new HashSet<>();
            for (int label = 1; label < 40; label++) {
                used.add(station(rig, Bytes.with(udp("2001:db8:1::2", "2001:db8:9::1"), 3, label))[5]);
            }
            assertEquals(Set.of((byte) 2, (byte) 3), used);
        }
    }

    @Test
    @Origin("RFC 3704 2.3")
    void shouldBelieveASourceThatAnyOfSeveralWaysLeadsTo() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER.withReversePath(ReversePath.STRICT))) {
            rig.stack.addRoute(via("192.0.2.0/24", "10.0.2.2", 1));
            rig.assertDropped(StackCounter.FORWARD_REVERSE_PATH, udp("192.0.2.1", "10.0.2.2"));
            rig.stack.addRoute(via("192.0.2.0/24", "10.0.1.2", 0));
            rig.receive(0, udp("192.0.2.1", "10.0.2.2"));
            rig.sentOne(1);
        }
    }

    /** The packet waits for a neighbour of IPv6, and leaves as what it is. */
    @Test
    @Origin("RFC 8950 3")
    void shouldSendIpv4ByWayOfAnIpv6Neighbor() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            rig.stack.addRoute(via("192.0.2.0/24", "2001:db8:2::7", 1));
            final byte[] packet = udp("10.0.1.2", "192.0.2.1");
            rig.receive(0, packet);
            final byte[] question = rig.sent(1).getFirst();
            assertEquals(0x86DD, Bytes.u16(question, 12), "it asks by neighbour discovery");
            rig.nets[1].addNeighbor(IpAddress.parse("2001:db8:2::7"), new MacAddress(0x0200_0000_0107L));
            rig.receive(0, packet);
            final List<byte[]> frames = rig.sent(1);
            assertEquals(2, frames.size());
            for (final byte[] frame : frames) {
                assertArrayEquals(Bytes.mac("02:00:00:00:01:07"), Arrays.copyOf(frame, 6));
                assertEquals(0x0800, Bytes.u16(frame, 12));
                assertArrayEquals(Bytes.sealIpv4(Bytes.with(packet, 8, 63)), Bytes.from(frame, 14));
            }
        }
    }

    @Test
    @Origin("RFC 8950 3")
    @Origin("RFC 1812 5.2.7.1")
    void shouldTellTheSourceWhenAnIpv6NeighborDoesNotAnswer() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            rig.stack.addRoute(via("192.0.2.0/24", "fe80::7", 1));
            rig.receive(0, udp("10.0.1.2", "192.0.2.1"));
            for (int i = 0; i < 8; i++) {
                rig.clock.advance(1_000_000);
                rig.stack.poll(rig.clock.now());
            }
            final byte[] error = Bytes.from(rig.sent(0).getFirst(), 14);
            assertEquals(1, error[9], "ICMP");
            assertEquals(3, error[20]);
            assertEquals(1, error[21]);
            assertTrue(rig.stack.counters().get(StackCounter.NEIGHBOR_UNREACHABLE) > 0);
        }
    }
}
