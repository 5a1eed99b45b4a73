package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the stack makes of IPv4 packets, right and wrong ones. */
class Ipv4IngressTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final int PORT = 5000;
    private static final byte[] DATA = {1, 2, 3, 4};

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<byte[]> received = new ArrayList<>();

    @Test
    void shouldDeliverDatagramWithoutItsPadding() {
        try (StackRig rig = rig()) {
            rig.receive(Arrays.copyOf(Bytes.frame(datagram()), 60));
            assertDelivered(rig, DATA);
        }
    }

    @Test
    void shouldIgnoreWhatFollowsTheUdpLength() {
        try (StackRig rig = rig()) {
            final byte[] udp = Bytes.udp(PEER, 1, US, PORT, DATA);
            rig.receive(Bytes.frame(Bytes.ipv4(PEER, US, 17, Bytes.join(udp, new byte[7]))));
            assertDelivered(rig, DATA);
        }
    }

    @Test
    @Origin("smoltcp:wire::udp::test_no_checksum")
    void shouldDeliverDatagramWithoutChecksum() {
        try (StackRig rig = rig()) {
            final byte[] udp = Bytes.udp(PEER, 1, US, PORT, DATA);
            Bytes.put16(udp, 6, 0);
            rig.receive(Bytes.frame(Bytes.ipv4(PEER, US, 17, udp)));
            assertDelivered(rig, DATA);
        }
    }

    @Test
    void shouldDeliverDatagramBehindHarmlessOptions() {
        try (StackRig rig = rig()) {
            final byte[] options = Bytes.hex("01 94040000 000000");
            rig.receive(Bytes.frame(Bytes.ipv4(PEER, US, 17, options, Bytes.udp(PEER, 1, US, PORT, DATA))));
            assertDelivered(rig, DATA);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"255.255.255.255", "192.0.2.255", "224.0.0.1"})
    @Origin("smoltcp:iface::interface::test_handle_udp_broadcast")
    @Origin("smoltcp:iface::interface::tests::ipv4::test_local_subnet_broadcasts")
    void shouldDeliverBroadcastAndAllSystems(final String group) {
        try (StackRig rig = rig()) {
            final String mac = group.startsWith("224") ? "01:00:5e:00:00:01" : "ff:ff:ff:ff:ff:ff";
            final byte[] udp = Bytes.udp(PEER, 1, group, PORT, DATA);
            rig.receive(Bytes.ethernet(mac, "02:00:00:00:00:02", 0x0800, Bytes.ipv4(PEER, group, 17, udp)));
            assertDelivered(rig, DATA);
        }
    }

    @Test
    void shouldDropFramesThatAreNotForUs() {
        try (StackRig rig = rig()) {
            final byte[] ip = datagram();
            final String peer = "02:00:00:00:00:02";
            rig.assertDropped(StackCounter.RX_FRAME_SHORT, new byte[13]);
            rig.assertDropped(StackCounter.RX_OTHER_STATION, Bytes.ethernet("02:00:00:00:00:09", peer, 0x0800, ip));
            rig.assertDropped(StackCounter.RX_OTHER_STATION, Bytes.ethernet("01:00:5e:00:00:02", peer, 0x0800, ip));
            rig.assertDropped(
                    StackCounter.RX_BAD_SOURCE_MAC,
                    Bytes.ethernet("02:00:00:00:00:01", "03:00:00:00:00:02", 0x0800, ip));
            rig.assertDropped(StackCounter.RX_LENGTH_FRAME, Bytes.ethernet("02:00:00:00:00:01", peer, 0x0026, ip));
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, Bytes.ethernet("02:00:00:00:00:01", peer, 0x8100, ip));
            rig.assertDropped(
                    StackCounter.RX_UNKNOWN_ETHER_TYPE, Bytes.ethernet("02:00:00:00:00:01", peer, 0x88CC, ip));
            rig.assertDropped(
                    StackCounter.IP_UNICAST_IN_BROADCAST, Bytes.ethernet("ff:ff:ff:ff:ff:ff", peer, 0x0800, ip));
            assertSilent(rig);
        }
    }

    @Test
    @Origin("smoltcp:wire::ipv4::test_parse_total_len_less_than_header_len")
    @Origin("smoltcp:wire::ipv4::test_parse_small_ihl")
    @Origin("smoltcp:wire::ipv4::test_total_len_overflow")
    void shouldDropPacketsWithImpossibleLengths() {
        try (StackRig rig = rig()) {
            final byte[] ip = datagram();
            rig.assertDropped(StackCounter.IPV4_TRUNCATED, Bytes.frame(Arrays.copyOf(ip, 19)));
            rig.assertDropped(StackCounter.IPV4_TRUNCATED, Bytes.frame(Arrays.copyOf(ip, ip.length - 1)));
            rig.assertDropped(StackCounter.RX_BAD_IP_VERSION, frame4(Bytes.with(ip, 0, 0x65)));
            rig.assertDropped(StackCounter.IPV4_BAD_HEADER_LENGTH, frame4(sealed(Bytes.with(ip, 0, 0x44))));
            rig.assertDropped(StackCounter.IPV4_BAD_HEADER_LENGTH, frame4(sealed(Bytes.with(ip, 3, 19))));
            rig.assertDropped(StackCounter.IPV4_TRUNCATED, frame4(sealed(Bytes.with(ip, 2, 1))));
            rig.assertDropped(StackCounter.IPV4_BAD_CHECKSUM, frame4(Bytes.with(ip, 8, 63)));
            assertSilent(rig);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "07 00 04 00, IPV4_BAD_OPTIONS",
        "07 01 04 00, IPV4_BAD_OPTIONS",
        "07 05 04 00, IPV4_BAD_OPTIONS",
        "01 01 01 07, IPV4_BAD_OPTIONS",
        "83 03 04 00, IPV4_SOURCE_ROUTE",
        "01 89 03 04, IPV4_SOURCE_ROUTE"
    })
    @Origin("RFC 1122 3.2.1.8")
    void shouldDropPacketsWithBadOptions(final String options, final StackCounter reason) {
        try (StackRig rig = rig()) {
            final byte[] udp = Bytes.udp(PEER, 1, US, PORT, DATA);
            rig.assertDropped(reason, Bytes.frame(Bytes.ipv4(PEER, US, 17, Bytes.hex(options), udp)));
            assertSilent(rig);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, IPV4_MARTIAN_SOURCE",
        "0.1.2.3, IPV4_MARTIAN_SOURCE",
        "127.0.0.1, IPV4_MARTIAN_SOURCE",
        "224.0.0.5, IPV4_MARTIAN_SOURCE",
        "240.0.0.1, IPV4_MARTIAN_SOURCE",
        "255.255.255.255, IPV4_MARTIAN_SOURCE",
        "192.0.2.255, IPV4_MARTIAN_SOURCE",
        "192.0.2.1, IP_SPOOFED_SOURCE"
    })
    @Origin("RFC 1122 3.2.1.3")
    @Origin("smoltcp:iface::interface::tests::ipv4::test_no_icmp_no_unicast")
    void shouldDropPacketsFromImpossibleSources(final String source, final StackCounter reason) {
        try (StackRig rig = rig()) {
            final byte[] udp = Bytes.udp(source, 1, US, 9, DATA);
            rig.assertDropped(reason, Bytes.frame(Bytes.ipv4(source, US, 17, udp)));
            assertSilent(rig);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.9, IPV4_NOT_OURS",
        "198.51.100.1, IPV4_NOT_OURS",
        "224.0.0.9, IPV4_NOT_OURS",
        "127.0.0.1, IPV4_MARTIAN_DESTINATION",
        "0.0.0.0, IPV4_MARTIAN_DESTINATION"
    })
    void shouldDropPacketsToOthers(final String destination, final StackCounter reason) {
        try (StackRig rig = rig()) {
            final byte[] udp = Bytes.udp(PEER, 1, destination, PORT, DATA);
            rig.assertDropped(reason, Bytes.frame(Bytes.ipv4(PEER, destination, 17, udp)));
            assertSilent(rig);
        }
    }

    @Test
    @Origin("smoltcp:wire::udp::test_impossible_len")
    void shouldDropBadDatagrams() {
        try (StackRig rig = rig()) {
            final byte[] udp = Bytes.udp(PEER, 1, US, PORT, DATA);
            rig.assertDropped(StackCounter.UDP_TRUNCATED, packet(Arrays.copyOf(udp, 7)));
            rig.assertDropped(StackCounter.UDP_BAD_LENGTH, packet(Bytes.with(udp, 5, 7)));
            rig.assertDropped(StackCounter.UDP_BAD_LENGTH, packet(Bytes.with(udp, 5, 13)));
            rig.assertDropped(StackCounter.UDP_BAD_CHECKSUM, packet(Bytes.with(udp, 11, 9)));
            rig.assertDropped(StackCounter.UDP_PORT_ZERO, packet(Bytes.udp(PEER, 1, US, 0, DATA)));
            assertSilent(rig);
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_icmp_error_port_unreachable")
    void shouldTellThatPortIsUnreachable() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final byte[] ip = Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 1, US, 9, DATA));
            rig.assertDropped(StackCounter.UDP_NO_PORT, Bytes.frame(ip));
            final byte[] answer = Bytes.from(rig.sentOne(), 14);
            assertArrayEquals(Bytes.icmpv4(3, 3, 0, ip), Bytes.from(answer, 20));
            assertHeader(answer);
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_icmp_reply_size")
    @Origin("RFC 1812 4.3.2.3")
    void shouldQuoteNoMoreThan576BytesAllow() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final byte[] ip = Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 1, US, 9, new byte[1400]));
            rig.receive(Bytes.frame(ip));
            final byte[] answer = Bytes.from(rig.sentOne(), 14);
            assertEquals(576, answer.length);
            assertArrayEquals(Bytes.icmpv4(3, 3, 0, Arrays.copyOf(ip, 548)), Bytes.from(answer, 20));
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_icmp_error_no_payload")
    void shouldTellThatProtocolIsUnreachable() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final byte[] ip = Bytes.ipv4(PEER, US, 200, new byte[0]);
            rig.assertDropped(StackCounter.IPV4_UNKNOWN_PROTOCOL, Bytes.frame(ip));
            final byte[] answer = Bytes.from(rig.sentOne(), 14);
            assertArrayEquals(Bytes.icmpv4(3, 2, 0, ip), Bytes.from(answer, 20));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"255.255.255.255", "192.0.2.255", "224.0.0.1"})
    @Origin("smoltcp:iface::interface::tests::ipv4::test_handle_ipv4_broadcast")
    @Origin("RFC 1122 3.2.2")
    void shouldSendNoErrorAboutGroupPackets(final String group) {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final String mac = group.startsWith("224") ? "01:00:5e:00:00:01" : "ff:ff:ff:ff:ff:ff";
            final byte[] udp = Bytes.udp(PEER, 1, group, 9, DATA);
            rig.receive(Bytes.ethernet(mac, "02:00:00:00:00:02", 0x0800, Bytes.ipv4(PEER, group, 17, udp)));
            rig.receive(Bytes.ethernet(mac, "02:00:00:00:00:02", 0x0800, Bytes.ipv4(PEER, group, 200, DATA)));
            final byte[] echo = Bytes.icmpv4(8, 0, 0x12340001, DATA);
            rig.receive(Bytes.ethernet(mac, "02:00:00:00:00:02", 0x0800, Bytes.ipv4(PEER, group, 1, echo)));
            assertEquals(1, rig.count(StackCounter.ICMP_ECHO_BROADCAST));
            assertSilent(rig);
        }
    }

    @Test
    @Origin("RFC 1122 3.2.2")
    void shouldLimitTheRateOfErrors() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final byte[] ip = Bytes.frame(Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 1, US, 9, DATA)));
            for (int i = 0; i < 200; i++) {
                rig.receive(ip);
            }
            final int sent = rig.sent().size();
            assertTrue(sent >= 10 && sent <= 12, "a quarter of 50, less up to two by chance: " + sent);
            assertEquals(200 - sent, rig.count(StackCounter.ICMP_ERRORS_RATE_LIMITED));
            for (int host = 10; host < 200; host++) {
                final String other = "192.0.2." + host;
                rig.net.addNeighbor(IpAddress.parse(other), MacAddress.parse("02:00:00:00:00:09"));
                rig.receive(Bytes.frame(Bytes.ipv4(other, US, 17, Bytes.udp(other, 1, US, 9, DATA))));
            }
            final int all = rig.sent().size() + sent;
            assertTrue(all >= 48 && all <= 50, "a burst of 50 for all, less up to two by chance: " + all);
            rig.advance(1_000_000);
            rig.receive(ip);
            assertEquals(1, rig.sent().size());
        }
    }

    @Test
    @Origin("RFC 792")
    void shouldEchoWhatWasSent() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final byte[] request = Bytes.icmpv4(8, 0, 0x12340001, DATA);
            rig.receive(Arrays.copyOf(Bytes.frame(Bytes.ipv4(PEER, US, 1, request)), 60));
            final byte[] answer = Bytes.from(rig.sentOne(), 14);
            assertArrayEquals(Bytes.icmpv4(0, 0, 0x12340001, DATA), Bytes.from(answer, 20));
            assertHeader(answer);
            // An empty one, and one with a code and options: the answer has neither.
            rig.receive(Bytes.frame(Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(8, 0, 7, new byte[0]))));
            assertArrayEquals(Bytes.icmpv4(0, 0, 7, new byte[0]), Bytes.from(rig.sentOne(), 34));
            rig.receive(
                    Bytes.frame(Bytes.ipv4(PEER, US, 1, Bytes.hex("01010100"), Bytes.icmpv4(8, 3, 0xFFFF_FFFF, DATA))));
            assertArrayEquals(Bytes.icmpv4(0, 0, 0xFFFF_FFFF, DATA), Bytes.from(rig.sentOne(), 34));
        }
    }

    @Test
    void shouldDropBadIcmp() {
        try (StackRig rig = rig()) {
            final byte[] echo = Bytes.icmpv4(8, 0, 0x12340001, DATA);
            rig.assertDropped(StackCounter.ICMP_TRUNCATED, icmp(Arrays.copyOf(echo, 7)));
            rig.assertDropped(StackCounter.ICMP_BAD_CHECKSUM, icmp(Bytes.with(echo, 11, 9)));
            rig.assertDropped(StackCounter.ICMP_NO_SOCKET, icmp(Bytes.icmpv4(0, 0, 1, DATA)));
            rig.assertDropped(StackCounter.ICMP_UNHANDLED, icmp(Bytes.icmpv4(13, 0, 1, new byte[12])));
            rig.receive(icmp(Bytes.icmpv4(3, 3, 0, datagram())));
            assertEquals(1, rig.count(StackCounter.ICMP_ERRORS_RECEIVED));
            assertSilent(rig);
        }
    }

    @Test
    void shouldTellVersionsApartOnAMediumWithoutFrames() {
        try (StackRig rig = new StackRig(
                pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US + "/24", "2001:db8::1/64"))) {
            bind(rig);
            rig.receive(datagram());
            assertDelivered(rig, DATA);
            rig.assertDropped(StackCounter.RX_BAD_IP_VERSION, Bytes.with(datagram(), 0, 0x55));
            rig.assertDropped(StackCounter.IPV4_TRUNCATED, new byte[] {0x45});
            rig.receive(Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(8, 0, 1, DATA)));
            assertArrayEquals(Bytes.icmpv4(0, 0, 1, DATA), Bytes.from(rig.sentOne(), 20));
        }
    }

    private StackRig rig() {
        final StackRig rig = new StackRig(pools, US + "/24");
        bind(rig);
        return rig;
    }

    private void bind(final StackRig rig) {
        rig.stack.bind(
                new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT),
                (socket, datagram) ->
                        received.add(Frames.bytes(datagram.memory(), datagram.offset(), datagram.length())));
    }

    /** Lets the peer ask for our address, so that answers to it need not wait. */
    private static void meetPeer(final StackRig rig) {
        final byte[] arp = Bytes.arp(1, "02:00:00:00:00:02", PEER, "00:00:00:00:00:00", US);
        rig.receive(Bytes.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02", 0x0806, arp));
        assertEquals(1, rig.sent().size());
    }

    private static byte[] datagram() {
        return Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 1, US, PORT, DATA));
    }

    private static byte[] packet(final byte[] udp) {
        return Bytes.frame(Bytes.ipv4(PEER, US, 17, udp));
    }

    private static byte[] icmp(final byte[] message) {
        return Bytes.frame(Bytes.ipv4(PEER, US, 1, message));
    }

    private static byte[] frame4(final byte[] ip) {
        return Bytes.ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", 0x0800, ip);
    }

    private static byte[] sealed(final byte[] ip) {
        return Bytes.sealIpv4(Arrays.copyOf(ip, Math.max(ip.length, (ip[0] & 0xF) * 4)));
    }

    private void assertDelivered(final StackRig rig, final byte[] data) {
        assertEquals(0, rig.stack.counters().drops());
        assertEquals(1, received.size());
        assertArrayEquals(data, received.getFirst());
        received.clear();
    }

    private void assertSilent(final StackRig rig) {
        assertTrue(received.isEmpty());
        assertTrue(rig.sent().isEmpty());
    }

    /** RFC 6864: don't fragment, so no identification; TTL 64; checksum right. */
    private static void assertHeader(final byte[] ip) {
        assertEquals(ip.length, Bytes.u16(ip, 2));
        assertEquals(0, Bytes.u16(ip, 4));
        assertEquals(0x4000, Bytes.u16(ip, 6));
        assertEquals(64, ip[8]);
        assertEquals(0, Bytes.checksum(Arrays.copyOf(ip, 20)));
        assertArrayEquals(Bytes.address(US), Arrays.copyOfRange(ip, 12, 16));
        assertArrayEquals(Bytes.address(PEER), Arrays.copyOfRange(ip, 16, 20));
    }
}
