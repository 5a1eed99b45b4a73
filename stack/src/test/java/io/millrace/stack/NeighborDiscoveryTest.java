package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.iface.LinkLimits;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ARP and neighbour discovery as a peer on the link sees them. */
class NeighborDiscoveryTest {
    private static final String OUR_MAC = "02:00:00:00:00:01";
    private static final String PEER_MAC = "02:00:00:00:00:02";
    private static final String OTHER_MAC = "02:00:00:00:00:66";
    private static final String NO_MAC = "00:00:00:00:00:00";
    private static final String ALL = "ff:ff:ff:ff:ff:ff";
    private static final String US4 = "192.0.2.1";
    private static final String PEER4 = "192.0.2.2";
    private static final String US6 = "2001:db8::1";
    private static final String PEER6 = "2001:db8::aa:bbcc:2";
    private static final String OUR_GROUP = "ff02::1:ff00:1";
    private static final int SOLICITED_OVERRIDE = 0x6000_0000;
    private static final MemorySegment DATA = Frames.ofBytes(new byte[] {42});

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_handle_valid_arp_request")
    void shouldAnswerArpRequestAndLearnItsSender() {
        try (StackRig rig = rig()) {
            rig.receive(arp(ALL, 1, PEER_MAC, PEER4, NO_MAC, US4));
            assertArrayEquals(
                    Bytes.ethernet(PEER_MAC, OUR_MAC, 0x0806, Bytes.arp(2, OUR_MAC, US4, PEER_MAC, PEER4)),
                    rig.sentOne());
            assertEquals(PEER_MAC, whereTo(rig, PEER4));
        }
    }

