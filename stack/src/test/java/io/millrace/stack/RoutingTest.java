package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.iface.LinkLimits;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where packets go, from which address, and which configurations are refused. */
class RoutingTest {
    private static final MemorySegment DATA = Frames.ofBytes(new byte[] {1, 2, 3});

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @CsvSource({"172.18.1.254, 172.18.1.2", "172.24.24.12, 172.24.24.14", "172.24.23.254, 172.18.1.2"})
    @Origin("smoltcp:iface::interface::tests::ipv4::get_source_address")
    void shouldChooseIpv4Source(final String destination, final String source) {
        final InterfaceConfig config =
                InterfaceConfig.of("172.18.1.2/24", "172.24.24.14/24").withGateway(IpAddress.parse("172.18.1.1"));
        try (StackRig rig = new StackRig(pools, Medium.IP, StackConfig.defaults(), config)) {
            assertEquals(IpOutput.SENT, send(rig.stack, destination));
            assertArrayEquals(Bytes.address(source), Arrays.copyOfRange(rig.sentOne(), 12, 16));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fe80::42, fe80::1",
        "fd00::201:1:1:1:1, fd00::201:1:1:1:2",
        "fd01::201:1:1:1:1, fd01::201:1:1:1:2",
        "fd02::201:1:1:1:1, fd00::201:1:1:1:2",
        "fd01::201:1:1:1:3, fd01::201:1:1:1:2",
        "ff02::1, fe80::1",
        "ff0e::1, 2001:db8:3::1", // smoltcp takes fd00:: here, for want of rule 6
        "2001:db8:3::2, 2001:db8:3::1",
        "2001:db9:3::2, 2001:db8:3::1"
    })
    @Origin("smoltcp:iface::interface::tests::ipv6::get_source_address")
    @Origin("RFC 6724 5")
    void shouldChooseIpv6Source(final String destination, final String source) {
        final InterfaceConfig config = InterfaceConfig.of(
                        "fe80::1/64", "fd00::201:1:1:1:2/64", "fd01::201:1:1:1:2/64", "2001:db8:3::1/64")
                .withGateway(IpAddress.parse("fe80::ffff"));
        try (StackRig rig = new StackRig(pools, Medium.IP, StackConfig.defaults(), config)) {
            assertEquals(IpOutput.SENT, send(rig.stack, destination));
            assertArrayEquals(Bytes.address(source), Arrays.copyOfRange(rig.sentOne(), 8, 24));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"172.18.1.254", "2001:db8:3::2", "ff02::1", "255.255.255.255"})
    @Origin("smoltcp:iface::interface::tests::ipv4::get_source_address_empty_interface")
    @Origin("smoltcp:iface::interface::tests::ipv6::get_source_address_empty_interface")
    void shouldSendNothingWithoutAnAddress(final String destination) {
        try (StackRig rig =
                new StackRig(pools, Medium.ETHERNET, StackConfig.defaults(), InterfaceConfig.of(List.of()))) {
            assertEquals(IpOutput.NO_ROUTE, send(rig.stack, destination));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv6::get_source_address_only_link_local")
    void shouldUseTheLinkLocalAddressWhenThereIsNoOther() {
        final InterfaceConfig config = InterfaceConfig.of("fe80::1/64").withGateway(IpAddress.parse("fe80::2"));
        try (StackRig rig = new StackRig(pools, Medium.IP, StackConfig.defaults(), config)) {
            send(rig.stack, "2001:db8:3::2");
            assertArrayEquals(Bytes.address("fe80::1"), Arrays.copyOfRange(rig.sentOne(), 8, 24));
        }
    }

    @Test
    @Origin("smoltcp:iface::route::test_fill")
    void shouldSendToTheGatewayWhatIsNotOnTheLink() {
        final InterfaceConfig config = InterfaceConfig.of("192.0.2.1/24").withGateway(IpAddress.parse("192.0.2.254"));
        try (StackRig rig = new StackRig(pools, Medium.ETHERNET, StackConfig.defaults(), config)) {
            send(rig.stack, "198.51.100.7");
            final byte[] request = rig.sentOne();
            assertArrayEquals(Bytes.address("192.0.2.254"), Arrays.copyOfRange(request, 38, 42));
            rig.receive(Bytes.ethernet(
                    "02:00:00:00:00:01",
                    "02:00:00:00:00:02",
                    0x0806,
                    Bytes.arp(2, "02:00:00:00:00:fe", "192.0.2.254", "02:00:00:00:00:01", "192.0.2.1")));
            final byte[] frame = rig.sentOne();
            assertArrayEquals(Bytes.mac("02:00:00:00:00:fe"), Arrays.copyOf(frame, 6));
            assertArrayEquals(Bytes.address("198.51.100.7"), Arrays.copyOfRange(frame, 30, 34));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "255.255.255.255, ff:ff:ff:ff:ff:ff",
        "192.0.2.255, ff:ff:ff:ff:ff:ff",
        "224.0.0.251, 01:00:5e:00:00:fb",
        "ff02::fb, 33:33:00:00:00:fb"
    })
    void shouldSendToGroupsWithoutAsking(final String group, final String mac) {
        try (StackRig rig = new StackRig(pools, "192.0.2.1/24", "2001:db8::1/64")) {
            assertEquals(IpOutput.SENT, send(rig.stack, group));
            assertArrayEquals(Bytes.mac(mac), Arrays.copyOf(rig.sentOne(), 6));
        }
    }

    @Test
    void shouldUseTheInterfaceWhoseNetworkHoldsTheDestination() {
        final PoolCache cache = pools.cache(64);
        final List<String> sent = new ArrayList<>();
        try (Stack stack = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(1)), cache)) {
            for (int i = 0; i < 2; i++) {
                final String name = "net" + i;
                stack.addInterface(
                        InterfaceConfig.of("10.0." + i + ".1/24", "fd00:" + i + "::1/64"),
                        new PortInfo(name, "test", Medium.IP, 0, 1500, 1),
                        new Recorder(cache, name, sent));
            }
            for (final String to : List.of("10.0.1.9", "10.0.0.9", "fd00:1::9", "fd00:0::9", "10.0.1.9")) {
                assertEquals(IpOutput.SENT, send(stack, to));
                stack.poll(1_000_000);
            }
            assertEquals(List.of("net1", "net0", "net1", "net0", "net1"), sent);
            // An address of one interface is reached from within, whatever interface it is of.
            final UdpSocket<IpAddress> socket = stack.bind(new Endpoint<>(IpAddress.parse("10.0.1.1"), 9));
            socket.send(new Endpoint<>(IpAddress.parse("10.0.1.1"), 9), DATA, 0, 3);
            stack.poll(1_000_000);
            assertEquals(1, socket.readable());
            assertEquals(5, sent.size());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "224.0.0.1/24, , 0, address 224.0.0.1/24 of rig names no single host; use a unicast address",
        "192.0.2.255/24, , 0, address 192.0.2.255/24 of rig is its network's broadcast address; use another host part",
        "192.0.2.1/24, 198.51.100.1, 0, gateway 198.51.100.1 of rig is in none of the interface's networks"
                + " [192.0.2.1/24]; use a neighbour's address",
        "192.0.2.1/24, 192.0.2.1, 0, gateway 192.0.2.1 of rig is the interface's own address; use the router's",
        "192.0.2.1/24, , 1501, MTU 1501 of rig; it is 68 to 1500",
        "2001:db8::1/64, , 1279, MTU 1279 of rig; it is 1280 to 1500"
    })
    void shouldRefuseInterfacesThatCannotWork(
            final String address, final String gateway, final int mtu, final String message) {
        InterfaceConfig config = InterfaceConfig.of(address).withMtu(mtu);
        if (gateway != null) {
            config = config.withGateway(IpAddress.parse(gateway));
        }
        final InterfaceConfig refused = config;
        final IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new StackRig(pools, Medium.ETHERNET, StackConfig.defaults(), refused));
        assertEquals(message, e.getMessage());
    }

    @Test
    void shouldRefuseAMacAddressOfAGroup() {
        final InterfaceConfig config =
                InterfaceConfig.of("192.0.2.1/24").withMac(MacAddress.parse("03:00:00:00:00:01"));
        final IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new StackRig(pools, Medium.ETHERNET, StackConfig.defaults(), config));
        assertEquals(
                "MAC address 03:00:00:00:00:01 of rig names no single station; use one whose first octet is even,"
                        + " for instance 02:00:00:00:00:01",
                e.getMessage());
    }

    @Test
    void shouldTakeTheMacAddressOfTheConfiguration() {
        final InterfaceConfig config = InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64")
                .withMac(MacAddress.parse("02:00:00:00:12:34"))
                .withMtu(1280);
        try (StackRig rig = new StackRig(pools, Medium.ETHERNET, StackConfig.defaults(), config)) {
            assertEquals("02:00:00:00:12:34", rig.net.macAddress().toString());
            assertEquals("fe80::ff:fe00:1234/64", rig.net.addresses().getLast().toString());
            assertEquals(1280, rig.net.mtu());
        }
    }

    @Test
    void shouldRefuseImpossibleLimits() {
        assertThrows(IllegalArgumentException.class, () -> new LinkLimits(1, 1, 1, 64));
        assertThrows(IllegalArgumentException.class, () -> new LinkLimits(2, 0, 1, 64));
        assertThrows(IllegalArgumentException.class, () -> new LinkLimits(2, 1, 0, 64));
        assertThrows(IllegalArgumentException.class, () -> new LinkLimits(2, 1, 1, 63));
        assertThrows(
                IllegalArgumentException.class, () -> StackConfig.defaults().withIcmpLimits(0, 1, 1));
    }

    private static int send(final Stack stack, final String address) {
        final IpAddress to = IpAddress.parse(address);
        try (UdpSocket<IpAddress> socket = stack.bind(new Endpoint<>(IpAddress.of(to.family(), 0, 0), 0))) {
            socket.settings().broadcast(true);
            return socket.send(new Endpoint<>(to, 9), DATA, 0, 3);
        }
    }

    private record Recorder(PoolCache cache, String name, List<String> sent) implements PortQueue {
        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return 0;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            for (int i = from; i < from + count; i++) {
                sent.add(name);
                cache.free(handles[i]);
            }
            return count;
        }
    }
}
