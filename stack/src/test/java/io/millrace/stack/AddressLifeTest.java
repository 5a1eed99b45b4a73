package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.iface.LinkRules;
import io.millrace.stack.iface.address.AddressEntry;
import io.millrace.stack.iface.address.AddressListener;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
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

/** The life of own addresses: checked, announced, defended, deprecated, removed. */
class AddressLifeTest {
    private static final String OUR_MAC = "02:00:00:00:00:01";
    private static final String PEER_MAC = "02:00:00:00:00:02";
    private static final String NO_MAC = "00:00:00:00:00:00";
    private static final String ALL = "ff:ff:ff:ff:ff:ff";
    private static final String ALL_NODES = "33:33:00:00:00:01";
    private static final String US4 = "192.0.2.1";
    private static final String PEER4 = "192.0.2.2";
    private static final String US6 = "fe80::1";
    private static final String PEER6 = "fe80::2";
    private static final String OUR_GROUP = "ff02::1:ff00:1";
    private static final int SECOND = 1_000_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<String> events = new ArrayList<>();
    private final AddressListener listener = new AddressListener() {
        @Override
        public void onPreferred(final IpAddress address) {
            events.add("preferred " + address);
        }

        @Override
        public void onDeprecated(final IpAddress address) {
            events.add("deprecated " + address);
        }

        @Override
        public void onDuplicate(final IpAddress address, final MacAddress other) {
            events.add("duplicate " + address + " " + other);
        }

        @Override
        public void onConflict(final IpAddress address, final MacAddress other) {
            events.add("conflict " + address + " " + other);
        }

        @Override
        public void onRemoved(final IpAddress address) {
            events.add("removed " + address);
        }
    };