    @Test
    @Origin("RFC 5227 2.4")
    void shouldAnswerArpProbeAndLearnNothing() {
        try (StackRig rig = rig()) {
            rig.receive(arp(ALL, 1, PEER_MAC, "0.0.0.0", NO_MAC, US4));
            assertArrayEquals(
                    Bytes.ethernet(PEER_MAC, OUR_MAC, 0x0806, Bytes.arp(2, OUR_MAC, US4, PEER_MAC, "0.0.0.0")),
                    rig.sentOne());
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_handle_other_arp_request")
    void shouldNotAnswerForOthers() {
        try (StackRig rig = rig()) {
            rig.assertDropped(StackCounter.ARP_NOT_FOR_US, arp(ALL, 1, PEER_MAC, PEER4, NO_MAC, "192.0.2.3"));
            assertTrue(rig.sent().isEmpty());
            assertEquals(ALL, whereTo(rig, PEER4));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "02:00:00:00:00:02, 127.0.0.1, ARP_BAD_SENDER",
        "02:00:00:00:00:02, 224.0.0.1, ARP_BAD_SENDER",
        "02:00:00:00:00:02, 192.0.2.255, ARP_BAD_SENDER",
        "02:00:00:00:00:02, 255.255.255.255, ARP_BAD_SENDER",
        "03:00:00:00:00:02, 192.0.2.2, ARP_BAD_SENDER",
        "00:00:00:00:00:00, 192.0.2.2, ARP_BAD_SENDER"
    })
    void shouldNotBelieveImpossibleArpSenders(final String mac, final String ip, final StackCounter reason) {
        try (StackRig rig = rig()) {
            rig.assertDropped(reason, arp(ALL, 1, mac, ip, NO_MAC, US4));
            assertTrue(rig.sent().isEmpty());
        }
    }

    /** A host with several addresses asks with that of the packet which it wants to send. */
    @Test
    void shouldAnswerButNotBelieveWhoAsksFromAnotherNetwork() {
        try (StackRig rig = rig()) {
            rig.receive(arp(ALL, 1, PEER_MAC, "198.51.100.1", NO_MAC, US4));
            assertArrayEquals(
                    Bytes.ethernet(PEER_MAC, OUR_MAC, 0x0806, Bytes.arp(2, OUR_MAC, US4, PEER_MAC, "198.51.100.1")),
                    rig.sentOne());
            assertEquals(List.of(), rig.net.neighbors());
            rig.assertDropped(StackCounter.ARP_BAD_SENDER, arp(OUR_MAC, 2, PEER_MAC, "198.51.100.1", OUR_MAC, US4));
            rig.assertDropped(
                    StackCounter.ARP_BAD_SENDER, arp(ALL, 1, PEER_MAC, "198.51.100.1", NO_MAC, "198.51.100.1"));
        }
    }

    @Test
    void shouldDropMalformedArp() {
        try (StackRig rig = rig()) {
            final byte[] good = arp(ALL, 1, PEER_MAC, PEER4, NO_MAC, US4);
            rig.assertDropped(StackCounter.ARP_MALFORMED, Arrays.copyOf(good, 14 + 27));
            for (final int at : new int[] {15, 16, 18, 19, 21}) {
                rig.assertDropped(StackCounter.ARP_MALFORMED, Bytes.with(good, at, 9));
            }
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    void shouldNotLearnFromRepliesThatNobodyAskedFor() {
        try (StackRig rig = rig()) {
            rig.assertDropped(StackCounter.ARP_UNSOLICITED, arp(OUR_MAC, 2, OTHER_MAC, PEER4, OUR_MAC, US4));
            rig.receive(arp(ALL, 2, OTHER_MAC, PEER4, ALL, PEER4));
            assertEquals(ALL, whereTo(rig, PEER4));
        }
    }

    @Test
    void shouldFollowANeighborThatReallyMovedAndNoOther() {
        try (StackRig rig = rig()) {
            resolve4(rig);
            // Somebody claims the peer's address: nothing changes but that we ask everyone.
            rig.advance(2_000_000);
            rig.receive(arp(ALL, 1, OTHER_MAC, PEER4, NO_MAC, PEER4));
            assertArrayEquals(
                    Bytes.ethernet(ALL, OUR_MAC, 0x0806, Bytes.arp(1, OUR_MAC, US4, NO_MAC, PEER4)), rig.sentOne());
            assertEquals(PEER_MAC, whereTo(rig, PEER4));
            // More claims do not make us ask more often than once a second.
            rig.receive(arp(ALL, 1, OTHER_MAC, PEER4, NO_MAC, PEER4));
            assertTrue(rig.sent().isEmpty());
            // The answer decides.
            rig.receive(arp(OUR_MAC, 2, OTHER_MAC, PEER4, OUR_MAC, US4));
            assertEquals(OTHER_MAC, whereTo(rig, PEER4));
            // A late answer of the other one is a claim like any other.
            rig.receive(arp(OUR_MAC, 2, PEER_MAC, PEER4, OUR_MAC, US4));
            assertEquals(OTHER_MAC, whereTo(rig, PEER4));
        }
    }

    @Test
    @Origin("RFC 4861 7.3.3")
    void shouldProbeANeighborThatWasNotHeardOf() {
        try (StackRig rig = rig()) {
            resolve4(rig);
            rig.advance(45_000_000);
            assertEquals(PEER_MAC, whereTo(rig, PEER4));
            rig.advance(4_999_999);
            assertTrue(rig.sent().isEmpty());
            rig.advance(1);
            final byte[] probe = Bytes.ethernet(PEER_MAC, OUR_MAC, 0x0806, Bytes.arp(1, OUR_MAC, US4, PEER_MAC, PEER4));
            assertArrayEquals(probe, rig.sentOne());
            rig.receive(arp(OUR_MAC, 2, PEER_MAC, PEER4, OUR_MAC, US4));
            rig.advance(10_000_000);
            assertTrue(rig.sent().isEmpty());
            // Not heard of again, and this time gone.
            rig.advance(45_000_000);
            assertEquals(PEER_MAC, whereTo(rig, PEER4));
            for (int i = 0; i < 3; i++) {
                rig.advance(i == 0 ? 5_000_000 : 1_000_000);
                assertArrayEquals(probe, rig.sentOne());
            }
            rig.advance(1_000_000);
            assertEquals(ALL, whereTo(rig, PEER4));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {OUR_GROUP, US6})
    @Origin("smoltcp:iface::interface::tests::ipv6::test_handle_valid_ndisc_request")
    void shouldAnswerSolicitationAndLearnItsSender(final String to) {
        try (StackRig rig = rig()) {
            rig.receive(ns(PEER6, to, US6, Bytes.linkAddress(1, PEER_MAC)));
            assertArrayEquals(
                    Bytes.ethernet(PEER_MAC, OUR_MAC, 0x86DD, na(US6, PEER6, US6, SOLICITED_OVERRIDE, OUR_MAC)),
                    rig.sentOne());
            assertEquals(PEER_MAC, whereTo(rig, PEER6));
        }
    }

    @Test
    @Origin("RFC 4861 7.2.4")
    @Origin("RFC 4862 5.4.3")
    void shouldDefendItsAddressAgainstDuplicateAddressDetection() {
        try (StackRig rig = rig()) {
            rig.receive(ns("::", OUR_GROUP, US6, new byte[0]));
            assertArrayEquals(
                    Bytes.ethernet("33:33:00:00:00:01", OUR_MAC, 0x86DD, na(US6, "ff02::1", US6, 0x2000_0000, OUR_MAC)),
                    rig.sentOne());
        }
    }

    @Test
    @Origin("RFC 4861 7.1.1")
    void shouldDropInvalidSolicitations() {
        try (StackRig rig = rig()) {
            final byte[] option = Bytes.linkAddress(1, PEER_MAC);
            final byte[] good = ns(PEER6, OUR_GROUP, US6, option);
            rig.assertDropped(StackCounter.NDP_BAD_HOP_LIMIT, Bytes.with(good, 14 + 7, 254));
            rig.assertDropped(StackCounter.NDP_NOT_FOR_US, ns(PEER6, OUR_GROUP, "2001:db8::1:0:0:1", option));
            rig.assertDropped(StackCounter.NDP_MALFORMED, ns(PEER6, OUR_GROUP, "ff02::1", option));
            rig.assertDropped(StackCounter.NDP_MALFORMED, ns("::", OUR_GROUP, US6, option));
            rig.assertDropped(StackCounter.NDP_MALFORMED, ns("::", US6, US6, new byte[0]));
            rig.assertDropped(StackCounter.NDP_MALFORMED, ns(PEER6, OUR_GROUP, US6, new byte[8]));
            rig.assertDropped(StackCounter.NDP_MALFORMED, ns(PEER6, OUR_GROUP, US6, Arrays.copyOf(option, 7)));
            rig.assertDropped(StackCounter.NDP_MALFORMED, ns(PEER6, OUR_GROUP, US6, Bytes.with(option, 1, 2)));
            rig.assertDropped(StackCounter.NDP_MALFORMED, ns(PEER6, OUR_GROUP, US6, new byte[1]));
            final byte[] tooLong = Bytes.with(Arrays.copyOf(option, 16), 1, 2);
            rig.assertDropped(StackCounter.NDP_MALFORMED, ns(PEER6, OUR_GROUP, US6, tooLong));
            rig.assertDropped(
                    StackCounter.NDP_BAD_SENDER, ns(PEER6, OUR_GROUP, US6, Bytes.linkAddress(1, "03:00:00:00:00:02")));
            rig.assertDropped(StackCounter.NDP_BAD_SENDER, ns("2001:db8:1::2", OUR_GROUP, US6, option));
            rig.assertDropped(StackCounter.NDP_MALFORMED, icmp(PEER6, OUR_GROUP, 135, 1, Bytes.address(US6), PEER6));
            rig.assertDropped(StackCounter.NDP_MALFORMED, icmp(PEER6, OUR_GROUP, 135, 0, new byte[15], PEER6));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    @Origin("RFC 4861 6.1.1")
    @Origin("RFC 4861 6.1.2")
    @Origin("RFC 4861 8.1")
    void shouldDropInvalidRouterDiscoveryAndRedirects() {
        try (StackRig rig = rig()) {
            final String router = "fe80::2";
            final byte[] option = Bytes.linkAddress(1, PEER_MAC);
            final byte[] none = new byte[0];
            rig.assertDropped(StackCounter.NDP_UNHANDLED, icmp(PEER6, "ff02::1", 133, 0, option, PEER6));
            rig.assertDropped(StackCounter.NDP_UNHANDLED, icmp("::", "ff02::1", 133, 0, none, "::"));
            rig.assertDropped(StackCounter.NDP_MALFORMED, icmp("::", "ff02::1", 133, 0, option, "::"));
            rig.assertDropped(StackCounter.NDP_UNHANDLED, icmp(router, "ff02::1", 134, 0, new byte[8], router));
            rig.assertDropped(StackCounter.NDP_MALFORMED, icmp(router, "ff02::1", 134, 0, new byte[7], router));
            rig.assertDropped(StackCounter.NDP_MALFORMED, icmp(PEER6, "ff02::1", 134, 0, new byte[8], PEER6));
            final int[] shortest = {0, 8, 32};
            final int[] types = {133, 134, 137};
            for (int i = 0; i < types.length; i++) {
                final byte[] body = new byte[shortest[i]];
                final byte[] good = icmp(router, "ff02::1", types[i], 0, Bytes.join(body, option), router);
                rig.assertDropped(StackCounter.NDP_BAD_HOP_LIMIT, Bytes.with(good, 14 + 7, 254));
                rig.assertDropped(StackCounter.NDP_MALFORMED, icmp(router, "ff02::1", types[i], 1, body, router));
                final byte[] optionLengthZero = Bytes.join(body, Bytes.with(option, 1, 0));
                rig.assertDropped(
                        StackCounter.NDP_MALFORMED, icmp(router, "ff02::1", types[i], 0, optionLengthZero, router));
                final byte[] optionTooLong = Bytes.join(body, Bytes.with(option, 1, 2));
                rig.assertDropped(
                        StackCounter.NDP_MALFORMED, icmp(router, "ff02::1", types[i], 0, optionTooLong, router));
            }
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    @Origin("RFC 6980 5")
    void shouldDropFragmentedSolicitation() {
        try (StackRig rig = rig()) {
            final byte[] body = Bytes.join(Bytes.address(US6), Bytes.linkAddress(1, PEER_MAC));
            final byte[] message = Bytes.icmpv6(PEER6, US6, 135, 0, 0, body);
            final byte[] fragment = Bytes.join(Bytes.hex("3A 00 0000 00000001"), message);
            rig.assertDropped(StackCounter.NDP_FRAGMENTED, Bytes.frame(Bytes.ipv6(PEER6, US6, 44, fragment)));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv6::ndisc_neighbor_advertisement_ethernet")
    void shouldLearnAdvertisementUnderItsTarget() {
        try (StackRig rig = rig()) {
            // Asked with 24 bits of the target in the group.
            final UdpSocket<IpAddress> socket = send(rig, PEER6);
            final byte[] ns = rig.sentOne();
            assertArrayEquals(
                    Bytes.ethernet(
                            "33:33:ff:cc:00:02",
                            OUR_MAC,
                            0x86DD,
                            Bytes.ipv6(
                                    US6,
                                    "ff02::1:ffcc:2",
                                    58,
                                    Bytes.icmpv6(
                                            US6,
                                            "ff02::1:ffcc:2",
                                            135,
                                            0,
                                            0,
                                            Bytes.join(Bytes.address(PEER6), Bytes.linkAddress(1, OUR_MAC))))),
                    ns);
            // The answer comes from another of the peer's addresses.
            rig.receive(Bytes.frame(na("fe80::2", US6, PEER6, SOLICITED_OVERRIDE, PEER_MAC)));
            assertArrayEquals(Bytes.mac(PEER_MAC), Arrays.copyOf(rig.sentOne(), 6));
            socket.close();
            assertEquals("33:33:ff:00:00:02", whereTo(rig, "fe80::2"));
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv6::ndisc_neighbor_advertisement_ethernet_multicast_addr")
    @Origin("RFC 4861 7.1.2")
    void shouldDropInvalidAdvertisements() {
        try (StackRig rig = rig()) {
            send(rig, PEER6).close();
            rig.sent();
            final byte[] good = Bytes.frame(na(PEER6, US6, PEER6, SOLICITED_OVERRIDE, PEER_MAC));
            rig.assertDropped(StackCounter.NDP_BAD_HOP_LIMIT, Bytes.with(good, 14 + 7, 64));
            rig.assertDropped(
                    StackCounter.NDP_BAD_SENDER,
                    Bytes.frame(na(PEER6, US6, PEER6, SOLICITED_OVERRIDE, "33:33:00:00:00:00")));
            rig.assertDropped(
                    StackCounter.NDP_MALFORMED, Bytes.frame(na(PEER6, US6, "ff02::1", SOLICITED_OVERRIDE, PEER_MAC)));
            rig.assertDropped(
                    StackCounter.NDP_MALFORMED,
                    Bytes.ethernet(
                            "33:33:00:00:00:01",
                            PEER_MAC,
                            0x86DD,
                            na(PEER6, "ff02::1", PEER6, SOLICITED_OVERRIDE, PEER_MAC)));
            rig.assertDropped(
                    StackCounter.NDP_UNSOLICITED,
                    Bytes.frame(na(PEER6, US6, "2001:db8::77", SOLICITED_OVERRIDE, PEER_MAC)));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    void shouldFollowAnAdvertisedMoveAfterAsking() {
        try (StackRig rig = rig()) {
            resolve6(rig);
            rig.advance(2_000_000);
            rig.receive(Bytes.ethernet(
                    "33:33:00:00:00:01", OTHER_MAC, 0x86DD, na(PEER6, "ff02::1", PEER6, 0x2000_0000, OTHER_MAC)));
            assertEquals(135, rig.sentOne()[54] & 0xFF);
            assertEquals(PEER_MAC, whereTo(rig, PEER6));
            rig.receive(Bytes.frame(na(PEER6, US6, PEER6, SOLICITED_OVERRIDE, OTHER_MAC)));
            assertEquals(OTHER_MAC, whereTo(rig, PEER6));
        }
    }

    @Test
    void shouldLimitAnswersUnderAFlood() {
        try (StackRig rig = rig()) {
            for (int i = 0; i < 3000; i++) {
                rig.receive(arp(ALL, 1, PEER_MAC, PEER4, NO_MAC, US4));
            }
            final int sent = rig.sent().size();
            assertTrue(sent >= 248 && sent <= 250, "250 for one source, less up to two by chance: " + sent);
            assertEquals(3000 - sent, rig.count(StackCounter.ARP_RATE_LIMITED));
            rig.receive(arp(ALL, 1, OTHER_MAC, "192.0.2.9", NO_MAC, US4));
            assertEquals(1, rig.sent().size(), "another one's answer");
            for (int host = 10; host < 250; host++) {
                for (int i = 0; i < 10; i++) {
                    rig.receive(arp(ALL, 1, OTHER_MAC, "192.0.2." + host, NO_MAC, US4));
                }
            }
            final int all = rig.sent().size() + sent + 1;
            assertTrue(all >= 998 && all <= 1000, "1000 for all, less up to two by chance: " + all);
        }
    }

    @Test
    @Origin("RFC 4861 7.2.2")
    void shouldKeepTheNewestPacketsForAnUnresolvedNeighbor() {
        final StackConfig config = StackConfig.defaults().withLimits(new LinkLimits(8, 3, 64, 64));
        try (StackRig rig = new StackRig(pools, Medium.ETHERNET, config, InterfaceConfig.of(US4 + "/24"))) {
            for (int i = 0; i < 5; i++) {
                send(rig, PEER4).close();
            }
            assertEquals(1, rig.sent().size());
            assertEquals(2, rig.count(StackCounter.NEIGHBOR_QUEUE_FULL));
            rig.receive(arp(OUR_MAC, 2, PEER_MAC, PEER4, OUR_MAC, US4));
            assertEquals(3, rig.sent().size());
        }
    }

    @Test
    void shouldAskForEveryNeighborAtOnceAndBoundTheTable() {
        final StackConfig config = StackConfig.defaults().withLimits(new LinkLimits(64, 3, 16, 1024));
        try (StackRig rig = new StackRig(pools, Medium.ETHERNET, config, InterfaceConfig.of("10.0.0.1/8"))) {
            // A neighbour that we talk to.
            send(rig, "10.0.0.2").close();
            rig.receive(arp(OUR_MAC, 2, PEER_MAC, "10.0.0.2", OUR_MAC, "10.0.0.1"));
            rig.sent();
            // A scan: each address is asked for once, whatever the others do.
            for (int i = 0; i < 20; i++) {
                send(rig, "10.1.0." + (i + 1)).close();
            }
            assertEquals(20, rig.sent().size());
            for (int i = 0; i < 5000; i++) {
                send(rig, "10.2." + i / 250 + "." + i % 250).close();
            }
            assertTrue(rig.count(StackCounter.NEIGHBOR_EVICTIONS) > 4000);
            rig.sent();
            // A flood of requests with forged senders.
            for (int i = 0; i < 5000; i++) {
                rig.receive(arp(ALL, 1, OTHER_MAC, "10.3." + i / 250 + "." + i % 250, NO_MAC, "10.0.0.1"));
            }
            rig.sent();
            assertEquals(PEER_MAC, whereTo(rig, "10.0.0.2"));
        }
    }

    @Test
    void shouldKeepWhatABusyPortRefusedAndDropBeyondTheQueue() {
        final StackConfig config = StackConfig.defaults().withLimits(new LinkLimits(8, 3, 64, 64));
        try (StackRig rig = new StackRig(pools, Medium.ETHERNET, config, InterfaceConfig.of(US4 + "/24"))) {
            resolve4(rig);
            rig.portRoom = 5;
            for (int i = 0; i < 100; i++) {
                send(rig, PEER4).close();
            }
            assertEquals(5, rig.sent().size());
            final long dropped = rig.count(StackCounter.TX_QUEUE_FULL);
            assertTrue(dropped >= 31 && dropped <= 36, () -> "dropped " + dropped);
            rig.portRoom = Integer.MAX_VALUE;
            assertEquals(95 - dropped, rig.sent().size());
        }
    }

    private StackRig rig() {
        return new StackRig(pools, US4 + "/24", US6 + "/64");
    }

    /** Lets the stack ask for the peer and get an answer. */
    private static void resolve4(final StackRig rig) {
        send(rig, PEER4).close();
        assertArrayEquals(
                Bytes.ethernet(ALL, OUR_MAC, 0x0806, Bytes.arp(1, OUR_MAC, US4, NO_MAC, PEER4)), rig.sentOne());
        rig.receive(arp(OUR_MAC, 2, PEER_MAC, PEER4, OUR_MAC, US4));
        assertArrayEquals(Bytes.mac(PEER_MAC), Arrays.copyOf(rig.sentOne(), 6));
    }

    private static void resolve6(final StackRig rig) {
        send(rig, PEER6).close();
        assertEquals(1, rig.sent().size());
        rig.receive(Bytes.frame(na(PEER6, US6, PEER6, SOLICITED_OVERRIDE, PEER_MAC)));
        assertArrayEquals(Bytes.mac(PEER_MAC), Arrays.copyOf(rig.sentOne(), 6));
    }

    /** Sends a datagram and tells the link address that the first frame went to. */
    private static String whereTo(final StackRig rig, final String address) {
        send(rig, address).close();
        final List<byte[]> frames = rig.sent();
        final byte[] frame = frames.getFirst();
        return "%02x:%02x:%02x:%02x:%02x:%02x".formatted(frame[0], frame[1], frame[2], frame[3], frame[4], frame[5]);
    }

    private static UdpSocket<IpAddress> send(final StackRig rig, final String address) {
        final IpAddress to = IpAddress.parse(address);
        final UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(IpAddress.of(to.family(), 0, 0), 4000));
        socket.send(new Endpoint<>(to, 4000), DATA, 0, 1);
        return socket;
    }

    private static byte[] arp(
            final String to,
            final int operation,
            final String mac,
            final String ip,
            final String tMac,
            final String tIp) {
        final byte[] packet = Bytes.arp(operation, mac, ip, tMac, tIp);
        // Padded, as every frame on a real wire is.
        return Arrays.copyOf(Bytes.ethernet(to, PEER_MAC, 0x0806, packet), 60);
    }

    private static byte[] ns(final String src, final String dst, final String target, final byte[] options) {
        return icmp(src, dst, 135, 0, Bytes.join(Bytes.address(target), options), src);
    }

    private static byte[] icmp(
            final String src,
            final String dst,
            final int type,
            final int code,
            final byte[] body,
            final String sumSrc) {
        final byte[] ip = Bytes.ipv6(src, dst, 58, Bytes.icmpv6(sumSrc, dst, type, code, 0, body));
        final String to = dst.equals("ff02::1") ? "33:33:00:00:00:01" : "33:33:ff:00:00:01";
        return Bytes.ethernet(dst.startsWith("ff") ? to : OUR_MAC, PEER_MAC, 0x86DD, ip);
    }

    private static byte[] na(
            final String src, final String dst, final String target, final int flags, final String mac) {
        final byte[] body = Bytes.join(Bytes.address(target), Bytes.linkAddress(2, mac));
        return Bytes.ipv6(src, dst, 58, Bytes.icmpv6(src, dst, 136, 0, flags, body));
    }
}
