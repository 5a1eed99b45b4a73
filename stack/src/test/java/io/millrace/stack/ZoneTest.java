package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.icmp.EchoReply;
import io.millrace.stack.socket.icmp.IcmpSocket;
import io.millrace.stack.socket.icmp.PingHandler;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.ScopedAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two interfaces, left and right, at which both we and the peer have the same link-local addresses (RFC 4007). */
class ZoneTest {
    private static final String US = "fe80::1";
    private static final String PEER = "fe80::2";
    private static final MemorySegment DATA = Frames.ofBytes(new byte[] {1, 2, 3, 4});

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final Side[] sides = {new Side(), new Side()};
    private final List<Throwable> failures = new ArrayList<>();
    private PoolCache cache;
    private Stack stack;
    private long now = 1_000_000;

    @BeforeEach
    void open() {
        cache = pools.cache(pools.pool(256));
        stack = Stack.create(
                StackConfig.defaults().withEntropy(Entropy.seeded(3)).withFailures(failures::add), cache);
        stack.addInterface(
                InterfaceConfig.of(US + "/64"), new PortInfo("left", "test", Medium.IP, 0, 1500, 1), sides[0]);
        stack.addInterface(
                InterfaceConfig.of(US + "/64"), new PortInfo("right", "test", Medium.IP, 0, 1500, 1), sides[1]);
    }

    @AfterEach
    void close() {
        stack.close();
        assertEquals(List.of(), failures);
    }

    /** A socket of all zones sent it, though others have one. */
    @Test
    void shouldTellASocketOfAllZonesOfErrors() {
        stack.bind(Endpoint.parse("[fe80::1%left]:9"));
        final UdpSocket<?> all =
                stack.bind(Endpoint.parse("[fe80::1]:7"), UdpConfig.defaults().withErrors(true), null);
        receive(1, portUnreachable(7));
        assertEquals(0, stack.counters().get(StackCounter.ICMP_ERROR_NO_SOCKET));
        assertNotNull(all.takeError());
        assertNull(all.takeError());
        receive(1, portUnreachable(9));
        assertEquals(1, stack.counters().get(StackCounter.ICMP_ERROR_NO_SOCKET));
    }

