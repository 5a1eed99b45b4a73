package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv6Address;
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

/** What the stack makes of IPv6 packets, right and wrong ones. */
class Ipv6IngressTest {
    private static final String US = "2001:db8::1";
    private static final String PEER = "2001:db8::2";
    private static final String ALL_NODES = "ff02::1";
    private static final int PORT = 5000;
    private static final byte[] DATA = {1, 2, 3, 4};

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<byte[]> received = new ArrayList<>();

    @Test
    void shouldDeliverDatagramWithoutItsPadding() {
        try (StackRig rig = rig()) {
            final byte[] frame = Bytes.frame(datagram());
            rig.receive(Arrays.copyOf(frame, frame.length + 9));
            assertDelivered(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff02::1", "ff02::1:ff00:1"})
    void shouldDeliverToJoinedGroups(final String group) {
        try (StackRig rig = rig()) {
            rig.receive(toGroup(group, Bytes.ipv6(PEER, group, 17, Bytes.udp(PEER, 1, group, PORT, DATA))));
            assertDelivered(rig);
        }
    }

    @Test
    @Origin("smoltcp:wire::ipv6::test_repr_parse_bad_version")
    @Origin("smoltcp:wire::ipv6::test_repr_parse_smaller_than_header")
    @Origin("smoltcp:wire::ipv6::test_repr_parse_smaller_than_payload")
    @Origin("smoltcp:wire::ipv6::test_total_len_overflow")
    void shouldDropPacketsWithImpossibleLengths() {
        try (StackRig rig = rig()) {
            final byte[] ip = datagram();
            rig.assertDropped(StackCounter.IPV6_TRUNCATED, frame6(Arrays.copyOf(ip, 39)));
            rig.assertDropped(StackCounter.IPV6_TRUNCATED, frame6(Arrays.copyOf(ip, ip.length - 1)));
            rig.assertDropped(StackCounter.IPV6_TRUNCATED, frame6(Bytes.with(ip, 4, 1)));
            rig.assertDropped(StackCounter.RX_BAD_IP_VERSION, frame6(Bytes.with(ip, 0, 0x45)));
            assertSilent(rig);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ff02::1, IPV6_MARTIAN_SOURCE",
        "::1, IPV6_MARTIAN_SOURCE",
        "::ffff:192.0.2.1, IPV6_MARTIAN_SOURCE",
        "::, IPV6_MARTIAN_SOURCE",
        "2001:db8::1, IP_SPOOFED_SOURCE",
        "fe80::ff:fe00:1, IP_SPOOFED_SOURCE"
    })
    @Origin("smoltcp:iface::interface::tests::ipv6::multicast_source_address")
    void shouldDropPacketsFromImpossibleSources(final String source, final StackCounter reason) {
        try (StackRig rig = rig()) {
            rig.assertDropped(reason, Bytes.frame(Bytes.ipv6(source, US, 17, Bytes.udp(source, 1, US, PORT, DATA))));
            assertSilent(rig);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8::9, IPV6_NOT_OURS",
        "ff02::9, IPV6_NOT_OURS",
        "ff01::1, IPV6_MARTIAN_DESTINATION",
        "::1, IPV6_MARTIAN_DESTINATION",
        "::, IPV6_MARTIAN_DESTINATION",
        "::ffff:192.0.2.1, IPV6_MARTIAN_DESTINATION"
    })
    void shouldDropPacketsToOthers(final String destination, final StackCounter reason) {
        try (StackRig rig = rig()) {
            final byte[] udp = Bytes.udp(PEER, 1, destination, PORT, DATA);
            rig.assertDropped(reason, Bytes.frame(Bytes.ipv6(PEER, destination, 17, udp)));
            assertSilent(rig);
        }
    }

    @Test
    @Origin("RFC 8200 8.1")
    void shouldDropBadDatagrams() {
        try (StackRig rig = rig()) {
            final byte[] udp = Bytes.udp(PEER, 1, US, PORT, DATA);
            final byte[] unsummed = udp.clone();
            Bytes.put16(unsummed, 6, 0);
            rig.assertDropped(StackCounter.UDP_NO_CHECKSUM, packet(17, unsummed));
            rig.assertDropped(StackCounter.UDP_BAD_CHECKSUM, packet(17, Bytes.with(udp, 10, 9)));
            rig.assertDropped(StackCounter.UDP_TRUNCATED, packet(17, Arrays.copyOf(udp, 4)));
            assertSilent(rig);
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv6::icmp_echo_request")
    @Origin("smoltcp:iface::interface::tests::ipv6::imcp_empty_echo_request")
    void shouldEchoWhatWasSent() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            for (final byte[] data : List.of(DATA, new byte[0])) {
                rig.receive(packet(58, Bytes.icmpv6(PEER, US, 128, 0, 0x12340001, data)));
                final byte[] answer = Bytes.from(rig.sentOne(), 14);
                assertArrayEquals(
                        Bytes.with(Bytes.ipv6(US, PEER, 58, Bytes.icmpv6(US, PEER, 129, 0, 0x12340001, data)), 7, 64),
                        answer);
            }
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv6::icmp_echo_reply_as_input")
    void shouldDropBadIcmp() {
        try (StackRig rig = rig()) {
            final byte[] echo = Bytes.icmpv6(PEER, US, 128, 0, 1, DATA);
            rig.assertDropped(StackCounter.ICMP_BAD_CHECKSUM, packet(58, Bytes.with(echo, 11, 9)));
            rig.assertDropped(StackCounter.ICMP_TRUNCATED, packet(58, Arrays.copyOf(echo, 7)));
            rig.assertDropped(StackCounter.ICMP_NO_SOCKET, packet(58, Bytes.icmpv6(PEER, US, 129, 0, 1, DATA)));
            rig.assertDropped(StackCounter.ICMP_UNHANDLED, packet(58, Bytes.icmpv6(PEER, US, 130, 0, 1, DATA)));
            rig.receive(packet(58, Bytes.icmpv6(PEER, US, 1, 4, 0, datagram())));
            assertEquals(1, rig.count(StackCounter.ICMP_ERRORS_RECEIVED));
            assertSilent(rig);
        }
    }

    @Test
    @Origin("RFC 4443 2.4")
    void shouldTellThatPortIsUnreachable() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final byte[] ip = Bytes.ipv6(PEER, US, 17, Bytes.udp(PEER, 1, US, 9, DATA));
            rig.assertDropped(StackCounter.UDP_NO_PORT, Bytes.frame(ip));
            assertError(rig, 1, 4, 0, ip);
            // Not about what went to a group (a defect of smoltcp).
            rig.receive(toGroup(ALL_NODES, Bytes.ipv6(PEER, ALL_NODES, 17, Bytes.udp(PEER, 1, ALL_NODES, 9, DATA))));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv6::test_icmp_reply_size")
    @Origin("smoltcp:wire::icmpv6::test_buffer_length_is_truncated_to_mtu")
    void shouldQuoteNoMoreThanTheSmallestMtuAllows() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final byte[] ip = Bytes.ipv6(PEER, US, 17, Bytes.udp(PEER, 1, US, 9, new byte[1400]));
            rig.receive(Bytes.frame(ip));
            final byte[] answer = Bytes.from(rig.sentOne(), 14);
            assertEquals(1280, answer.length);
            assertArrayEquals(Bytes.icmpv6(US, PEER, 1, 4, 0, Arrays.copyOf(ip, 1280 - 48)), Bytes.from(answer, 40));
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv6::unknown_proto")
    @Origin("smoltcp:iface::interface::tests::ipv6::unknown_proto_with_multicast_dst_address")
    void shouldTellThatNextHeaderIsUnknown() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final byte[] ip = Bytes.ipv6(PEER, US, 0x0C, DATA);
            rig.assertDropped(StackCounter.IPV6_UNKNOWN_PROTOCOL, Bytes.frame(ip));
            assertError(rig, 4, 1, 6, ip);
            rig.assertDropped(
                    StackCounter.IPV6_UNKNOWN_PROTOCOL, toGroup(ALL_NODES, Bytes.ipv6(PEER, ALL_NODES, 0x0C, DATA)));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv6::hop_by_hop_skip_with_icmp")
    @Origin("RFC 8200 4")
    void shouldGoThroughExtensionHeaders() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            // Hop-by-hop with an unknown option to be skipped, destination options, routing with nothing left.
            final byte[] headers = Bytes.hex("3C 00 11 02 0000 0100" + "2B 00 01 04 00000000" + "3A 00 04 00 00000000");
            final byte[] echo = Bytes.icmpv6(PEER, US, 128, 0, 7, DATA);
            rig.receive(packet(0, Bytes.join(headers, echo)));
            assertArrayEquals(Bytes.icmpv6(US, PEER, 129, 0, 7, DATA), Bytes.from(rig.sentOne(), 54));
        }
    }

    @Test
    @Origin("RFC 6946")
    void shouldTakeAtomicFragmentsAlone() {
        try (StackRig rig = rig()) {
            final byte[] udp = Bytes.udp(PEER, 1, US, PORT, DATA);
            rig.receive(packet(44, Bytes.join(Bytes.hex("11 00 0000 01020304"), udp)));
            assertDelivered(rig);
            // Also while another packet with the same identification waits for its rest.
            rig.receive(packet(44, Bytes.join(Bytes.hex("11 00 0001 01020304"), Arrays.copyOf(udp, 8))));
            rig.receive(packet(44, Bytes.join(Bytes.hex("11 00 0000 01020304"), udp)));
            assertDelivered(rig);
            assertEquals(1, rig.count(StackCounter.FRAGMENTS_RECEIVED));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // what the unknown option asks for: option type, to a group, error expected
        "40, false, false",
        "40, true, false",
        "80, false, true",
        "80, true, true",
        "C0, false, true",
        "C0, true, false"
    })
    @Origin("smoltcp:iface::interface::tests::ipv6::hop_by_hop_discard_with_icmp")
    @Origin("smoltcp:iface::interface::tests::ipv6::hop_by_hop_discard_param_problem")
    @Origin("smoltcp:iface::interface::tests::ipv6::hop_by_hop_discard_with_multicast")
    @Origin("RFC 8200 4.2")
    void shouldDoWhatUnknownOptionsAskFor(final String type, final boolean group, final boolean error) {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final String dst = group ? ALL_NODES : US;
            final byte[] header = Bytes.hex("3A 00 0100" + type + "02 0000");
            final byte[] echo = Bytes.icmpv6(PEER, dst, 128, 0, 7, DATA);
            final byte[] ip = Bytes.ipv6(PEER, dst, 0, Bytes.join(header, echo));
            rig.assertDropped(StackCounter.IPV6_UNKNOWN_OPTION, group ? toGroup(dst, ip) : Bytes.frame(ip));
            if (error) {
                assertError(rig, 4, 2, 44, ip);
            } else {
                assertTrue(rig.sent().isEmpty());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        // headers before the echo, type of the first, reason, error's code, pointer
        "3A 01 0104 00000000, 60, IPV6_BAD_EXTENSION, -1, 0", // 16 bytes, of which there are 16, but not of options
        "3A FF 0104 00000000, 60, IPV6_BAD_EXTENSION, -1, 0",
        "3A 00 0105 00000000, 60, IPV6_BAD_EXTENSION, -1, 0",
        "3A 00 0103 00000001, 60, IPV6_BAD_EXTENSION, -1, 0",
        "00 00 0104 00000000 3A 00 0104 00000000, 60, IPV6_BAD_EXTENSION, 1, 40",
        "3A 00 0001 00000000, 43, IPV6_ROUTING_HEADER, 0, 42",
        "3B 00 0104 00000000, 60, IPV6_NO_NEXT_HEADER, -1, 0"
    })
    @Origin("RFC 8200 4.1")
    @Origin("RFC 5095 3")
    void shouldDropPacketsWithBadExtensionHeaders(
            final String headers, final int first, final StackCounter reason, final int code, final int pointer) {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            byte[] echo = Bytes.icmpv6(PEER, US, 128, 0, 7, DATA);
            if (headers.startsWith("3A 01")) {
                echo = Bytes.hex("0000000005050505");
            }
            final byte[] ip = Bytes.ipv6(PEER, US, first, Bytes.join(Bytes.hex(headers), echo));
            rig.assertDropped(reason, Bytes.frame(ip));
            if (code >= 0) {
                assertError(rig, 4, code, pointer, ip);
            } else {
                assertTrue(rig.sent().isEmpty());
            }
        }
    }

    @Test
    void shouldDropEndlessChains() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            byte[] chain = Bytes.hex("3A 00 0104 00000000");
            for (int i = 0; i < 8; i++) {
                chain = Bytes.join(Bytes.hex("3C 00 0104 00000000"), chain);
            }
            rig.assertDropped(StackCounter.IPV6_BAD_EXTENSION, packet(60, chain));
            // A header of nothing but one-byte options.
            final byte[] many = Bytes.join(Bytes.hex("3A 02"), new byte[22], Bytes.icmpv6(PEER, US, 128, 0, 1, DATA));
            rig.assertDropped(StackCounter.IPV6_BAD_EXTENSION, packet(60, many));
            // An extension header that is announced, but not there.
            rig.assertDropped(StackCounter.IPV6_BAD_EXTENSION, packet(60, new byte[0]));
            assertSilent(rig);
        }
    }

