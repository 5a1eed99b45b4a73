package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PingUdpTest {
    private static final MemorySegment HELLO = Frames.ofBytes("hello, world".getBytes(StandardCharsets.US_ASCII));
    private static final int HELLO_LENGTH = (int) HELLO.byteSize();

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @ValueSource(strings = {TwoStacks.B4, TwoStacks.B6, "fe80::ff:fe00:b", "ff02::1"})
    void shouldAnswerPing(final String target) {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT.withLatency(100))) {
            assertEquals(List.of(1, 2, 3), ping(net, net.a, IpAddress.parse(target)));
            assertEquals(3, net.b.counters().get(StackCounter.ECHO_REPLIES_SENT));
            assertEquals(0, net.a.counters().drops());
            assertEquals(0, net.b.counters().drops());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TwoStacks.A4, TwoStacks.A6})
    void shouldAnswerPingTheOtherWay(final String target) {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT)) {
            assertEquals(List.of(1, 2, 3), ping(net, net.b, IpAddress.parse(target)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TwoStacks.A4, TwoStacks.A6})
    void shouldAnswerPingToItselfWithoutTouchingThePort(final String target) {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT)) {
            assertEquals(List.of(1, 2, 3), ping(net, net.a, IpAddress.parse(target)));
            assertEquals(0, net.a.counters().get(StackCounter.TX_PACKETS));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TwoStacks.B4, TwoStacks.B6})
    void shouldAnswerPingOnAMediumWithoutLinkAddresses(final String target) {
        try (TwoStacks net = new TwoStacks(pools, Medium.IP, 1500, WireConditions.PERFECT, StackConfig.defaults())) {
            assertEquals(List.of(1, 2, 3), ping(net, net.a, IpAddress.parse(target)));
            assertEquals(0, net.a.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT));
        }
    }

    @ParameterizedTest
    @CsvSource({TwoStacks.B4 + ", 0.0.0.0", TwoStacks.B4 + "," + TwoStacks.B4, TwoStacks.B6 + ", ::"})
    void shouldEchoDatagramsInPlace(final String target, final String bound) {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT.withLatency(10))) {
            net.b.bind(new Endpoint<>(IpAddress.parse(bound), 7), (socket, datagram) -> {
                assertEquals(IpOutput.SENT, datagram.reply(datagram.length()));
            });
            final List<byte[]> received = new ArrayList<>();
            final IpAddress remote = IpAddress.parse(target);
            final IpAddress any = IpAddress.of(remote.family(), 0, 0);
            final UdpSocket<IpAddress> client = net.a.bind(new Endpoint<>(any, 0), (socket, datagram) -> {
                assertEquals(new Endpoint<>(remote, 7), datagram.source());
                received.add(Frames.bytes(datagram.memory(), datagram.offset(), datagram.length()));
            });
            assertTrue(client.local().port() >= 49_152);
            assertEquals(IpOutput.SENT, client.send(new Endpoint<>(remote, 7), HELLO, 0, HELLO_LENGTH));
            assertEquals(IpOutput.SENT, client.send(new Endpoint<>(remote, 7), HELLO, 0, 0));
            net.runUntil(() -> received.size() == 2, 1);
            assertArrayEquals(Frames.bytes(HELLO, 0, HELLO_LENGTH), received.get(0));
            assertEquals(0, received.get(1).length);
        }
    }

    @Test
    void shouldQueueDatagramsForASocketWithoutHandler() {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT)) {
            final UdpSocket<Ipv4Address> server = net.b.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 9));
            final UdpSocket<Ipv4Address> client = net.a.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0));
            final Endpoint<Ipv4Address> remote = new Endpoint<>(Ipv4Address.parse(TwoStacks.B4), 9);
            assertNull(server.receive());
            for (int i = 0; i < 100; i++) {
                final long handle = client.allocate();
                client.memory(handle).set(ValueLayout.JAVA_BYTE, client.payloadOffset(handle), (byte) i);
                client.send(handle, remote.address().hi(), remote.address().lo(), remote.port(), 1);
                net.runFor(10);
            }
            assertEquals(64, server.readable());
            assertEquals(36, net.b.counters().get(StackCounter.UDP_QUEUE_FULL));
            for (int i = 0; i < 64; i++) {
                final UdpDatagram datagram = server.receive();
                assertNotNull(datagram);
                assertEquals(i, Frames.bytes(datagram.memory(), datagram.offset(), datagram.length())[0]);
                assertEquals(client.local().port(), datagram.sourcePort());
            }
            assertNull(server.receive());
            client.send(remote, HELLO, 0, HELLO_LENGTH);
            net.runFor(10);
            // What still waits is freed with the stack.
            assertEquals(1, server.readable());
        }
    }

    @Test
    void shouldDropAfterThreeRequestsWhenTheNeighborIsSilent() {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT)) {
            final UdpSocket<Ipv4Address> client = net.a.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0));
            final Endpoint<Ipv4Address> silent = new Endpoint<>(Ipv4Address.parse("192.0.2.77"), 9);
            assertEquals(IpOutput.SENT, client.send(silent, HELLO, 0, HELLO_LENGTH));
            net.runFor(2_900_000);
            assertEquals(3, net.a.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT));
            assertEquals(0, net.a.counters().get(StackCounter.NEIGHBOR_UNREACHABLE));
            net.runFor(200_000);
            assertEquals(1, net.a.counters().get(StackCounter.NEIGHBOR_UNREACHABLE));
            // The next one asks again, no sooner than a second after the last request.
            client.send(silent, HELLO, 0, HELLO_LENGTH);
            assertEquals(4, net.a.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT));
            client.send(silent, HELLO, 0, HELLO_LENGTH);
            net.runFor(800_000);
            assertEquals(4, net.a.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT));
            net.runFor(2_200_000);
            assertEquals(6, net.a.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT));
            assertEquals(3, net.a.counters().get(StackCounter.NEIGHBOR_UNREACHABLE));
        }
    }

    @Test
    void shouldSendNothingWhereNoRouteLeads() {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT)) {
            final UdpSocket<Ipv4Address> client = net.a.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0));
            final Endpoint<Ipv4Address> far = new Endpoint<>(Ipv4Address.parse("198.51.100.1"), 9);
            assertEquals(IpOutput.NO_ROUTE, client.send(far, HELLO, 0, HELLO_LENGTH));
            assertEquals(IpOutput.NO_ROUTE, client.send(0, 0, 9, HELLO, 0, HELLO_LENGTH));
            assertEquals(2, net.a.counters().get(StackCounter.TX_NO_ROUTE));
        }
    }

    @Test
    void shouldRefuseWhatIsLargerThanTheMtuIfToldNotToFragment() {
        try (TwoStacks net =
                new TwoStacks(pools, Medium.ETHERNET, 1280, WireConditions.PERFECT, StackConfig.defaults())) {
            final UdpSocket<Ipv4Address> client = net.a.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0));
            final Endpoint<Ipv4Address> remote = new Endpoint<>(Ipv4Address.parse(TwoStacks.B4), 9);
            final MemorySegment large = Frames.ofBytes(new byte[1280 - 27]);
            client.settings().dontFragment(true);
            assertEquals(IpOutput.TOO_BIG, client.send(remote, large, 0, 1280 - 27));
            assertEquals(IpOutput.SENT, client.send(remote, large, 0, 1280 - 28));
        }
    }

    @Test
    void shouldFormLinkLocalAddressFromMacAddress() {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT)) {
            assertEquals(
                    new Cidr<>(Ipv6Address.parse("fe80::ff:fe00:a"), 64),
                    net.interfaceA.addresses().getLast());
        }
    }

    private static List<Integer> ping(final TwoStacks net, final Stack from, final IpAddress target) {
        final List<Integer> answered = new ArrayList<>();
        try (PingSocket<IpAddress> socket = from.ping(target, (s, reply) -> {
            assertArrayEquals(
                    Frames.bytes(HELLO, 0, HELLO_LENGTH), Frames.bytes(reply.memory(), reply.offset(), reply.length()));
            assertEquals(64, reply.hopLimit());
            answered.add(reply.sequence());
        })) {
            for (int sequence = 1; sequence <= 3; sequence++) {
                final int wanted = sequence;
                assertEquals(IpOutput.SENT, socket.send(sequence, HELLO, 0, HELLO_LENGTH));
                net.runUntil(() -> answered.size() == wanted, 1);
            }
        }
        return answered;
    }

    /** So that a packet that is not there is not taken for one. */
    @Test
    void shouldHaveNoPacketWhenThePoolIsEmpty() {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT)) {
            final UdpSocket<Ipv4Address> client = net.a.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0));
            final List<Long> taken = new ArrayList<>();
            long handle = client.allocate();
            while (handle != PacketPool.NONE) {
                taken.add(handle);
                handle = client.allocate();
            }
            final Endpoint<Ipv4Address> remote = new Endpoint<>(Ipv4Address.parse(TwoStacks.B4), 9);
            assertEquals(IpOutput.BUSY, client.send(remote, HELLO, 0, HELLO_LENGTH));
            taken.forEach(client::free);
        }
    }
}
