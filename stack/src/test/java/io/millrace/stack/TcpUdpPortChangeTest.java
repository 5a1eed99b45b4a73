package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.tcp.Encapsulations;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.PoolWatch;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Our UDP port for TCP within UDP, changed while there are connections. */
class TcpUdpPortChangeTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final Endpoint<Ipv4Address> SERVER = new Endpoint<>(Ipv4Address.of(192, 0, 2, 1), 80);
    private static final int BEFORE = 9899;
    private static final int AFTER = 9900;
    private static final int PEERS = 4711;
    private static final int IP = 20;
    private static final int TCP = IP + 8;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private StackRig rig() {
        final TcpConfig tcp = TcpConfig.builder().udpEncapsulation(BEFORE).build();
        return new StackRig(pools, Medium.IP, StackConfig.defaults().withTcp(tcp), InterfaceConfig.of(US + "/24"));
    }

    /** A segment of the peer's to our port 80, within UDP to a port of ours. */
    private static byte[] packet(final int ours, final int from, final int flags, final int seq, final int ack) {
        final byte[] segment = new byte[20];
        ByteBuffer.wrap(segment)
                .putShort((short) from)
                .putShort((short) 80)
                .putInt(seq)
                .putInt(ack)
                .putShort((short) (5 << 12 | flags))
                .putShort((short) 60_000);
        Bytes.put16(segment, 16, Bytes.transportChecksum(PEER, US, 6, segment));
        return Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, PEERS, US, ours, segment));
    }

    /** What was sent is one segment from a port of ours; returns it. */
    private static byte[] sentFrom(final StackRig rig, final int ours, final int flags) {
        final byte[] packet = rig.sentOne();
        assertEquals(17, packet[9]);
        assertEquals(ours, Bytes.u16(packet, IP));
        assertEquals(PEERS, Bytes.u16(packet, IP + 2));
        assertEquals(flags, packet[TCP + 13]);
        return packet;
    }

    private static TcpSocket<?> open(
            final StackRig rig, final TcpListener<Ipv4Address> listener, final int ours, final int from) {
        rig.receive(packet(ours, from, SYN, 99, 0));
        final int iss = ByteBuffer.wrap(sentFrom(rig, ours, SYN | ACK)).getInt(TCP + 4);
        rig.receive(packet(ours, from, ACK, 100, iss + 1));
        return Objects.requireNonNull(listener.accept(new TcpHandler() {}));
    }

    @Test
    void shouldKeepThePortOfConnectionsThatAreOpen() {
        try (StackRig rig = rig()) {
            final TcpListener<Ipv4Address> listener = rig.stack.listen(SERVER, 4, null);
            final TcpSocket<?> first = open(rig, listener, BEFORE, 5000);
            rig.stack.tcp().encapsulations().port(AFTER);
            final TcpSocket<?> second = open(rig, listener, AFTER, 5001);
            first.shutdownOutput();
            sentFrom(rig, BEFORE, ACK | 1);
            second.shutdownOutput();
            sentFrom(rig, AFTER, ACK | 1);
        }
    }

    @Test
    void shouldRefuseWhatComesToAnotherPortThanItsConnections() {
        try (StackRig rig = rig()) {
            open(rig, rig.stack.listen(SERVER, 4, null), BEFORE, 5000);
            rig.stack.tcp().encapsulations().port(AFTER);
            rig.assertDropped(StackCounter.TCP_OTHER_ENCAPSULATION, packet(AFTER, 5000, ACK, 100, 1));
            sentFrom(rig, AFTER, RST);
        }
    }

    @Test
    void shouldBeginNothingAtThePortOfBefore() {
        try (StackRig rig = rig()) {
            final TcpListener<Ipv4Address> listener = rig.stack.listen(SERVER, 4, null);
            final TcpSocket<?> first = open(rig, listener, BEFORE, 5000);
            rig.stack.tcp().encapsulations().port(AFTER);
            rig.receive(packet(BEFORE, 5001, SYN, 99, 0));
            sentFrom(rig, BEFORE, RST | ACK);
            first.abort();
            rig.sent();
            rig.receive(packet(BEFORE, 5001, SYN, 99, 0));
            assertEquals(1, rig.sentOne()[9], "nobody has the port any more, which is for ICMP to say");
        }
    }

    @Test
    void shouldShareThePortsWithUdpSockets() {
        try (StackRig rig = rig()) {
            final Encapsulations ports = rig.stack.tcp().encapsulations();
            final TcpSocket<?> first = open(rig, rig.stack.listen(SERVER, 4, null), BEFORE, 5000);
            final Endpoint<Ipv4Address> before = new Endpoint<>(SERVER.address(), BEFORE);
            final Endpoint<Ipv4Address> after = new Endpoint<>(SERVER.address(), AFTER);
            rig.stack.bind(after);
            assertThrows(AddressInUseException.class, () -> ports.port(AFTER));
            assertEquals(BEFORE, ports.port());
            ports.port(0);
            assertThrows(AddressInUseException.class, () -> rig.stack.bind(before));
            first.abort();
            rig.sent();
            rig.stack.bind(before);
            assertThrows(IllegalArgumentException.class, () -> ports.port(65_536));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    void shouldKeepConnectionsWhenThereIsNoPortAnyMoreAndBeginNone() {
        try (StackRig rig = rig()) {
            final Encapsulations ports = rig.stack.tcp().encapsulations();
            final TcpSocket<?> first = open(rig, rig.stack.listen(SERVER, 4, null), BEFORE, 5000);
            final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.of(192, 0, 2, 2), 80);
            rig.stack.connect(peer, new TcpHandler() {}).options().opening().remoteUdpPort(PEERS);
            ports.port(0);
            sentFrom(rig, BEFORE, SYN);
            rig.receive(packet(BEFORE, 5000, ACK | 1, 100, 0x7FFF_FFFF)); // an acknowledgment of nothing is answered
            sentFrom(rig, BEFORE, ACK);
            first.shutdownOutput();
            sentFrom(rig, BEFORE, ACK | 1);
            final TcpSocket<?> late = rig.stack.connect(peer, new TcpHandler() {});
            assertThrows(
                    IllegalStateException.class, () -> late.options().opening().remoteUdpPort(PEERS));
            late.abort();
            ports.port(BEFORE);
            rig.receive(packet(BEFORE, 5001, SYN, 99, 0));
            sentFrom(rig, BEFORE, SYN | ACK);
        }
    }

    @Test
    void shouldConnectFromThePortThatIsSet() {
        try (StackRig rig = rig()) {
            rig.stack.tcp().encapsulations().port(AFTER);
            final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.of(192, 0, 2, 2), 80);
            rig.stack.connect(peer, new TcpHandler() {}).options().opening().remoteUdpPort(PEERS);
            rig.stack.tcp().encapsulations().port(BEFORE);
            final byte[] syn = rig.sentOne();
            assertEquals(AFTER, Bytes.u16(syn, IP));
        }
    }
}
