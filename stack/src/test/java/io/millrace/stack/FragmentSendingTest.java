package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams that are longer than the MTU or a buffer of the pool: how they leave, on a medium without link headers. */
final class FragmentSendingTest {
    private static final String US4 = "192.0.2.1";
    private static final String PEER4 = "192.0.2.2";
    private static final String US6 = "2001:db8::1";
    private static final String PEER6 = "2001:db8::2";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @ValueSource(ints = {1473, 2000, 2952, 2953, 9000, 65_507})
    @Origin("RFC 791 3.2")
    void shouldSendLongDatagramInFragmentsOverIpv4(final int length) {
        try (StackRig rig = rig(1500)) {
            final byte[] payload = payload(length);
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 1234));
            final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.parse(PEER4), 9);
            assertEquals(IpOutput.SENT, socket.send(peer, Frames.ofBytes(payload), 0, length));
            final List<byte[]> fragments = rig.sent();
            assertEquals((8 + length + 1479) / 1480, fragments.size());
            assertEquals(fragments.size(), rig.count(StackCounter.TX_FRAGMENTS));
            assertArrayEquals(Bytes.udp(US4, 1234, PEER4, 9, payload), join4(fragments));
        }
    }

    @Test
    @Origin("RFC 6864 4.1")
    void shouldNumberWhatRoutersMayFragment() {
        try (StackRig rig = rig(1500)) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 1234));
            final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.parse(PEER4), 9);
            socket.send(peer, Frames.ofBytes(payload(8)), 0, 8);
            final byte[] atomic = rig.sent().getFirst();
            assertEquals(0x4000, Bytes.u16(atomic, 6), "DF");
            assertEquals(0, Bytes.u16(atomic, 4));
            socket.settings().routersMayFragment(true);
            socket.send(peer, Frames.ofBytes(payload(8)), 0, 8);
            socket.send(peer, Frames.ofBytes(payload(8)), 0, 8);
            final List<byte[]> numbered = rig.sent();
            assertEquals(0, Bytes.u16(numbered.get(0), 6));
            assertNotEquals(Bytes.u16(numbered.get(0), 4), Bytes.u16(numbered.get(1), 4));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1453, 2000, 2896, 2897, 9000, 65_527})
    @Origin("RFC 8200 4.5")
    void shouldSendLongDatagramInFragmentsOverIpv6(final int length) {
        try (StackRig rig = rig(1500)) {
            final byte[] payload = payload(length);
            final UdpSocket<Ipv6Address> socket = rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 1234));
            final Endpoint<Ipv6Address> peer = new Endpoint<>(Ipv6Address.parse(PEER6), 9);
            assertEquals(IpOutput.SENT, socket.send(peer, Frames.ofBytes(payload), 0, length));
            final List<byte[]> fragments = rig.sent();
            assertEquals((8 + length + 1447) / 1448, fragments.size());
            assertArrayEquals(Bytes.udp(US6, 1234, PEER6, 9, payload), join6(fragments));
        }
    }

    @Test
    void shouldSendInFragmentsOfAnyMtu() {
        final byte[] payload = payload(3000);
        for (int mtu = 68; mtu <= 1500; mtu += 31) {
            try (StackRig rig = new StackRig(
                    pools,
                    Medium.IP,
                    StackConfig.defaults(),
                    InterfaceConfig.of(US4 + "/24").withMtu(mtu))) {
                final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 1234));
                final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.parse(PEER4), 9);
                assertEquals(IpOutput.SENT, socket.send(peer, Frames.ofBytes(payload), 0, payload.length));
                final List<byte[]> fragments = rig.sent();
                for (final byte[] fragment : fragments) {
                    assertTrue(fragment.length <= mtu);
                }
                assertArrayEquals(Bytes.udp(US4, 1234, PEER4, 9, payload), join4(fragments));
            }
        }
    }

    @Test
    @Origin("RFC 6864 4")
    void shouldMarkWholeDatagramsOnlyAsNotToBeFragmented() {
        try (StackRig rig = rig(1500)) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 1234));
            final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.parse(PEER4), 9);
            final MemorySegment payload = Frames.ofBytes(payload(3000));
            socket.send(peer, payload, 0, 1472);
            final byte[] whole = rig.sentOne();
            assertEquals(0, Bytes.u16(whole, 4));
            assertEquals(0x4000, Bytes.u16(whole, 6));
            socket.send(peer, payload, 0, 3000);
            final int first = Bytes.u16(rig.sent().getFirst(), 4);
            socket.send(peer, payload, 0, 3000);
            assertNotEquals(first, Bytes.u16(rig.sent().getFirst(), 4));
        }
    }

    @Test
    void shouldRefuseWhatIsLongerThanIpAllows() {
        try (StackRig rig = rig(1500)) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 1234));
            final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.parse(PEER4), 9);
            assertEquals(IpOutput.TOO_BIG, socket.send(peer, Frames.ofBytes(payload(65_508)), 0, 65_508));
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    void shouldSendNothingIfTheTransmitQueueHasNoRoomForAllFragments() {
        try (StackRig rig = rig(1500)) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 1234));
            final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.parse(PEER4), 9);
            final MemorySegment payload = Frames.ofBytes(payload(65_507));
            rig.portRoom = 0;
            int sent = 0;
            int result = IpOutput.SENT;
            while (result == IpOutput.SENT) {
                result = socket.send(peer, payload, 0, 65_507);
                sent += result == IpOutput.SENT ? 1 : 0;
            }
            assertEquals(IpOutput.BUSY, result);
            assertTrue(sent > 1, "several datagrams in flight: " + sent);
            rig.portRoom = Integer.MAX_VALUE;
            final List<byte[]> fragments = rig.sent();
            assertEquals(45 * sent, fragments.size());
            for (int i = 0; i < sent; i++) {
                assertEquals(8 + 65_507, join4(fragments.subList(45 * i, 45 * i + 45)).length);
            }
        }
    }

    @Test
    void shouldSendNothingIfThePoolHasNoBuffersForAllFragments() {
        try (StackRig rig = rig(1500)) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 1234));
            final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.parse(PEER4), 9);
            final MemorySegment payload = Frames.ofBytes(payload(65_507));
            final List<Long> taken = new ArrayList<>();
            for (long h = rig.cache.allocate(); h != PacketPool.NONE; h = rig.cache.allocate()) {
                taken.add(h);
            }
            for (int i = 0; i < 44; i++) {
                rig.cache.free(taken.removeLast());
            }
            assertEquals(IpOutput.BUSY, socket.send(peer, payload, 0, 65_507));
            assertEquals(1, rig.count(StackCounter.TX_NO_FRAGMENT_BUFFERS));
            rig.cache.free(taken.removeLast());
            assertEquals(IpOutput.SENT, socket.send(peer, payload, 0, 65_507));
            assertEquals(45, rig.sent().size());
            taken.forEach(rig.cache::free);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {US4, US6})
    void shouldDeliverLongDatagramToOurselvesWhole(final String us) {
        try (StackRig rig = rig(1500)) {
            final int length = us.equals(US4) ? 65_507 : 65_527;
            final byte[] payload = payload(length);
            final IpAddress address = IpAddress.parse(us);
            final UdpSocket<IpAddress> server = rig.stack.bind(new Endpoint<>(address, 7));
            final UdpSocket<IpAddress> client = rig.stack.bind(new Endpoint<>(address, 0));
            assertEquals(IpOutput.SENT, client.send(server.local(), Frames.ofBytes(payload), 0, length));
            rig.advance(1);
            final UdpDatagram datagram = Objects.requireNonNull(server.receive());
            assertArrayEquals(payload, Frames.bytes(datagram.memory(), datagram.offset(), datagram.length()));
            assertEquals(IpOutput.SENT, datagram.reply(length));
            rig.advance(1);
            final UdpDatagram reply = Objects.requireNonNull(client.receive());
            assertArrayEquals(payload, Frames.bytes(reply.memory(), reply.offset(), reply.length()));
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    void shouldSendShortAnswerInPlaceOfLongDatagram() {
        try (StackRig rig = rig(1500)) {
            final Ipv4Address us = Ipv4Address.parse(US4);
            final UdpSocket<Ipv4Address> server = rig.stack.bind(new Endpoint<>(us, 7));
            final UdpSocket<Ipv4Address> client = rig.stack.bind(new Endpoint<>(us, 0));
            client.send(server.local(), Frames.ofBytes(payload(5000)), 0, 5000);
            rig.advance(1);
            Objects.requireNonNull(server.receive()).reply(5);
            rig.advance(1);
            assertEquals(5, Objects.requireNonNull(client.receive()).length());
        }
    }

    private StackRig rig(final int mtu) {
        return new StackRig(
                pools,
                Medium.IP,
                StackConfig.defaults(),
                InterfaceConfig.of(US4 + "/24", US6 + "/64").withMtu(mtu));
    }

    private static byte[] payload(final int length) {
        final byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** What IPv4 fragments in order make, their headers checked. */
    private static byte[] join4(final List<byte[]> fragments) {
        byte[] whole = new byte[0];
        for (int i = 0; i < fragments.size(); i++) {
            final byte[] fragment = fragments.get(i);
            final boolean more = i < fragments.size() - 1;
            assertEquals(0x45, fragment[0]);
            assertEquals(fragment.length, Bytes.u16(fragment, 2));
            assertEquals(Bytes.u16(fragments.getFirst(), 4), Bytes.u16(fragment, 4));
            assertEquals((more ? 0x2000 : 0) | whole.length / 8, Bytes.u16(fragment, 6));
            assertEquals(0, Bytes.checksum(Arrays.copyOf(fragment, 20)));
            whole = Bytes.join(whole, Bytes.from(fragment, 20));
        }
        return whole;
    }

    /** What IPv6 fragments in order make, their headers checked. */
    private static byte[] join6(final List<byte[]> fragments) {
        byte[] whole = new byte[0];
        for (int i = 0; i < fragments.size(); i++) {
            final byte[] fragment = fragments.get(i);
            final boolean more = i < fragments.size() - 1;
            assertEquals(fragment.length - 40, Bytes.u16(fragment, 4));
            assertEquals(44, fragment[6]);
            assertEquals(17 << 8, Bytes.u16(fragment, 40));
            assertEquals((more ? 1 : 0) | whole.length, Bytes.u16(fragment, 42));
            assertEquals(Bytes.u16(fragments.getFirst(), 44), Bytes.u16(fragment, 44));
            assertEquals(Bytes.u16(fragments.getFirst(), 46), Bytes.u16(fragment, 46));
            whole = Bytes.join(whole, Bytes.from(fragment, 48));
        }
        return whole;
    }
}
