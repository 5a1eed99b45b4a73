package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which flow labels packets over IPv6 carry, and who says so. */
final class FlowLabelTest {
    private static final String US = "2001:db8::1";
    private static final String PEER = "2001:db8::2";
    private static final MemorySegment DATA = Frames.ofBytes(new byte[4000]);
    private static final int SYN = 2;
    private static final int SYN_ACK = 0x12;
    private static final int ACK = 0x10;
    private static final int THEIR_LABEL = 0x1_2345;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    @Origin("RFC 6437 3.0")
    void shouldLabelAllPacketsOfAFlowAlikeAndThoseOfAnotherOtherwise() {
        try (StackRig rig = rig(true)) {
            final UdpSocket<Ipv6Address> first = rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 1000));
            final UdpSocket<Ipv6Address> second = rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 1001));
            final int label = send(rig, first, PEER, 9, 1);
            assertNotEquals(0, label);
            assertEquals(label, send(rig, first, PEER, 9, 1000), "whatever is in it");
            assertNotEquals(label, send(rig, first, PEER, 10, 1), "to another port");
            assertNotEquals(label, send(rig, first, "2001:db8::3", 9, 1), "to another host");
            assertNotEquals(label, send(rig, second, PEER, 9, 1), "from another port");
            assertNotEquals(label, send(rig, second, PEER, 1000, 1), "ports that sum up alike");
        }
    }

    @Test
    @Origin("RFC 6437 2.0")
    void shouldLabelAllFragmentsOfADatagramAlike() {
        try (StackRig rig = rig(true)) {
            final UdpSocket<Ipv6Address> socket = rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 1000));
            final int label = send(rig, socket, PEER, 9, 1);
            socket.send(new Endpoint<>(Ipv6Address.parse(PEER), 9), DATA, 0, 4000);
            final List<byte[]> fragments = rig.sent();
            assertEquals(3, fragments.size());
            fragments.forEach(fragment -> assertEquals(label, label(fragment)));
        }
    }

    @Test
    @Origin("RFC 6437 3.0")
    void shouldSpreadLabelsEvenly() {
        try (StackRig rig = rig(true)) {
            final UdpSocket<Ipv6Address> socket = rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 1000));
            final Set<Integer> labels = new HashSet<>();
            final int[] set = new int[20];
            final int flows = 4096;
            for (int port = 1; port <= flows; port++) {
                final int label = send(rig, socket, PEER, port, 1);
                labels.add(label);
                for (int bit = 0; bit < 20; bit++) {
                    set[bit] += label >>> bit & 1;
                }
            }
            // 8 are expected to be the label of another flow; half of the flows to have each bit, give or take 32.
            assertTrue(labels.size() > flows - 30, () -> flows - labels.size() + " of " + flows);
            for (final int count : set) {
                assertTrue(Math.abs(count - flows / 2) < 6 * 32, () -> "a bit in " + count + " of " + flows);
            }
        }
    }

    @Test
    @Origin("RFC 6437 3.0")
    void shouldLabelAConnectionFromItsFirstSegmentToTheReset() {
        try (StackRig rig = rig(true)) {
            final TcpSocket<Ipv6Address> socket = connect(rig, 80);
            final byte[] syn = rig.sentOne();
            final int label = label(syn);
            assertNotEquals(0, label);
            accept(rig, syn, 80);
            assertEquals(label, label(rig.sentOne()), "the acknowledgment");
            assertEquals(3000, socket.send(DATA, 0, 3000));
            rig.advance(1000);
            final List<byte[]> segments = rig.sent();
            assertEquals(3, segments.size());
            segments.forEach(segment -> assertEquals(label, label(segment)));
            socket.abort();
            assertEquals(label, label(rig.sentOne()), "the reset");
            rig.receive(segment(80, Bytes.u16(syn, 40), 1, 1, ACK));
            assertEquals(label, label(rig.sentOne()), "a reset for what comes after that");
            connect(rig, 81);
            assertNotEquals(label, label(rig.sentOne()), "another connection");
        }
    }

    @Test
    void shouldLabelTheAnswerToASyn() {
        try (StackRig rig = rig(true)) {
            rig.stack.listen(new Endpoint<>(Ipv6Address.UNSPECIFIED, 80), 1, new TcpHandler() {});
            rig.receive(segment(1000, 80, 1, 0, SYN));
            final int label = label(rig.sentOne());
            assertNotEquals(0, label);
            rig.receive(segment(1001, 80, 1, 0, SYN));
            assertNotEquals(label, label(rig.sentOne()));
        }
    }

    @Test
    @Origin("RFC 6437 3.0")
    void shouldLabelEchoesByTheirIdentifierAndNotReflectLabels() {
        try (StackRig rig = rig(true)) {
            rig.receive(echo(1));
            final int label = label(rig.sentOne());
            assertNotEquals(0, label);
            assertNotEquals(THEIR_LABEL, label);
            rig.receive(echo(1));
            assertEquals(label, label(rig.sentOne()));
            rig.receive(echo(2));
            assertNotEquals(label, label(rig.sentOne()));
            final PingSocket<Ipv6Address> ping = rig.stack.ping(Ipv6Address.parse(PEER), (s, r) -> {});
            ping.send(1, DATA, 0, 56);
            final int request = label(rig.sentOne());
            assertNotEquals(0, request);
            ping.send(2, DATA, 0, 100);
            assertEquals(request, label(rig.sentOne()));
        }
    }

    @Test
    void shouldLabelErrors() {
        try (StackRig rig = rig(true)) {
            rig.receive(labelled(Bytes.ipv6(PEER, US, 17, Bytes.udp(PEER, 25, US, 53, new byte[6]))));
            final byte[] error = rig.sentOne();
            assertEquals(58, error[6]);
            assertNotEquals(0, label(error));
            assertNotEquals(THEIR_LABEL, label(error));
        }
    }

    @Test
    void shouldNotLabelNeighbourDiscovery() {
        try (StackRig rig = new StackRig(pools, US + "/64")) {
            final UdpSocket<Ipv6Address> socket = rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 1000));
            socket.send(new Endpoint<>(Ipv6Address.parse(PEER), 9), DATA, 0, 1);
            final byte[] solicitation = Bytes.from(rig.sentOne(), 14);
            assertEquals(58, solicitation[6]);
            assertEquals(0, label(solicitation));
        }
    }

    @Test
    void shouldLabelNothingWhenTheStackIsToldSo() {
        try (StackRig rig = rig(false)) {
            final UdpSocket<Ipv6Address> socket = rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 1000));
            assertEquals(0, send(rig, socket, PEER, 9, 1));
            connect(rig, 80);
            assertEquals(0, label(rig.sentOne()));
            rig.receive(echo(1));
            assertEquals(0, label(rig.sentOne()));
            socket.settings().flowLabel(7);
            assertEquals(7, send(rig, socket, PEER, 9, 1), "but what a socket asks for");
        }
    }

    @Test
    void shouldSendTheLabelThatASocketAsksFor() {
        try (StackRig rig = rig(true)) {
            final UdpSocket<Ipv6Address> socket = rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 1000));
            assertEquals(IpRepr.AUTO_FLOW_LABEL, socket.settings().flowLabel());
            socket.settings().flowLabel(0xF_FFFF);
            assertEquals(0xF_FFFF, socket.settings().flowLabel());
            assertEquals(0xF_FFFF, send(rig, socket, PEER, 9, 1));
            final SendOptions options = new SendOptions();
            options.flowLabel = 5;
            final Ipv6Address peer = Ipv6Address.parse(PEER);
            socket.send(peer.hi(), peer.lo(), 9, DATA, 0, 1, options);
            assertEquals(5, label(rig.sentOne()));
            socket.send(peer.hi(), peer.lo(), 9, DATA, 0, 1, options.clear());
            assertEquals(0xF_FFFF, label(rig.sentOne()));
            socket.settings().flowLabel(0);
            assertEquals(0, send(rig, socket, PEER, 9, 1));

            final TcpSocket<Ipv6Address> connection = connect(rig, 80);
            connection.options().flowLabel(6);
            assertEquals(6, connection.options().flowLabel());
            final byte[] syn = rig.sentOne();
            assertEquals(6, label(syn));
            accept(rig, syn, 80);
            assertEquals(6, label(rig.sentOne()));
        }
    }

    @Test
    void shouldHandOnTheLabelOfAListener() {
        try (StackRig rig = rig(true)) {
            rig.stack
                    .listen(new Endpoint<>(Ipv6Address.UNSPECIFIED, 80), 1, new TcpHandler() {})
                    .options()
                    .flowLabel(6);
            rig.receive(segment(1000, 80, 1, 0, SYN));
            final byte[] answer = rig.sentOne();
            assertEquals(6, label(answer));
            final int next = ByteBuffer.wrap(answer).getInt(44) + 1;
            rig.receive(segment(1000, 80, 2, next, ACK, new byte[10]));
            rig.advance(1_000_000);
            assertEquals(6, label(rig.sentOne()), "what the connection acknowledges");
        }
    }

    @Test
    void shouldLeaveLabelsOfRawPacketsAlone() {
        try (StackRig rig = rig(true);
                RawSocket socket = rig.stack.openRaw(6, 99, null)) {
            final byte[] packet = Bytes.ipv6(US, PEER, 99, new byte[10]);
            assertEquals(IpOutput.SENT, socket.send(Frames.ofBytes(packet), 0, packet.length));
            assertEquals(0, label(rig.sentOne()));
            socket.send(Frames.ofBytes(labelled(packet)), 0, packet.length);
            assertEquals(THEIR_LABEL, label(rig.sentOne()));
        }
    }

    @Test
    void shouldTellTheLabelOfWhatWasReceived() {
        try (StackRig rig = new StackRig(
                pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of("192.0.2.1/24", US + "/64"))) {
            final UdpSocket<Ipv6Address> socket = rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 53));
            final RawSocket raw = rig.stack.openRaw(RawSocket.ANY, 17, null);
            rig.receive(labelled(Bytes.ipv6(PEER, US, 17, Bytes.udp(PEER, 25, US, 53, new byte[6]))));
            final UdpDatagram datagram = socket.receive();
            assertNotNull(datagram);
            assertEquals(THEIR_LABEL, datagram.flowLabel());
            assertEquals(THEIR_LABEL, Objects.requireNonNull(raw.receive()).flowLabel());
            rig.receive(
                    Bytes.ipv4("192.0.2.2", "192.0.2.1", 17, Bytes.udp("192.0.2.2", 25, "192.0.2.1", 53, new byte[6])));
            assertEquals(0, Objects.requireNonNull(raw.receive()).flowLabel());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, 0x10_0000})
    void shouldRefuseWhatIsNoLabel(final int label) {
        final SendOptions options = new SendOptions();
        options.flowLabel = label;
        assertThrows(IllegalArgumentException.class, options::check);
        assertThrows(IllegalArgumentException.class, () -> new SocketSettings().flowLabel(label));
        try (StackRig rig = rig(true)) {
            final TcpSocket<Ipv6Address> connection = connect(rig, 80);
            assertThrows(
                    IllegalArgumentException.class, () -> connection.options().flowLabel(label));
        }
    }

    private StackRig rig(final boolean labels) {
        final StackConfig config = StackConfig.defaults().withFlowLabels(labels);
        return new StackRig(pools, Medium.IP, config, InterfaceConfig.of(US + "/64"));
    }

    private static int send(
            final StackRig rig,
            final UdpSocket<Ipv6Address> socket,
            final String to,
            final int port,
            final int length) {
        assertEquals(IpOutput.SENT, socket.send(new Endpoint<>(Ipv6Address.parse(to), port), DATA, 0, length));
        return label(rig.sentOne());
    }

    private static TcpSocket<Ipv6Address> connect(final StackRig rig, final int port) {
        return rig.stack.connect(new Endpoint<>(Ipv6Address.parse(PEER), port), new TcpHandler() {});
    }

    private static void accept(final StackRig rig, final byte[] syn, final int port) {
        final int next = ByteBuffer.wrap(syn).getInt(44) + 1;
        rig.receive(segment(port, Bytes.u16(syn, 40), 1, next, SYN_ACK));
    }

    private static byte[] segment(
            final int from, final int to, final int seq, final int ack, final int flags, final byte... data) {
        final byte[] segment = ByteBuffer.allocate(20 + data.length)
                .putShort((short) from)
                .putShort((short) to)
                .putInt(seq)
                .putInt(ack)
                .putShort((short) (5 << 12 | flags))
                .putShort((short) 0x7FFF)
                .putInt(0)
                .put(data)
                .array();
        Bytes.put16(segment, 16, Bytes.transportChecksum(PEER, US, 6, segment));
        return labelled(Bytes.ipv6(PEER, US, 6, segment));
    }

    private static byte[] echo(final int identifier) {
        return labelled(Bytes.ipv6(PEER, US, 58, Bytes.icmpv6(PEER, US, 128, 0, identifier << 16, new byte[8])));
    }

    private static byte[] labelled(final byte[] ipv6) {
        final byte[] packet = ipv6.clone();
        ByteBuffer.wrap(packet).putInt(0, 6 << 28 | THEIR_LABEL);
        return packet;
    }

    private static int label(final byte[] ipv6) {
        return ByteBuffer.wrap(ipv6).getInt() & 0xF_FFFF;
    }
}