    @Test
    @Origin("RFC 4007 6")
    void shouldGiveEachZoneItsOwnPorts() {
        final UdpSocket<?> left = stack.bind(Endpoint.parse("[fe80::1%left]:7"));
        final UdpSocket<?> right = stack.bind(Endpoint.parse("[fe80::1%1]:7"));
        final Endpoint<?> taken = Endpoint.parse("[fe80::1%right]:7");
        assertThrows(AddressInUseException.class, () -> stack.bind(taken));
        receive(0, udp(5000, 7));
        assertEquals(1, left.readable());
        assertEquals(0, right.readable());
        receive(1, udp(5000, 7));
        assertEquals(1, right.readable());
        right.close();
        receive(1, udp(5000, 7));
        assertEquals(1, stack.counters().get(StackCounter.UDP_NO_PORT), "the other zone's socket has it not");
        assertEquals(1, left.readable());
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1"})
    void shouldPreferTheZonesSocketToOneOfAllZones(final int side, final int ofZone) {
        final UdpSocket<?> all = stack.bind(Endpoint.parse("[fe80::1]:7"));
        final UdpSocket<?> zoned = stack.bind(Endpoint.parse("[fe80::1%" + ofZone + "]:7"));
        receive(side, udp(5000, 7));
        assertEquals(side == ofZone ? 1 : 0, zoned.readable());
        assertEquals(side == ofZone ? 0 : 1, all.readable());
    }

    @ParameterizedTest
    @CsvSource({"left, 0", "right, 1", "0, 0", "1, 1"})
    void shouldSendByTheInterfaceOfTheZone(final String zone, final int side) {
        final UdpSocket<?> bound = stack.bind(Endpoint.parse("[fe80::1%" + zone + "]:7"));
        send(bound, "[fe80::2]:9");
        assertSentOnly(side);
        send(stack.bind(Endpoint.parse("[fe80::1]:8")), "[fe80::2%" + zone + "]:9");
        assertSentOnly(side);
        final UdpSocket<?> connected =
                stack.connectUdp(Endpoint.parse("[fe80::2%" + zone + "]:9"), UdpConfig.defaults(), null);
        assertEquals(IpOutput.SENT, connected.send(DATA, 0, 4));
        assertSentOnly(side);
        send(stack.bind(Endpoint.parse("[::]:10")), "[ff02::1%" + zone + "]:9");
        assertSentOnly(side);
    }

    @Test
    void shouldReceiveFromThePeerOfTheZoneThatItIsConnectedTo() {
        final UdpSocket<?> right = stack.connectUdp(Endpoint.parse("[fe80::2%right]:9"), UdpConfig.defaults(), null);
        final int port = right.local().port();
        receive(0, udp(9, port));
        assertEquals(0, right.readable());
        receive(1, udp(9, port));
        assertEquals(1, right.readable());
        receive(0, portUnreachable(port));
        assertNull(right.takeError(), "an error from elsewhere");
        receive(1, portUnreachable(port));
        assertNotNull(right.takeError());
    }

    @Test
    @SuppressWarnings("unchecked") // both ends are IPv6
    void shouldForgetTheZoneWhenItIsDisconnected() {
        final UdpSocket<Ipv6Address> socket = stack.bind(new Endpoint<>(Ipv6Address.parse(US), 7));
        socket.connect((Endpoint<Ipv6Address>) Endpoint.parse("[fe80::2%1]:9"));
        receive(0, udp(9, 7));
        assertEquals(0, socket.readable());
        receive(1, udp(9, 7));
        assertEquals(1, socket.readable());
        socket.disconnect();
        receive(0, udp(9, 7));
        receive(1, udp(9, 7));
        assertEquals(3, socket.readable());
    }

    @Test
    @SuppressWarnings("unchecked") // both ends are IPv6
    void shouldRefuseToConnectABoundSocketToAnotherZone() {
        final UdpSocket<Ipv6Address> socket = (UdpSocket<Ipv6Address>) stack.bind(Endpoint.parse("[fe80::1%left]:7"));
        final Endpoint<Ipv6Address> peer = (Endpoint<Ipv6Address>) Endpoint.parse("[fe80::2%right]:9");
        assertThrows(IllegalArgumentException.class, () -> socket.connect(peer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[fe80::1%middle]:7", "[fe80::1%2]:7", "[fe80::3%left]:7"})
    void shouldRefuseAZoneThatIsNotThereOrHasNoSuchAddress(final String local) {
        final Endpoint<?> endpoint = Endpoint.parse(local);
        assertThrows(IllegalArgumentException.class, () -> stack.bind(endpoint));
    }

    @Test
    void shouldBindToAGroupInAZone() {
        final UdpSocket<?> left = stack.bind(Endpoint.parse("[ff02::1%left]:7"));
        final UdpSocket<?> both = stack.bind(Endpoint.parse("[ff02::1]:7"));
        final byte[] packet = Bytes.ipv6(PEER, "ff02::1", 17, Bytes.udp(PEER, 9, "ff02::1", 7, new byte[4]));
        receive(0, packet);
        receive(1, packet);
        assertEquals(1, left.readable());
        assertEquals(2, both.readable());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldAskForEchoesByTheInterfaceOfTheZone(final int side) {
        final List<Integer> replies = new ArrayList<>();
        try (PingSocket<IpAddress> ping =
                stack.ping(ScopedAddress.parse("fe80::2%" + sides[side].name()), new PingHandler() {
                    @Override
                    public void onReply(final PingSocket<?> socket, final EchoReply reply) {
                        replies.add(reply.interfaceIndex());
                    }

                    @Override
                    public void onError(final PingSocket<?> socket, final IcmpErrorRepr error) {
                        replies.add(-1);
                    }
                })) {
            assertEquals(IpOutput.SENT, ping.send(1, DATA, 0, 4));
            assertSentOnly(side);
            final byte[] echo = Bytes.icmpv6(PEER, US, 129, 0, ping.identifier() << 16 | 1, new byte[4]);
            receive(1 - side, Bytes.ipv6(PEER, US, 58, echo));
            assertEquals(List.of(), replies);
            receive(side, Bytes.ipv6(PEER, US, 58, echo));
            assertEquals(List.of(side), replies);
        }
    }

    @Test
    void shouldLimitIcmpSocketsToAZone() {
        final IcmpSocket<IpAddress> echo = stack.bindEcho(ScopedAddress.parse("fe80::1%right"), 7, null);
        final IcmpSocket<?> errors = stack.bindErrors(17, Endpoint.parse("[fe80::1%right]:7"), null);
        for (int side = 0; side < 2; side++) {
            receive(side, Bytes.ipv6(PEER, US, 58, Bytes.icmpv6(PEER, US, 129, 0, 7 << 16 | 1, new byte[4])));
            receive(side, portUnreachable(7));
            assertEquals(side, echo.readable());
            assertEquals(side, errors.readable());
        }
        final MemorySegment message = Frames.ofBytes(Bytes.icmpv6(US, PEER, 128, 0, 7 << 16 | 1, new byte[4]));
        assertEquals(IpOutput.SENT, echo.send(IpAddress.parse(PEER), message, 0, 12));
        assertSentOnly(1);
    }

    @Test
    void shouldLimitRawSocketsToAZone() {
        final RawSocket raw = stack.openRaw(6, 253, null);
        raw.zone("right");
        assertEquals(1, raw.zone());
        receive(0, Bytes.ipv6(PEER, US, 253, new byte[8]));
        assertEquals(0, raw.readable());
        sides[0].sent.clear(); // it was told that nobody there serves the protocol
        receive(1, Bytes.ipv6(PEER, US, 253, new byte[8]));
        assertEquals(1, raw.readable());
        final byte[] packet = Bytes.ipv6(US, PEER, 253, new byte[8]);
        assertEquals(IpOutput.SENT, raw.send(Frames.ofBytes(packet), 0, packet.length));
        assertSentOnly(1);
        assertThrows(IllegalArgumentException.class, () -> raw.zone("middle"));
        raw.zone("");
        receive(0, Bytes.ipv6(PEER, US, 253, new byte[8]));
        assertEquals(2, raw.readable());
    }

    /** What is ours at one interface is somebody else's at the other. */
    @Test
    @Origin("RFC 4007 9")
    void shouldTalkToANeighbourThatHasOurOtherInterfacesAddress() {
        stack.interfaces().get(1).addAddress(Cidr.parse("fe80::5/64"));
        final UdpSocket<?> socket = stack.bind(
                Endpoint.parse("[fe80::1%left]:7"),
                (mine, datagram) -> assertEquals(IpOutput.SENT, datagram.reply(datagram.length())));
        final byte[] datagram = Bytes.udp("fe80::5", 9, US, 7, new byte[4]);
        receive(0, Bytes.ipv6("fe80::5", US, 17, datagram));
        final byte[] answer = assertSentOnly(0);
        assertArrayEquals(Bytes.address("fe80::5"), Arrays.copyOfRange(answer, 24, 40));
        assertFalse(socket.local().zone().isEmpty());
    }

    private void send(final UdpSocket<?> socket, final String to) {
        sendTo(socket, Endpoint.parse(to));
    }

    @SuppressWarnings("unchecked") // both are IPv6
    private static void sendTo(final UdpSocket<?> socket, final Endpoint<?> to) {
        assertEquals(IpOutput.SENT, ((UdpSocket<IpAddress>) socket).send((Endpoint<IpAddress>) to, DATA, 0, 4));
    }

    private byte[] assertSentOnly(final int side) {
        stack.poll(++now);
        assertEquals(1, sides[side].sent.size());
        assertTrue(sides[1 - side].sent.isEmpty());
        return sides[side].sent.removeFirst();
    }

    private void receive(final int side, final byte[] packet) {
        sides[side].pending.put(cache, packet);
        stack.poll(++now);
    }

    private static byte[] udp(final int from, final int to) {
        return Bytes.ipv6(PEER, US, 17, Bytes.udp(PEER, from, US, to, new byte[4]));
    }

    /** Says that nobody serves the port 9 that a datagram from {@code port} went to. */
    private static byte[] portUnreachable(final int port) {
        final byte[] quoted = Bytes.ipv6(US, PEER, 17, Bytes.udp(US, port, PEER, 9, new byte[4]));
        return Bytes.ipv6(PEER, US, 58, Bytes.icmpv6(PEER, US, 1, 4, 0, quoted));
    }

    private final class Side implements PortQueue {
        private final List<byte[]> sent = new ArrayList<>();
        private final PendingFrame pending = new PendingFrame();

        private String name() {
            return this == sides[0] ? "left" : "right";
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return pending.receive(handles);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            for (int i = from; i < from + count; i++) {
                sent.add(Frames.bytes(cache.pool(), handles[i]));
                cache.free(handles[i]);
            }
            return count;
        }
    }
}