    @Test
    @Origin("RFC 4443 2.4")
    void shouldSendNoErrorAboutAnError() {
        try (StackRig rig = rig()) {
            meetPeer(rig);
            final byte[] error = Bytes.icmpv6(PEER, US, 1, 4, 0, datagram());
            final byte[] header = Bytes.hex("3A 00 0100 8002 0000");
            rig.assertDropped(StackCounter.IPV6_UNKNOWN_OPTION, packet(60, Bytes.join(header, error)));
            // It might be one where the message is missing, or begins in another fragment.
            rig.assertDropped(StackCounter.IPV6_UNKNOWN_OPTION, packet(60, header));
            final byte[] later = Bytes.hex("3A 00 0009 00000001 0001020304050607 08");
            rig.assertDropped(StackCounter.FRAGMENT_BAD_LENGTH, packet(44, later));
            assertTrue(rig.sent().isEmpty());
        }
    }

    private StackRig rig() {
        // Without flow labels, so that answers are known to the last bit.
        final StackConfig config = StackConfig.defaults().withFlowLabels(false);
        final StackRig rig = new StackRig(pools, Medium.ETHERNET, config, InterfaceConfig.of(US + "/64"));
        rig.stack.bind(
                new Endpoint<>(Ipv6Address.UNSPECIFIED, PORT),
                (socket, datagram) ->
                        received.add(Frames.bytes(datagram.memory(), datagram.offset(), datagram.length())));
        return rig;
    }

