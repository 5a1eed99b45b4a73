package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What broke other stacks: one test for each kind of malformed or malicious packet from the collections known as
 * NUMBER:JACK, AMNESIA:33, Ripple20, NAME:WRECK, URGENT/11 and FRAG44, as far as link and IP layers, ICMP and UDP see
 * them. Each costs one named counter and no answer that must not be given, and the stack answers the next good packet.
 * Fragments and TCP have tests of their own.
 */
class BadInputTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final String US6 = "2001:db8::1";
    private static final String PEER6 = "2001:db8::2";
    private static final String OUR_MAC = "02:00:00:00:00:01";
    private static final String PEER_MAC = "02:00:00:00:00:02";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private StackRig rig;

    @BeforeEach
    void open() {
        rig = new StackRig(pools, US + "/24", US6 + "/64");
        rig.stack.bind(new Endpoint<>(IpAddress.parse(US), 7), (socket, datagram) -> datagram.reply(datagram.length()));
        rig.stack.bind(
                new Endpoint<>(IpAddress.parse(US6), 7), (socket, datagram) -> datagram.reply(datagram.length()));
        rig.receive(Bytes.ethernet("ff:ff:ff:ff:ff:ff", PEER_MAC, 0x0806, arp(1, PEER_MAC, PEER, US)));
        rig.sentOne();
    }

    /** Nothing was sent that the test did not take, nothing was thrown, and the stack still answers. */
    @AfterEach
    void shouldStillAnswer() {
        assertEquals(0, rig.sent().size(), "answers to bad input");
        rig.receive(Bytes.frame(Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(8, 0, 1, new byte[4]))));
        assertEquals(1, rig.sent().size());
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6, 12, 13})
    void shouldDropRuntFrames(final int length) {
        rig.assertDropped(StackCounter.RX_FRAME_SHORT, Arrays.copyOf(Bytes.frame(udp(4)), length));
    }

    @Test
    void shouldDropLengthFrames() {
        rig.assertDropped(StackCounter.RX_LENGTH_FRAME, Bytes.ethernet(OUR_MAC, PEER_MAC, 46, new byte[46]));
    }

    @Test
    void shouldDropStacksOfVlanTags() {
        final byte[] tags = new byte[400];
        for (int i = 0; i < tags.length; i += 4) {
            tags[i + 2] = (byte) 0x81;
        }
        rig.assertDropped(StackCounter.RX_OTHER_VLAN, Bytes.ethernet(OUR_MAC, PEER_MAC, 0x8100, tags));
    }

    @ParameterizedTest
    @CsvSource({"2048, IPV4_TRUNCATED", "34525, IPV6_TRUNCATED", "2054, ARP_MALFORMED", "35020, RX_UNKNOWN_ETHER_TYPE"})
    void shouldDropEtherTypesWithoutPayload(final int type, final StackCounter reason) {
        rig.assertDropped(reason, Bytes.ethernet(OUR_MAC, PEER_MAC, type, new byte[0]));
    }

    @Test
    void shouldDropFramesFromAGroup() {
        rig.assertDropped(StackCounter.RX_BAD_SOURCE_MAC, Bytes.ethernet(OUR_MAC, "ff:ff:ff:ff:ff:ff", 0x0800, udp(4)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    @Origin("RFC 791 3.1")
    void shouldDropHeaderLengthsBelowFive(final int words) {
        final byte[] packet = udp(4);
        packet[0] = (byte) (0x40 | words);
        rig.assertDropped(StackCounter.IPV4_BAD_HEADER_LENGTH, Bytes.frame(packet));
    }

    @ParameterizedTest
    @CsvSource({"0, IPV4_BAD_HEADER_LENGTH", "19, IPV4_BAD_HEADER_LENGTH", "33, IPV4_TRUNCATED", "65535, IPV4_TRUNCATED"
    })
    void shouldDropTotalLengthsThatDoNotFit(final int total, final StackCounter reason) {
        final byte[] packet = udp(4);
        Bytes.put16(packet, 2, total);
        rig.assertDropped(reason, Bytes.frame(Bytes.sealIpv4(packet)));
    }

    @Test
    void shouldDropPayloadLengthsBeyondTheFrame() {
        final byte[] packet = udp6(4);
        Bytes.put16(packet, 4, 13);
        rig.assertDropped(StackCounter.IPV6_TRUNCATED, Bytes.frame(packet));
        Bytes.put16(packet, 4, 65_535);
        rig.assertDropped(StackCounter.IPV6_TRUNCATED, Bytes.frame(packet));
    }

    @Test
    @Origin("RFC 1122 3.2.1.7")
    void shouldTakePacketsWhoseTimeToLiveEndsHere() {
        for (final int ttl : new int[] {0, 1}) {
            rig.receive(Bytes.frame(Bytes.sealIpv4(Bytes.with(udp(4), 8, ttl))));
            assertEquals(1, rig.sent().size(), "a host delivers what reached it");
        }
    }

    @Test
    void shouldTrimPadding() {
        rig.receive(Bytes.join(Bytes.frame(udp(4)), new byte[14]));
        assertEquals(14 + 20 + 8 + 4, rig.sentOne().length);
        rig.receive(Bytes.join(Bytes.frame(Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(8, 0, 1, new byte[4]))), new byte[14]));
        assertEquals(14 + 20 + 8 + 4, rig.sentOne().length);
    }

    @Test
    void shouldDropBadChecksums() {
        rig.assertDropped(StackCounter.IPV4_BAD_CHECKSUM, Bytes.frame(Bytes.with(udp(4), 10, 1)));
        final byte[] packet = udp(4);
        packet[20 + 6] ^= 1;
        rig.assertDropped(StackCounter.UDP_BAD_CHECKSUM, Bytes.frame(packet));
        final byte[] echo = Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(8, 0, 1, new byte[4]));
        echo[27] ^= 1;
        rig.assertDropped(StackCounter.ICMP_BAD_CHECKSUM, Bytes.frame(echo));
    }

    @Test
    void shouldDropLandPackets() {
        rig.assertDropped(StackCounter.IP_SPOOFED_SOURCE, Bytes.frame(Bytes.ipv4(US, US, 6, syn(US, US))));
        rig.assertDropped(
                StackCounter.IP_SPOOFED_SOURCE,
                Bytes.frame(Bytes.ipv6(US6, US6, 17, Bytes.udp(US6, 7, US6, 7, new byte[4]))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "127.0.0.1",
                "224.0.0.1",
                "239.255.255.250",
                "240.0.0.1",
                "255.255.255.255",
                "192.0.2.255"
            })
    void shouldDropImpossibleSources(final String src) {
        rig.assertDropped(StackCounter.IPV4_MARTIAN_SOURCE, Bytes.frame(ipv4From(src)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"::", "::1", "ff02::1", "ff0e::1", "::ffff:192.0.2.2"})
    void shouldDropImpossibleSourcesOfIpv6(final String src) {
        final byte[] datagram = Bytes.udp(src.contains(".") ? PEER6 : src, 5000, US6, 7, new byte[4]);
        final byte[] packet = Bytes.ipv6(PEER6, US6, 17, datagram);
        System.arraycopy(mapped(src), 0, packet, 8, 16);
        rig.assertDropped(StackCounter.IPV6_MARTIAN_SOURCE, Bytes.frame(packet));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, IPV4_MARTIAN_DESTINATION", "0.0.0.0, IPV4_MARTIAN_DESTINATION", "240.0.0.1, IPV4_NOT_OURS"})
    void shouldDropImpossibleDestinations(final String dst, final StackCounter reason) {
        rig.assertDropped(reason, Bytes.frame(Bytes.ipv4(PEER, dst, 17, Bytes.udp(PEER, 5000, dst, 7, new byte[4]))));
    }

    @ParameterizedTest
    @CsvSource({
        "83 07 04 c0000202 00, IPV4_SOURCE_ROUTE",
        "89 07 04 c0000202 00, IPV4_SOURCE_ROUTE",
        "07 00 00 00, IPV4_BAD_OPTIONS",
        "07 01 00 00, IPV4_BAD_OPTIONS",
        "44 ff 05 00, IPV4_BAD_OPTIONS",
        "01 01 01 07, IPV4_BAD_OPTIONS"
    })
    @Origin("RFC 7126 4")
    void shouldDropSourceRoutesAndOptionsOfImpossibleLength(final String options, final StackCounter reason) {
        final byte[] datagram = Bytes.udp(PEER, 5000, US, 7, new byte[4]);
        rig.assertDropped(reason, Bytes.frame(Bytes.ipv4(PEER, US, 17, Bytes.hex(options), datagram)));
    }

    @Test
    void shouldNotUnpackIpInIp() {
        final byte[] inner = udp(4);
        rig.assertDropped(StackCounter.IPV4_UNKNOWN_PROTOCOL, Bytes.frame(Bytes.ipv4(PEER, US, 4, inner)));
        assertEquals(1, rig.sent().size(), "protocol unreachable");
        rig.assertDropped(StackCounter.IPV6_UNKNOWN_PROTOCOL, Bytes.frame(Bytes.ipv6(PEER6, US6, 41, udp6(4))));
        rig.receive(advertisement());
        assertEquals(
                1, rig.sent().stream().filter(BadInputTest::isParameterProblem).count());
    }

    /** CVE-2020-11896: a fragmented packet within a packet, whose lengths disagree. */
    @Test
    void shouldNotUnpackIpInIpThatComesInFragments() {
        final byte[] inner = Bytes.join(udp(16), new byte[4]);
        Bytes.put16(inner, 2, 1_000); // more than there is
        for (final byte[] fragment : FragmentPackets.split(true, 9, 4, inner, 24)) {
            rig.receive(Bytes.frame(fragment));
        }
        assertEquals(1, rig.stack.counters().get(StackCounter.REASSEMBLED));
        assertEquals(1, rig.stack.counters().get(StackCounter.IPV4_UNKNOWN_PROTOCOL));
        assertEquals(1, rig.sent().size(), "protocol unreachable");
    }

    @ParameterizedTest
    @CsvSource({"0", "7"})
    void shouldDropIcmpShorterThanItsHeader(final int length) {
        rig.assertDropped(StackCounter.ICMP_TRUNCATED, Bytes.frame(Bytes.ipv4(PEER, US, 1, new byte[length])));
        rig.assertDropped(StackCounter.ICMP_TRUNCATED, Bytes.frame(Bytes.ipv6(PEER6, US6, 58, new byte[length])));
    }

    @Test
    @Origin("RFC 1122 3.2.2")
    void shouldNotAnswerErrorsWithErrors() {
        for (final int type : new int[] {3, 4, 5, 11, 12}) {
            final byte[] quote = Bytes.ipv4(US, PEER, 17, Bytes.udp(US, 9, PEER, 9, new byte[4]));
            rig.receive(Bytes.frame(Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(type, 1, 0, quote))));
        }
        final byte[] quote6 = Bytes.ipv6(US6, PEER6, 17, Bytes.udp(US6, 9, PEER6, 9, new byte[4]));
        for (final int type : new int[] {1, 2, 3, 4, 100, 127}) {
            rig.receive(Bytes.frame(Bytes.ipv6(PEER6, US6, 58, Bytes.icmpv6(PEER6, US6, type, 0, 0, quote6))));
        }
        assertEquals(0, rig.sent().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 19, 20, 27})
    void shouldSurviveErrorsThatQuoteTooLittle(final int quoted) {
        final byte[] quote = Arrays.copyOf(Bytes.ipv4(US, PEER, 17, Bytes.udp(US, 9, PEER, 9, new byte[4])), quoted);
        rig.receive(Bytes.frame(Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(3, 3, 0, quote))));
        final byte[] quote6 =
                Arrays.copyOf(Bytes.ipv6(US6, PEER6, 17, Bytes.udp(US6, 9, PEER6, 9, new byte[4])), 2 * quoted);
        rig.receive(Bytes.frame(Bytes.ipv6(PEER6, US6, 58, Bytes.icmpv6(PEER6, US6, 1, 4, 0, quote6))));
        assertEquals(0, rig.sent().size());
    }

    @Test
    void shouldNotTellGroupsThatAPortIsClosed() {
        final byte[] datagram = Bytes.udp(PEER, 5000, "192.0.2.255", 99, new byte[4]);
        final byte[] packet = Bytes.ipv4(PEER, "192.0.2.255", 17, datagram);
        rig.assertDropped(StackCounter.UDP_NO_PORT, Bytes.ethernet("ff:ff:ff:ff:ff:ff", PEER_MAC, 0x0800, packet));
        final byte[] datagram6 = Bytes.udp(PEER6, 5000, "ff02::1", 99, new byte[4]);
        final byte[] packet6 = Bytes.ipv6(PEER6, "ff02::1", 17, datagram6);
        rig.assertDropped(StackCounter.UDP_NO_PORT, Bytes.ethernet("33:33:00:00:00:01", PEER_MAC, 0x86DD, packet6));
    }

    @Test
    void shouldDropUnicastInBroadcastFrames() {
        rig.assertDropped(
                StackCounter.IP_UNICAST_IN_BROADCAST, Bytes.ethernet("ff:ff:ff:ff:ff:ff", PEER_MAC, 0x0800, udp(4)));
    }

    @ParameterizedTest
    @CsvSource({"0, UDP_BAD_LENGTH", "7, UDP_BAD_LENGTH", "13, UDP_BAD_LENGTH", "65535, UDP_BAD_LENGTH"})
    void shouldDropUdpLengthsThatDoNotFit(final int length, final StackCounter reason) {
        final byte[] packet = udp(4);
        Bytes.put16(packet, 24, length);
        rig.assertDropped(reason, Bytes.frame(packet));
    }

    @Test
    @Origin("RFC 8200 8.1")
    void shouldDropUdpOverIpv6WithoutChecksum() {
        final byte[] packet = udp6(4);
        Bytes.put16(packet, 46, 0);
        rig.assertDropped(StackCounter.UDP_NO_CHECKSUM, Bytes.frame(packet));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 60})
    void shouldDropExtensionHeadersThatDoNotEndWithinThePacket(final int type) {
        final byte[] header = Bytes.hex("11 ff 0104 00000000");
        rig.assertDropped(StackCounter.IPV6_BAD_EXTENSION, Bytes.frame(Bytes.ipv6(PEER6, US6, type, header)));
        rig.assertDropped(
                StackCounter.IPV6_BAD_EXTENSION, Bytes.frame(Bytes.ipv6(PEER6, US6, type, Bytes.hex("11 00 01"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"11 00 01ff 00000000", "11 00 0101 00 0102 00", "11 00 3eff 00000000"})
    void shouldDropOptionsThatDoNotEndWithinTheirHeader(final String header) {
        rig.assertDropped(
                StackCounter.IPV6_BAD_EXTENSION,
                Bytes.frame(Bytes.ipv6(PEER6, US6, 60, Bytes.join(Bytes.hex(header), new byte[12]))));
    }

    @Test
    void shouldNotLoopOverOptionsOfLengthZero() {
        // A length of 0 is legal and moves on by two bytes; 1,016 of them are more than anyone needs.
        final byte[] header = new byte[2048];
        header[0] = 17;
        header[1] = (byte) 255;
        for (int i = 2; i < header.length; i += 2) {
            header[i] = 1;
        }
        rig.assertDropped(
                StackCounter.IPV6_BAD_EXTENSION,
                Bytes.frame(Bytes.ipv6(PEER6, US6, 60, Arrays.copyOf(header, 1400)))); // longer than the packet
        header[1] = 127;
        rig.assertDropped(
                StackCounter.IPV6_BAD_EXTENSION, Bytes.frame(Bytes.ipv6(PEER6, US6, 60, Arrays.copyOf(header, 1024))));
    }

    @Test
    void shouldNotWalkEndlessChainsOfExtensionHeaders() {
        final byte[] chain = new byte[1200];
        for (int i = 0; i < chain.length; i += 8) {
            chain[i] = 60;
            chain[i + 2] = 1;
            chain[i + 3] = 4;
        }
        rig.assertDropped(StackCounter.IPV6_BAD_EXTENSION, Bytes.frame(Bytes.ipv6(PEER6, US6, 60, chain)));
    }

    @Test
    @Origin("RFC 5095 3")
    void shouldNotFollowRoutingHeaders() {
        for (final int type : new int[] {0, 2, 3, 4, 253}) {
            final byte[] header = Bytes.join(
                    Bytes.hex("1102"), new byte[] {(byte) type, 1}, new byte[4], Bytes.address("2001:db8::9"));
            final byte[] packet =
                    Bytes.ipv6(PEER6, US6, 43, Bytes.join(header, Bytes.udp(PEER6, 5000, US6, 7, new byte[4])));
            rig.assertDropped(StackCounter.IPV6_ROUTING_HEADER, Bytes.frame(packet));
        }
        rig.receive(advertisement());
        assertEquals(
                5, rig.sent().stream().filter(BadInputTest::isParameterProblem).count());
    }

    @ParameterizedTest
    @CsvSource({"0, 2", "2, 0", "3, 255", "4, 8", "5, 16"})
    void shouldDropArpOfOtherKinds(final int at, final int value) {
        final byte[] packet = arp(1, PEER_MAC, PEER, US);
        packet[at] = (byte) value;
        rig.assertDropped(StackCounter.ARP_MALFORMED, Bytes.ethernet(OUR_MAC, PEER_MAC, 0x0806, packet));
    }

    @Test
    void shouldLearnNothingFromAFloodOfAnnouncements() {
        final int known = rig.stack.interfaces().getFirst().neighbors().size();
        for (int host = 10; host < 250; host++) {
            final String mac = "02:00:00:00:01:%02x".formatted(host);
            final String sender = "192.0.2." + host;
            for (final int operation : new int[] {1, 2}) {
                final byte[] packet = arp(operation, mac, sender, sender);
                rig.receive(Bytes.ethernet("ff:ff:ff:ff:ff:ff", mac, 0x0806, packet));
            }
        }
        assertEquals(known, rig.stack.interfaces().getFirst().neighbors().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 27})
    void shouldDropShortArp(final int length) {
        final byte[] packet = Arrays.copyOf(arp(1, PEER_MAC, PEER, US), length);
        rig.assertDropped(StackCounter.ARP_MALFORMED, Bytes.ethernet(OUR_MAC, PEER_MAC, 0x0806, packet));
    }

    @ParameterizedTest
    @CsvSource({"135, 24", "136, 24", "134, 16", "137, 40", "133, 8"})
    @Origin("RFC 4861 6.1")
    void shouldDropNeighborMessagesWithAnOptionOfLengthZero(final int type, final int length) {
        final byte[] body = new byte[length - 8 + 8];
        if (length > 16) {
            System.arraycopy(Bytes.address(US6), 0, body, 0, 16);
        }
        body[length - 8] = 1;
        final byte[] message = Bytes.icmpv6(PEER6, US6, type, 0, 0, body);
        final long before = rig.stack.counters().drops();
        rig.receive(Bytes.frame(Bytes.ipv6(PEER6, US6, 58, message)));
        assertEquals(before + 1, rig.stack.counters().drops());
    }

    @Test
    @Origin("RFC 4861 11.2")
    void shouldDropNeighborMessagesThatCameThroughARouter() {
        final byte[] solicitation =
                Bytes.icmpv6(PEER6, US6, 135, 0, 0, Bytes.join(Bytes.address(US6), Bytes.linkAddress(1, PEER_MAC)));
        final byte[] packet = Bytes.with(Bytes.ipv6(PEER6, US6, 58, solicitation), 7, 254);
        rig.assertDropped(StackCounter.NDP_BAD_HOP_LIMIT, Bytes.frame(packet));
    }

    private static boolean isParameterProblem(final byte[] frame) {
        return frame.length > 54 && Bytes.u16(frame, 12) == 0x86DD && frame[20] == 58 && frame[54] == 4;
    }

    private static byte[] advertisement() {
        final byte[] body = Bytes.join(Bytes.address(PEER6), Bytes.linkAddress(2, PEER_MAC));
        return Bytes.frame(Bytes.ipv6(PEER6, US6, 58, Bytes.icmpv6(PEER6, US6, 136, 0, 0x6000_0000, body)));
    }

    private static byte[] mapped(final String src) {
        return src.startsWith("::ffff:")
                ? Bytes.join(new byte[10], Bytes.hex("ffff"), Bytes.address(src.substring(7)))
                : Bytes.address(src);
    }

    private static byte[] arp(final int operation, final String mac, final String sender, final String target) {
        return Bytes.arp(operation, mac, sender, "00:00:00:00:00:00", target);
    }

    private static byte[] ipv4From(final String src) {
        return Bytes.ipv4(src, US, 17, Bytes.udp(src, 5000, US, 7, new byte[4]));
    }

    private static byte[] udp(final int length) {
        return Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 5000, US, 7, new byte[length]));
    }

    private static byte[] udp6(final int length) {
        return Bytes.ipv6(PEER6, US6, 17, Bytes.udp(PEER6, 5000, US6, 7, new byte[length]));
    }

    private static byte[] syn(final String src, final String dst) {
        final byte[] segment = Bytes.hex("1388 0050 00000001 00000000 5002 ffff 0000 0000");
        Bytes.put16(segment, 16, Bytes.transportChecksum(src, dst, 6, segment));
        return segment;
    }
}