    @Test
    @Origin("RFC 4862 5.4.2")
    @Origin("RFC 7527 4.1")
    @Origin("RFC 4861 7.2.6")
    void shouldAskOnceForAnIpv6AddressThenAnnounceIt() {
        try (StackRig rig = rig(DuplicateDetection.STRICT, US6 + "/64")) {
            assertEquals(AddressState.TENTATIVE, state(rig, US6));
            final byte[] probe = onlyFrameWithin(rig, SECOND);
            final byte[] nonce = Arrays.copyOfRange(probe, probe.length - 6, probe.length);
            final byte[] body = Bytes.join(Bytes.address(US6), Bytes.hex("0E01"), nonce);
            assertArrayEquals(
                    Bytes.ethernet(
                            "33:33:ff:00:00:01",
                            OUR_MAC,
                            0x86DD,
                            Bytes.ipv6("::", OUR_GROUP, 58, Bytes.icmpv6("::", OUR_GROUP, 135, 0, 0, body))),
                    probe);
            rig.advance(SECOND - 1);
            assertEquals(AddressState.TENTATIVE, state(rig, US6));
            rig.advance(1);
            assertEquals(AddressState.PREFERRED, state(rig, US6));
            assertEquals(List.of("preferred fe80::1"), events);
            final byte[] announcement =
                    Bytes.ethernet(ALL_NODES, OUR_MAC, 0x86DD, na(US6, "ff02::1", US6, 0x2000_0000, OUR_MAC));
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(announcement, rig.sentOne());
                rig.advance(SECOND);
            }
            rig.advance(100 * SECOND);
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    @Origin("RFC 5227 2.1.1")
    @Origin("RFC 5227 2.3")
    void shouldProbeForAnIpv4AddressThenAnnounceIt() {
        try (StackRig rig = rig(DuplicateDetection.STRICT, US4 + "/24")) {
            final byte[] probe = Bytes.ethernet(ALL, OUR_MAC, 0x0806, Bytes.arp(1, OUR_MAC, "0.0.0.0", NO_MAC, US4));
            final byte[] announcement = Bytes.ethernet(ALL, OUR_MAC, 0x0806, Bytes.arp(1, OUR_MAC, US4, NO_MAC, US4));
            assertArrayEquals(probe, onlyFrameWithin(rig, SECOND));
            assertArrayEquals(probe, nextFrame(rig, SECOND, 2 * SECOND));
            assertArrayEquals(probe, nextFrame(rig, SECOND, 2 * SECOND));
            assertEquals(AddressState.TENTATIVE, state(rig, US4));
            assertArrayEquals(announcement, nextFrame(rig, 2 * SECOND, 2 * SECOND));
            assertEquals(AddressState.PREFERRED, state(rig, US4));
            assertArrayEquals(announcement, nextFrame(rig, 2 * SECOND, 2 * SECOND));
            rig.advance(100 * SECOND);
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    @Origin("RFC 4862 5.4")
    void shouldNeitherUseNorServeATentativeAddress() {
        try (StackRig rig = rig(DuplicateDetection.STRICT, US6 + "/64", US4 + "/24")) {
            assertEquals(IpOutput.NO_ROUTE, send(rig, PEER6));
            assertEquals(IpOutput.NO_ROUTE, send(rig, PEER4));
            assertThrows(IllegalArgumentException.class, () -> rig.stack.bind(new Endpoint<>(address(US6), 7)));
            rig.assertDropped(
                    StackCounter.IPV6_NOT_OURS,
                    Bytes.frame(Bytes.ipv6(PEER6, US6, 58, Bytes.icmpv6(PEER6, US6, 128, 0, 1, new byte[8]))));
            rig.assertDropped(StackCounter.NDP_NOT_FOR_US, ns(PEER6, Bytes.linkAddress(1, PEER_MAC)));
            rig.assertDropped(StackCounter.ARP_BAD_SENDER, arp(1, PEER_MAC, PEER4, US4));
            assertEquals(List.of(), rig.sent());
            rig.advance(SECOND);
            rig.advance(SECOND);
            rig.sent();
            assertEquals(IpOutput.SENT, send(rig, PEER6));
        }
    }

    @Test
    @Origin("RFC 4429 3.3")
    void shouldUseAnOptimisticAddressWithoutDisturbingAnyCache() {
        try (StackRig rig = rig(DuplicateDetection.OPTIMISTIC, US6 + "/64")) {
            assertEquals(AddressState.OPTIMISTIC, state(rig, US6));
            // A question for it is answered, but replaces nothing.
            rig.receive(ns(PEER6, Bytes.linkAddress(1, PEER_MAC)));
            assertArrayEquals(
                    Bytes.ethernet(PEER_MAC, OUR_MAC, 0x86DD, na(US6, PEER6, US6, 0x4000_0000, OUR_MAC)),
                    rig.sentOne());
            // A question from it does not say where it is.
            assertEquals(IpOutput.SENT, send(rig, "fe80::3"));
            final byte[] question = rig.sentOne();
            assertEquals(14 + 40 + 24, question.length);
            rig.advance(SECOND);
            rig.advance(SECOND);
            rig.sent();
            assertEquals(AddressState.PREFERRED, state(rig, US6));
            send(rig, "fe80::4");
            assertEquals(14 + 40 + 32, rig.sentOne().length);
        }
    }

    @Test
    @Origin("RFC 4429 3.3")
    void shouldAnswerAnOptimisticNeighborWhereItsFrameCameFrom() {
        try (StackRig rig = rig(DuplicateDetection.OFF, US6 + "/64")) {
            rig.receive(ns(PEER6, new byte[0]));
            assertArrayEquals(
                    Bytes.ethernet(PEER_MAC, OUR_MAC, 0x86DD, na(US6, PEER6, US6, 0x6000_0000, OUR_MAC)),
                    rig.sentOne());
            assertEquals(List.of(), rig.net.neighbors(), "nothing is learned");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Origin("RFC 4862 5.4.4")
    void shouldGiveUpAnIpv6AddressThatSomebodyAdvertises(final boolean optimistic) {
        final DuplicateDetection detection = optimistic ? DuplicateDetection.OPTIMISTIC : DuplicateDetection.STRICT;
        try (StackRig rig = rig(detection, US6 + "/64")) {
            onlyFrameWithin(rig, SECOND);
            final byte[] other = na(US6, "ff02::1", US6, 0x2000_0000, PEER_MAC);
            rig.assertDropped(StackCounter.NDP_CONFLICT, Bytes.ethernet(ALL_NODES, PEER_MAC, 0x86DD, other));
            assertGivenUp(rig, US6, PEER6);
            // Now it is a neighbour's like any other, and what comes from it is not spoofed.
            rig.assertDropped(StackCounter.NDP_UNSOLICITED, Bytes.ethernet(ALL_NODES, PEER_MAC, 0x86DD, other));
        }
    }

    @Test
    @Origin("RFC 4862 5.4.3")
    @Origin("RFC 7527 4.2")
    void shouldTellItsOwnSolicitationFromThatOfAnother() {
        try (StackRig rig = rig(DuplicateDetection.STRICT, US6 + "/64")) {
            final byte[] own = onlyFrameWithin(rig, SECOND);
            // Come back over a loop, as it was and from another station that relayed it.
            rig.assertDropped(StackCounter.NDP_NOT_FOR_US, own);
            rig.assertDropped(StackCounter.NDP_NOT_FOR_US, Bytes.with(own, 11, 9));
            assertEquals(AddressState.TENTATIVE, state(rig, US6));
            rig.assertDropped(StackCounter.NDP_CONFLICT, ns("::", Bytes.hex("0E01 112233445566")));
            assertGivenUp(rig, US6, PEER6);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 192.0.2.1, 192.0.2.9", "2, 192.0.2.1, 192.0.2.9", "1, 0.0.0.0, 192.0.2.1"})
    @Origin("RFC 5227 2.1.1")
    void shouldGiveUpAnIpv4AddressThatSomebodyHasOrProbesFor(
            final int operation, final String sender, final String target) {
        try (StackRig rig = rig(DuplicateDetection.OPTIMISTIC, US4 + "/24")) {
            final byte[] own = onlyFrameWithin(rig, SECOND);
            rig.assertDropped(StackCounter.ARP_NOT_FOR_US, own);
            rig.assertDropped(StackCounter.ARP_CONFLICT, arp(operation, PEER_MAC, sender, target));
            assertGivenUp(rig, US4, PEER4);
        }
    }

    @Test
    @Origin("RFC 5227 2.4")
    void shouldDefendAnIpv4AddressOnceInTenSeconds() {
        try (StackRig rig = rig(DuplicateDetection.OFF, US4 + "/24")) {
            final byte[] announcement = Bytes.ethernet(ALL, OUR_MAC, 0x0806, Bytes.arp(1, OUR_MAC, US4, NO_MAC, US4));
            final byte[] other = arp(1, PEER_MAC, US4, US4);
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 100; j++) {
                    rig.assertDropped(StackCounter.ARP_CONFLICT, other);
                }
                assertArrayEquals(announcement, rig.sentOne());
                rig.advance(10 * SECOND);
            }
            assertEquals(AddressState.PREFERRED, state(rig, US4));
            assertEquals(
                    3,
                    events.stream()
                            .filter(("conflict " + US4 + " " + PEER_MAC)::equals)
                            .count());
            assertEquals(List.of(), rig.net.neighbors());
        }
    }

    @Test
    void shouldDefendAnIpv6AddressOnceInTenSeconds() {
        try (StackRig rig = rig(DuplicateDetection.OFF, US6 + "/64")) {
            final byte[] other =
                    Bytes.ethernet(ALL_NODES, PEER_MAC, 0x86DD, na(US6, "ff02::1", US6, 0x2000_0000, PEER_MAC));
            for (int i = 0; i < 100; i++) {
                rig.assertDropped(StackCounter.NDP_CONFLICT, other);
            }
            assertArrayEquals(
                    Bytes.ethernet(ALL_NODES, OUR_MAC, 0x86DD, na(US6, "ff02::1", US6, 0x2000_0000, OUR_MAC)),
                    rig.sentOne());
            assertEquals(AddressState.PREFERRED, state(rig, US6));
            // Nothing but an advertisement may come from our address.
            rig.assertDropped(StackCounter.IP_SPOOFED_SOURCE, ns(US6, Bytes.linkAddress(1, PEER_MAC)));
            rig.assertDropped(
                    StackCounter.IP_SPOOFED_SOURCE,
                    Bytes.frame(Bytes.ipv6(US6, US6, 58, Bytes.icmpv6(US6, US6, 128, 0, 1, new byte[8]))));
        }
    }

    @Test
    void shouldLetTheFirstOfTwoStationsKeepTheAddress() {
        try (StackRig first = rig(DuplicateDetection.STRICT, US4 + "/24", US6 + "/64")) {
            for (int i = 0; i < 20; i++) {
                first.advance(SECOND);
            }
            first.sent();
            events.clear();
            final InterfaceConfig config =
                    InterfaceConfig.of(US4 + "/24", US6 + "/64").withMac(MacAddress.parse(PEER_MAC));
            final LinkRules strict = LinkRules.DEFAULT.withDuplicateDetection(DuplicateDetection.STRICT);
            try (StackRig second = new StackRig(pools, Medium.ETHERNET, StackConfig.defaults(), strict, config)) {
                for (int i = 0; i < 20; i++) {
                    second.advance(SECOND);
                    second.sent().forEach(first::receive);
                    first.sent().forEach(second::receive);
                }
                assertEquals(AddressState.DUPLICATED, state(second, US4));
                assertEquals(AddressState.DUPLICATED, state(second, US6));
                assertEquals(AddressState.PREFERRED, state(first, US4));
                assertEquals(AddressState.PREFERRED, state(first, US6));
            }
        }
    }

    @Test
    @Origin("RFC 4862 5.5.4")
    void shouldDeprecateAndRemoveAddressesAsTheirLifetimesEnd() {
        try (StackRig rig = rig(DuplicateDetection.OFF, "10.0.0.1/8")) {
            events.clear();
            rig.net.addAddress(Cidr.parse("192.0.2.1/24"), 10 * SECOND, 20 * SECOND);
            assertEquals(IpOutput.SENT, send(rig, PEER4));
            rig.sent();
            rig.advance(10 * SECOND);
            assertEquals(AddressState.DEPRECATED, state(rig, US4));
            // Another advertisement of it, as a router might send.
            rig.net.addAddress(Cidr.parse("192.0.2.1/24"), 10 * SECOND, 20 * SECOND);
            assertEquals(AddressState.PREFERRED, state(rig, US4));
            rig.advance(10 * SECOND);
            final AddressEntry entry = rig.net.addressEntries().getLast();
            assertEquals(new AddressEntry(Cidr.parse("192.0.2.1/24"), AddressState.DEPRECATED, 0, 10 * SECOND), entry);
            rig.advance(10 * SECOND);
            assertEquals(1, rig.net.addresses().size());
            assertEquals(IpOutput.NO_ROUTE, send(rig, PEER4));
            assertEquals(
                    List.of(
                            "preferred 192.0.2.1",
                            "deprecated 192.0.2.1",
                            "preferred 192.0.2.1",
                            "deprecated 192.0.2.1",
                            "removed 192.0.2.1"),
                    events);
        }
    }

    @Test
    void shouldKeepAnAddressForGoodWhenItIsAddedAgainWithoutAnEnd() {
        try (StackRig rig = rig(DuplicateDetection.OFF, "10.0.0.1/8")) {
            rig.net.addAddress(Cidr.parse("192.0.2.1/24"), 10 * SECOND, 20 * SECOND);
            rig.net.addAddress(Cidr.parse("192.0.2.1/24"));
            rig.advance(30 * SECOND);
            final AddressEntry entry = rig.net.addressEntries().getLast();
            final Cidr<? extends IpAddress> there = Cidr.parse("192.0.2.1/24");
            assertEquals(new AddressEntry(there, AddressState.PREFERRED, Long.MAX_VALUE, Long.MAX_VALUE), entry);
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_arp_flush_after_update_ip")
    void shouldAddAndRemoveAddressesWhileItRuns() {
        try (StackRig rig = rig(DuplicateDetection.OFF, US4 + "/24")) {
            rig.net.addAddress(Cidr.parse("2001:db8::1/64"));
            assertEquals(3, rig.net.addresses().size(), "with the link-local one");
            rig.receive(arp(1, PEER_MAC, PEER4, US4));
            assertEquals(1, rig.sent().size());
            rig.net.addAddress(Cidr.parse("192.0.2.99/24"));
            assertThrows(IllegalArgumentException.class, () -> rig.net.addAddress(Cidr.parse("192.0.2.99/16")));
            assertThrows(IllegalArgumentException.class, () -> rig.net.addAddress(Cidr.parse("192.0.2.255/24")));
            assertThrows(IllegalArgumentException.class, () -> rig.net.addAddress(Cidr.parse("192.0.2.98/24"), 2, 1));
            assertTrue(rig.net.removeAddress(address(US4)));
            assertFalse(rig.net.removeAddress(address(US4)));
            rig.assertDropped(StackCounter.ARP_NOT_FOR_US, arp(1, PEER_MAC, PEER4, US4));
            // The network is still there, and what was learned of the neighbour; the new address is the source.
            assertEquals(IpOutput.SENT, send(rig, PEER4));
            final byte[] frame = rig.sentOne();
            assertArrayEquals(Bytes.mac(PEER_MAC), Arrays.copyOf(frame, 6));
            assertArrayEquals(Bytes.address("192.0.2.99"), Arrays.copyOfRange(frame, 26, 30));
            assertTrue(rig.net.removeAddress(address("192.0.2.99")));
            assertEquals(IpOutput.NO_ROUTE, send(rig, PEER4));
        }
    }

    @Test
    @Origin("RFC 4861 7.2.6")
    void shouldAnnounceAnotherMacAddress() {
        try (StackRig rig = rig(DuplicateDetection.OFF, US4 + "/24", US6 + "/64")) {
            final String mac = "02:00:00:00:00:77";
            rig.net.setMacAddress(MacAddress.parse(mac));
            final List<byte[]> frames = rig.sent();
            assertEquals(2, frames.size());
            final byte[] arp = Bytes.ethernet(ALL, mac, 0x0806, Bytes.arp(1, mac, US4, NO_MAC, US4));
            final byte[] na = Bytes.ethernet(ALL_NODES, mac, 0x86DD, na(US6, "ff02::1", US6, 0x2000_0000, mac));
            assertTrue(frames.stream().anyMatch(frame -> Arrays.equals(frame, arp)));
            assertTrue(frames.stream().anyMatch(frame -> Arrays.equals(frame, na)));
            rig.assertDropped(StackCounter.RX_OTHER_STATION, Bytes.frame(Bytes.ipv4(PEER4, US4, 1, new byte[8])));
            assertEquals(MacAddress.parse(mac), rig.net.macAddress());
            assertThrows(IllegalArgumentException.class, () -> rig.net.setMacAddress(MacAddress.parse(ALL)));
        }
    }

    /** A host that hears otherwise takes us off its list of routers (RFC 4861 section 7.2.5). */
    @Test
    @Origin("RFC 4861 7.2.4")
    void shouldSayThatItIsARouterWhenItForwards() {
        try (StackRig rig = rig(DuplicateDetection.OFF, US6 + "/64")) {
            rig.stack.forwarding(ForwardingRules.ROUTER);
            rig.receive(ns(PEER6, Bytes.linkAddress(1, PEER_MAC)));
            assertArrayEquals(
                    Bytes.ethernet(PEER_MAC, OUR_MAC, 0x86DD, na(US6, PEER6, US6, 0xE000_0000, OUR_MAC)),
                    rig.sentOne());
        }
    }

    @Test
    void shouldSurviveAListenerThatThrows() {
        try (StackRig rig = rig(DuplicateDetection.OFF, US4 + "/24")) {
            rig.net.onAddressChange(new AddressListener() {
                @Override
                public void onRemoved(final IpAddress address) {
                    throw new IllegalStateException("from a test");
                }
            });
            assertTrue(rig.net.removeAddress(address(US4)));
            assertEquals(1, rig.count(StackCounter.HANDLER_FAILURES));
            assertEquals("from a test", rig.failures.removeFirst().getMessage());
        }
    }

    @Test
    void shouldCheckNothingOnMediumsWithoutLinkAddresses() {
        try (StackRig rig = new StackRig(
                pools, Medium.IP, StackConfig.defaults(), LinkRules.DEFAULT, InterfaceConfig.of(US4 + "/24"))) {
            assertEquals(AddressState.PREFERRED, state(rig, US4));
            rig.advance(100 * SECOND);
            assertEquals(List.of(), rig.sent());
        }
    }

    private StackRig rig(final DuplicateDetection detection, final String... addresses) {
        final StackRig rig = new StackRig(
                pools,
                Medium.ETHERNET,
                StackConfig.defaults(),
                LinkRules.DEFAULT.withDuplicateDetection(detection),
                InterfaceConfig.of(addresses));
        rig.net.onAddressChange(listener);
        return rig;
    }

    private void assertGivenUp(final StackRig rig, final String us, final String peer) {
        assertEquals(AddressState.DUPLICATED, state(rig, us));
        assertEquals(List.of("duplicate " + us + " " + PEER_MAC), events);
        assertEquals(1, rig.count(StackCounter.ADDRESS_DUPLICATES));
        assertEquals(IpOutput.NO_ROUTE, send(rig, peer));
        rig.advance(100 * SECOND);
        assertEquals(List.of(), rig.sent());
    }

    /** The frame that is sent within a time of the start, in small steps. */
    private static byte[] onlyFrameWithin(final StackRig rig, final long micros) {
        return nextFrame(rig, 0, micros);
    }

    private static byte[] nextFrame(final StackRig rig, final long least, final long most) {
        final long start = rig.clock.now();
        while (true) {
            final long next = rig.stack.pollAt(rig.clock.now());
            assertTrue(next - start <= most, () -> "next at " + (next - start));
            rig.advance(Math.max(0, next - rig.clock.now()));
            final List<byte[]> frames = rig.sent();
            if (!frames.isEmpty()) {
                assertEquals(1, frames.size());
                assertTrue(rig.clock.now() - start >= least);
                return frames.getFirst();
            }
        }
    }

    private static AddressState state(final StackRig rig, final String text) {
        return rig.net.addressEntries().stream()
                .filter(entry -> entry.address().address().equals(address(text)))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private static IpAddress address(final String text) {
        return IpAddress.parse(text);
    }

    private static int send(final StackRig rig, final String peer) {
        final IpAddress to = address(peer);
        try (var socket = rig.stack.bind(new Endpoint<>(IpAddress.of(to.family(), 0, 0), 4000))) {
            return socket.send(new Endpoint<>(to, 4000), Frames.ofBytes(new byte[] {42}), 0, 1);
        }
    }

    private static byte[] arp(final int operation, final String mac, final String ip, final String target) {
        return Bytes.ethernet(ALL, PEER_MAC, 0x0806, Bytes.arp(operation, mac, ip, NO_MAC, target));
    }

    private static byte[] ns(final String src, final byte[] options) {
        final byte[] body = Bytes.join(Bytes.address(US6), options);
        final byte[] ip = Bytes.ipv6(src, OUR_GROUP, 58, Bytes.icmpv6(src, OUR_GROUP, 135, 0, 0, body));
        return Bytes.ethernet("33:33:ff:00:00:01", PEER_MAC, 0x86DD, ip);
    }

    private static byte[] na(
            final String src, final String dst, final String target, final int flags, final String mac) {
        final byte[] body = Bytes.join(Bytes.address(target), Bytes.linkAddress(2, mac));
        return Bytes.ipv6(src, dst, 58, Bytes.icmpv6(src, dst, 136, 0, flags, body));
    }
}