    /** Lets the peer ask for our address, so that answers to it need not wait. */
    private static void meetPeer(final StackRig rig) {
        final String group = "ff02::1:ff00:1";
        final byte[] option = Bytes.linkAddress(1, "02:00:00:00:00:02");
        final byte[] ns = Bytes.icmpv6(PEER, group, 135, 0, 0, Bytes.join(Bytes.address(US), option));
        rig.receive(toGroup(group, Bytes.ipv6(PEER, group, 58, ns)));
        assertEquals(1, rig.sent().size());
    }

    private static byte[] toGroup(final String group, final byte[] ip) {
        final byte[] dst = Bytes.address(group);
        final String mac = "33:33:%02x:%02x:%02x:%02x".formatted(dst[12], dst[13], dst[14], dst[15]);
        return Bytes.ethernet(mac, "02:00:00:00:00:02", 0x86DD, ip);
    }

    private static byte[] datagram() {
        return Bytes.ipv6(PEER, US, 17, Bytes.udp(PEER, 1, US, PORT, DATA));
    }

    private static byte[] packet(final int nextHeader, final byte[] payload) {
        return Bytes.frame(Bytes.ipv6(PEER, US, nextHeader, payload));
    }

    private static byte[] frame6(final byte[] ip) {
        return Bytes.ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", 0x86DD, ip);
    }

    private static void assertError(
            final StackRig rig, final int type, final int code, final int parameter, final byte[] quote) {
        final byte[] answer = Bytes.from(rig.sentOne(), 14);
        final byte[] message = Bytes.icmpv6(US, PEER, type, code, parameter, quote);
        assertArrayEquals(Bytes.with(Bytes.ipv6(US, PEER, 58, message), 7, 64), answer);
    }

    private void assertDelivered(final StackRig rig) {
        assertEquals(0, rig.stack.counters().drops());
        assertEquals(1, received.size());
        assertArrayEquals(DATA, received.getFirst());
        received.clear();
    }

    private void assertSilent(final StackRig rig) {
        assertTrue(received.isEmpty());
        assertTrue(rig.sent().isEmpty());
    }
}
