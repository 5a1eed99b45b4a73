package io.millrace.stack;

import static io.millrace.stack.FragmentPackets.fragment;
import static io.millrace.stack.FragmentPackets.fragmentFrom;
import static io.millrace.stack.FragmentPackets.peer;
import static io.millrace.stack.FragmentPackets.split;
import static io.millrace.stack.FragmentPackets.us;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.iface.fragment.ReassemblyLimits;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes in fragments, on a medium without link headers: both families, which must not differ. */
final class ReassemblyTest {
    private static final int PORT = 7;
    private static final int UDP = 17;
    private static final int TIMEOUT_V4 = 30_000_000;
    private static final int TIMEOUT_V6 = 60_000_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<byte[]> received = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("smoltcp:iface::fragmentation::packet_assembler_assemble")
    @Origin("smoltcp:iface::interface::tests::ipv4::test_raw_socket_rx_fragmentation")
    void shouldDeliverFragmentsInOrder(final boolean v4) {
        try (StackRig rig = rig(v4)) {
            final byte[] payload = payload(3000, 1);
            receive(rig, split(v4, 1, UDP, datagram(v4, payload), 1400));
            assertReceived(payload);
            assertEquals(3, rig.count(StackCounter.FRAGMENTS_RECEIVED));
            assertEquals(1, rig.count(StackCounter.REASSEMBLED));
            assertNothingHeld(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("smoltcp:iface::fragmentation::packet_assembler_out_of_order_assemble")
    void shouldDeliverFragmentsInReverseOrder(final boolean v4) {
        try (StackRig rig = rig(v4)) {
            final byte[] payload = payload(3000, 1);
            receive(rig, split(v4, 1, UDP, datagram(v4, payload), 504).reversed());
            assertReceived(payload);
            assertNothingHeld(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("smoltcp:iface::fragmentation::packet_assembler_set_assembling_many")
    @Origin("smoltcp:iface::fragmentation::packet_assembler_set")
    void shouldPutAnySplitAndOrderTogetherAgain(final boolean v4) {
        try (StackRig rig = rig(v4)) {
            final Random random = new Random(8);
            for (int round = 0; round < 300; round++) {
                // Several datagrams at once, their fragments mixed, some of them twice.
                final List<byte[]> all = new ArrayList<>();
                final List<byte[]> payloads = new ArrayList<>();
                for (int i = 0; i <= random.nextInt(4); i++) {
                    final byte[] payload = payload(1 + random.nextInt(4000), random.nextInt());
                    payloads.add(payload);
                    final int size = 8 * (20 + random.nextInt(160));
                    all.addAll(split(v4, 4 * round + i, UDP, datagram(v4, payload), size));
                }
                Collections.shuffle(all, random);
                receive(rig, all);
                assertEquals(payloads.size(), received.size());
                payloads.forEach(payload -> assertEquals(
                        1,
                        received.stream().filter(r -> Arrays.equals(r, payload)).count()));
                received.clear();
            }
            assertNothingHeld(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 8200 4.5")
    void shouldIgnoreExactDuplicates(final boolean v4) {
        try (StackRig rig = rig(v4)) {
            final byte[] payload = payload(3000, 1);
            final List<byte[]> fragments = split(v4, 1, UDP, datagram(v4, payload), 1400);
            rig.receive(fragments.get(0));
            rig.assertDropped(StackCounter.FRAGMENT_DUPLICATE, fragments.get(0));
            rig.receive(fragments.get(2));
            rig.assertDropped(StackCounter.FRAGMENT_DUPLICATE, fragments.get(2));
            rig.assertDropped(StackCounter.FRAGMENT_DUPLICATE, fragments.get(0));
            rig.receive(fragments.get(1));
            assertReceived(payload);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 5722 4")
    @Origin("smoltcp:iface::fragmentation::packet_assembler_overlap")
    void shouldDropDatagramWithOverlapAndAllThatComesOfIt(final boolean v4) {
        // smoltcp accepts overlaps; nobody should.
        final int[][] overlaps = {{0, 16}, {8, 16}, {16, 24}, {24, 16}, {8, 40}, {40, 16}, {0, 96}};
        final byte[] datagram = datagram(v4, payload(120, 1));
        for (final int[] overlap : overlaps) {
            try (StackRig rig = rig(v4)) {
                // 16-32 and 40-48 are there.
                rig.receive(part(v4, datagram, 16, 16));
                rig.receive(part(v4, datagram, 40, 8));
                rig.assertDropped(StackCounter.FRAGMENT_OVERLAP, part(v4, datagram, overlap[0], overlap[1] + 8));
                rig.assertDropped(StackCounter.FRAGMENT_OF_DROPPED, part(v4, datagram, 0, 16));
                rig.assertDropped(StackCounter.FRAGMENT_OF_DROPPED, part(v4, datagram, 32, 8));
                rig.assertDropped(StackCounter.FRAGMENT_OF_DROPPED, part(v4, datagram, 48, 80));
                assertEquals(0, rig.stack.bytesInReassembly());
                rig.advance(TIMEOUT_V6);
                assertEquals(List.of(), rig.sent());
                assertEquals(List.of(), received);
                receive(rig, split(v4, 1, UDP, datagram, 64));
                assertEquals(1, received.size());
                received.clear();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDropDatagramWhoseFragmentsContradictEachOtherAboutItsEnd(final boolean v4) {
        final byte[] datagram = datagram(v4, payload(120, 1));
        final byte[] last = fragment(v4, 1, UDP, 48, false, Arrays.copyOfRange(datagram, 48, 60));
        try (StackRig rig = rig(v4)) {
            rig.receive(part(v4, datagram, 64, 16));
            rig.assertDropped(StackCounter.FRAGMENT_CONTRADICTION, last);
        }
        try (StackRig rig = rig(v4)) {
            rig.receive(last);
            rig.assertDropped(StackCounter.FRAGMENT_CONTRADICTION, part(v4, datagram, 64, 16));
        }
        try (StackRig rig = rig(v4)) {
            rig.receive(last);
            rig.assertDropped(
                    StackCounter.FRAGMENT_CONTRADICTION,
                    fragment(v4, 1, UDP, 64, false, Arrays.copyOfRange(datagram, 64, 70)));
        }
        try (StackRig rig = rig(v4)) {
            rig.receive(part(v4, datagram, 48, 16));
            rig.assertDropped(
                    StackCounter.FRAGMENT_CONTRADICTION,
                    fragment(v4, 1, UDP, 48, false, Arrays.copyOfRange(datagram, 48, 64)));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 1122 3.3.2")
    @Origin("RFC 8200 4.5")
    void shouldTellSenderThatTimeIsOverIfTheFirstFragmentCame(final boolean v4) {
        try (StackRig rig = rig(v4)) {
            final int timeout = v4 ? TIMEOUT_V4 : TIMEOUT_V6;
            final byte[] first = part(v4, datagram(v4, payload(120, 1)), 0, 64);
            rig.receive(first);
            assertEquals(rig.clock.now() + timeout, rig.stack.pollAt(rig.clock.now()));
            rig.advance(timeout - 1);
            assertEquals(List.of(), rig.sent());
            rig.advance(1);
            final byte[] error = rig.sentOne();
            final byte[] message =
                    v4 ? Bytes.icmpv4(11, 1, 0, first) : Bytes.icmpv6(us(false), peer(false), 3, 1, 0, first);
            assertArrayEquals(message, Bytes.from(error, v4 ? 20 : 40));
            assertEquals(1, rig.count(StackCounter.REASSEMBLY_TIMEOUTS));
            assertNothingHeld(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldBeSilentWhenTimeIsOverWithoutFirstFragment(final boolean v4) {
        try (StackRig rig = rig(v4)) {
            rig.receive(part(v4, datagram(v4, payload(120, 1)), 64, 64));
            rig.advance(TIMEOUT_V6);
            assertEquals(List.of(), rig.sent());
            assertEquals(1, rig.count(StackCounter.REASSEMBLY_TIMEOUTS));
            assertNothingHeld(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("smoltcp:iface::fragmentation::packet_assembler_set_full")
    void shouldLetTheOldestDatagramGiveWay(final boolean v4) {
        final ReassemblyLimits limits = new ReassemblyLimits(1 << 18, 1 << 17, 8, 64);
        final StackConfig config = StackConfig.defaults().withFragments(4, limits);
        try (StackRig rig = rig(v4, config)) {
            final byte[] datagram = datagram(v4, payload(120, 1));
            for (int i = 0; i < 20; i++) {
                rig.receive(fragmentFrom(
                        v4 ? "192.0.2." + (10 + i) : "2001:db8:" + (i + 1) + "::1",
                        us(v4),
                        1,
                        UDP,
                        64,
                        false,
                        Arrays.copyOfRange(datagram, 64, 128)));
            }
            assertEquals(12, rig.count(StackCounter.REASSEMBLY_EVICTIONS));
            // One source has a quarter at most, so it takes no more from others than that.
            for (int i = 0; i < 50; i++) {
                rig.receive(fragment(v4, 100 + i, UDP, 64, true, new byte[64]));
            }
            assertEquals(12 + 2 + 48, rig.count(StackCounter.REASSEMBLY_EVICTIONS));
            for (int i = 19; i > 13; i--) {
                rig.receive(fragmentFrom(
                        v4 ? "192.0.2." + (10 + i) : "2001:db8:" + (i + 1) + "::1",
                        us(v4),
                        1,
                        UDP,
                        0,
                        true,
                        Arrays.copyOf(datagram, 64)));
            }
            assertEquals(6, rig.count(StackCounter.REASSEMBLED));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldBoundMemoryOfOneSource(final boolean v4) {
        final ReassemblyLimits limits = new ReassemblyLimits(1 << 18, 1 << 16, 1024, 64);
        try (StackRig rig = rig(v4, StackConfig.defaults().withFragments(4, limits))) {
            for (int i = 0; i < 200; i++) {
                rig.receive(fragment(v4, i, UDP, 8, true, new byte[1024]));
                assertFalse(rig.stack.bytesInReassembly() > 1 << 16);
            }
            assertEquals(200 - 64, rig.count(StackCounter.REASSEMBLY_EVICTIONS));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldBoundFragmentsOfOneDatagram(final boolean v4) {
        final ReassemblyLimits limits = new ReassemblyLimits(1 << 20, 1 << 19, 1024, 64);
        try (StackRig rig = rig(v4, StackConfig.defaults().withFragments(4, limits))) {
            for (int i = 0; i < 64; i++) {
                rig.receive(fragment(v4, 1, UDP, 16 * (i + 1), true, new byte[8]));
            }
            rig.assertDropped(StackCounter.FRAGMENT_TOO_MANY, fragment(v4, 1, UDP, 8, true, new byte[8]));
            rig.assertDropped(StackCounter.FRAGMENT_OF_DROPPED, fragment(v4, 1, UDP, 0, true, new byte[8]));
        }
    }

    @Test
    @Origin("RFC 791 3.2")
    void shouldDropIpv4FragmentsOfImpossibleLength() {
        try (StackRig rig = rig(true)) {
            rig.assertDropped(StackCounter.FRAGMENT_BAD_LENGTH, fragment(true, 1, UDP, 0, true, new byte[12]));
            rig.assertDropped(StackCounter.FRAGMENT_BAD_LENGTH, fragment(true, 1, UDP, 8, false, new byte[0]));
            // The ping of death.
            rig.assertDropped(StackCounter.FRAGMENT_TOO_LONG, fragment(true, 1, 1, 65_528, false, new byte[8]));
            rig.assertDropped(StackCounter.FRAGMENT_TINY, fragment(true, 1, 6, 8, false, new byte[40]));
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    void shouldDropIpv4DatagramThatIsTooLongWithItsOptions() {
        try (StackRig rig = rig(true)) {
            for (int at = 1400; at < 65_400; at += 1000) {
                rig.receive(fragment(true, 1, UDP, at, true, new byte[1000]));
            }
            rig.receive(fragment(true, 1, UDP, 65_400, false, new byte[110]));
            final byte[] options = {1, 1, 1, 1, 1, 1, 1, 1};
            final byte[] first = Bytes.ipv4(peer(true), us(true), UDP, options, new byte[1400]);
            Bytes.put16(first, 4, 1);
            Bytes.put16(first, 6, 0x2000);
            rig.assertDropped(StackCounter.FRAGMENT_TOO_LONG, Bytes.sealIpv4(first));
            assertNothingHeld(rig);
        }
    }

    @Test
    @Origin("RFC 8200 4.5")
    void shouldTellSenderOfIpv6FragmentsOfImpossibleLength() {
        try (StackRig rig = rig(false)) {
            final byte[] uneven = fragment(false, 1, UDP, 0, true, new byte[12]);
            rig.assertDropped(StackCounter.FRAGMENT_BAD_LENGTH, uneven);
            assertProblem(rig, 0, 4, uneven);
            final byte[] beyond = fragment(false, 1, UDP, 65_528, false, new byte[8]);
            rig.assertDropped(StackCounter.FRAGMENT_TOO_LONG, beyond);
            assertProblem(rig, 0, 42, beyond);
            // No ICMPv6 error is that long, so this is of none, whatever it begins with.
            final byte[] message = fragment(false, 1, 58, 65_528, false, new byte[8]);
            rig.assertDropped(StackCounter.FRAGMENT_TOO_LONG, message);
            assertProblem(rig, 0, 42, message);
            rig.assertDropped(StackCounter.FRAGMENT_BAD_LENGTH, fragment(false, 1, UDP, 8, false, new byte[0]));
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    @Origin("RFC 7112 5")
    void shouldDropFirstFragmentWithoutAllHeaders() {
        try (StackRig rig = rig(false)) {
            final byte[] options = Bytes.hex("11 00 01 04 00 00 00 00");
            final byte[] first = fragment(false, 1, 60, 0, true, options);
            rig.assertDropped(StackCounter.FRAGMENT_HEADERS_MISSING, first);
            assertProblem(rig, 3, 0, first);
            // What follows might be an ICMP error, about which none is sent.
            rig.assertDropped(
                    StackCounter.FRAGMENT_HEADERS_MISSING, fragment(false, 1, 60, 0, true, Bytes.with(options, 0, 60)));
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    @Origin("RFC 8200 4.5")
    void shouldTakeAllHeadersInFrontOfTheFragmentHeaderFromTheFirstFragment() {
        try (StackRig rig = rig(false)) {
            final byte[] payload = payload(200, 1);
            final byte[] udp = datagram(false, payload);
            final byte[] hopByHop = Bytes.hex("2c 00 01 04 00 00 00 00");
            final byte[] destination = Bytes.hex("11 00 01 04 00 00 00 00");
            final byte[] fragmentable = Bytes.join(destination, udp);
            for (int at = 0; at < fragmentable.length; at += 120) {
                final int end = Math.min(fragmentable.length, at + 120);
                final byte[] header = FragmentPackets.header(9, 60, at, end < fragmentable.length);
                final byte[] part = Arrays.copyOfRange(fragmentable, at, end);
                rig.receive(Bytes.ipv6(peer(false), us(false), 0, Bytes.join(hopByHop, header, part)));
            }
            assertReceived(payload);
        }
    }

    @Test
    void shouldDropNestedFragments() {
        try (StackRig rig = rig(false)) {
            final byte[] inner = Bytes.join(FragmentPackets.header(2, UDP, 0, true), datagram(false, payload(64, 1)));
            final List<byte[]> fragments = split(false, 1, 44, inner, 40);
            rig.receive(fragments.get(0));
            rig.assertDropped(StackCounter.FRAGMENT_NESTED, fragments.get(1));
            final byte[] twice = Bytes.join(FragmentPackets.header(2, 44, 0, false), inner);
            rig.assertDropped(StackCounter.FRAGMENT_NESTED, Bytes.ipv6(peer(false), us(false), 44, twice));
            assertNothingHeld(rig);
        }
    }

    @Test
    @Origin("RFC 6980 5")
    void shouldDropNeighborDiscoveryInFragments() {
        try (StackRig rig = new StackRig(pools, us(false) + "/64")) {
            final byte[] target = Bytes.address(us(false));
            final byte[] message = Bytes.icmpv6(
                    peer(false), us(false), 135, 0, 0, Bytes.join(target, Bytes.linkAddress(1, "02:00:00:00:00:02")));
            final List<byte[]> fragments = split(false, 1, 58, message, 16);
            rig.receive(Bytes.frame(fragments.get(0)));
            rig.assertDropped(StackCounter.NDP_FRAGMENTED, Bytes.frame(fragments.get(1)));
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    @Origin("RFC 3168 5.3")
    void shouldKeepCongestionMarksAndDropImpossibleOnes() {
        try (StackRig rig = rig(true)) {
            final byte[] datagram = datagram(true, payload(120, 1));
            rig.receive(marked(part(true, datagram, 0, 64), 2));
            rig.receive(marked(fragment(true, 1, UDP, 64, false, Bytes.from(datagram, 64)), 3));
            assertEquals(1, received.size());
            rig.receive(marked(part(true, datagram, 0, 64), 2));
            rig.receive(marked(fragment(true, 1, UDP, 64, false, Bytes.from(datagram, 64)), 0));
            assertEquals(2, received.size(), "no mark is lost");
            rig.receive(marked(part(true, datagram, 0, 64), 0));
            rig.assertDropped(
                    StackCounter.FRAGMENT_ECN, marked(fragment(true, 1, UDP, 64, false, Bytes.from(datagram, 64)), 3));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCheckWhatWasPutTogetherLikeEveryPacket(final boolean v4) {
        try (StackRig rig = rig(v4)) {
            final byte[] bad = datagram(v4, payload(120, 1));
            bad[100] ^= 1;
            final List<byte[]> fragments = split(v4, 1, UDP, bad, 64);
            rig.receive(fragments.get(0));
            rig.assertDropped(StackCounter.UDP_BAD_CHECKSUM, fragments.get(1));
            final byte[] nobody = Bytes.udp(peer(v4), 1, us(v4), 99, payload(3000, 1));
            receive(rig, split(v4, 2, UDP, nobody, 1400));
            assertEquals(1, rig.count(StackCounter.UDP_NO_PORT));
            final byte[] error = rig.sentOne();
            assertEquals(v4 ? 576 : 1280, error.length, "as much as fits of the whole datagram");
            final byte[] quoted = Bytes.from(error, v4 ? 48 : 88);
            assertArrayEquals(Arrays.copyOf(nobody, quoted.length), quoted);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldAnswerTheLongestPing(final boolean v4) {
        try (StackRig rig = rig(v4)) {
            final byte[] data = payload(65_507, 1);
            final byte[] request = v4
                    ? Bytes.icmpv4(8, 0, 0x12340001, data)
                    : Bytes.icmpv6(peer(v4), us(v4), 128, 0, 0x12340001, data);
            receive(rig, split(v4, 1, v4 ? 1 : 58, request, 1440));
            final List<byte[]> sent = rig.sent();
            byte[] reply = new byte[0];
            for (final byte[] fragment : sent) {
                assertEquals(
                        v4 ? reply.length / 8 : reply.length,
                        Bytes.u16(fragment, v4 ? 6 : 42) & (v4 ? 0x1FFF : 0xFFF8));
                reply = Bytes.join(reply, Bytes.from(fragment, v4 ? 20 : 48));
            }
            assertArrayEquals(
                    v4
                            ? Bytes.icmpv4(0, 0, 0x12340001, data)
                            : Bytes.icmpv6(us(v4), peer(v4), 129, 0, 0x12340001, data),
                    reply);
            assertNothingHeld(rig);
        }
    }

    private StackRig rig(final boolean v4) {
        return rig(v4, StackConfig.defaults());
    }

    private StackRig rig(final boolean v4, final StackConfig config) {
        final StackRig rig = new StackRig(pools, Medium.IP, config, InterfaceConfig.of(us(v4) + (v4 ? "/24" : "/64")));
        final UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(IpAddress.parse(us(v4)), PORT));
        socket.handler((from, datagram) ->
                received.add(Frames.bytes(datagram.memory(), datagram.offset(), datagram.length())));
        return rig;
    }

    private void assertReceived(final byte[] payload) {
        assertEquals(1, received.size());
        assertArrayEquals(payload, received.getFirst());
    }

    private static void assertNothingHeld(final StackRig rig) {
        assertEquals(0, rig.stack.bytesInReassembly());
    }

    private static void assertProblem(final StackRig rig, final int code, final int pointer, final byte[] packet) {
        final byte[] quote = Arrays.copyOf(packet, Math.min(packet.length, 1232));
        assertArrayEquals(Bytes.icmpv6(us(false), peer(false), 4, code, pointer, quote), Bytes.from(rig.sentOne(), 40));
    }

    private static void receive(final StackRig rig, final List<byte[]> packets) {
        packets.forEach(rig::receive);
    }

    private static byte[] datagram(final boolean v4, final byte[] payload) {
        return Bytes.udp(peer(v4), 1234, us(v4), PORT, payload);
    }

    /** A fragment that is not the last. */
    private static byte[] part(final boolean v4, final byte[] datagram, final int place, final int length) {
        return fragment(v4, 1, UDP, place, true, Arrays.copyOfRange(datagram, place, place + length));
    }

    private static byte[] marked(final byte[] packet, final int ecn) {
        return Bytes.sealIpv4(Bytes.with(packet, 1, ecn));
    }

    private static byte[] payload(final int length, final int seed) {
        final byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
