package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.raw.RawPacket;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sockets for whole IP packets. */
class RawSocketTest {
    private static final String US = "10.0.0.1";
    private static final String PEER = "10.0.0.2";
    private static final String US6 = "2001:db8::1";
    private static final String PEER6 = "2001:db8::2";
    private static final int PROTOCOL = 63;
    private static final byte[] DATA = Bytes.hex("AA0000FF");

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    @Origin("smoltcp:socket::raw::ipv4::test_send_dispatch")
    void shouldSendAPacketWithItsHeaderCompleted() {
        try (StackRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(4, PROTOCOL, null);
            final byte[] packet = Bytes.hex("45000000 00004000 403F0000 0A000001 0A000002 AA0000FF");
            assertEquals(IpOutput.SENT, send(socket, packet));
            final byte[] whole = Bytes.hex("45000018 00004000 403F0000 0A000001 0A000002 AA0000FF");
            assertArrayEquals(Bytes.sealIpv4(whole), rig.sentOne());
            // A source of zeros is filled in, as on Linux.
            Arrays.fill(packet, 12, 16, (byte) 0);
            assertEquals(IpOutput.SENT, send(socket, packet));
            assertArrayEquals(whole, rig.sentOne());
        }
    }

    @Test
    @Origin("smoltcp:socket::raw::ipv6::test_send_dispatch")
    void shouldSendOverIpv6WhateverFollowsTheHeader() {
        try (StackRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(6, PROTOCOL, null);
            final byte[] packet = Bytes.ipv6(US6, PEER6, PROTOCOL, DATA);
            final byte[] whole = packet.clone();
            Bytes.put16(packet, 4, 0);
            assertEquals(IpOutput.SENT, send(socket, packet));
            assertArrayEquals(whole, rig.sentOne());
            final byte[] extended = Bytes.ipv6(US6, PEER6, 60, Bytes.join(Bytes.hex("3F00 010400000000"), DATA));
            assertEquals(IpOutput.SENT, send(socket, extended));
            assertArrayEquals(extended, rig.sentOne());
        }
    }

    /** In smoltcp these vanish without a word; here the caller is told. */
    @Test
    @Origin("smoltcp:socket::raw::test_send_illegal")
    @Origin("smoltcp:socket::raw::ipv4::test_send_truncated")
    @Origin("smoltcp:socket::raw::ipv6::test_send_truncated")
    void shouldRefuseWhatIsNotItsOwn() {
        try (StackRig rig = rig()) {
            final RawSocket v4 = rig.stack.openRaw(4, PROTOCOL, null);
            final RawSocket v6 = rig.stack.openRaw(6, PROTOCOL, null);
            final byte[] packet = Bytes.ipv4(US, PEER, PROTOCOL, DATA);
            final byte[] packet6 = Bytes.ipv6(US6, PEER6, PROTOCOL, DATA);
            final List<byte[]> illegal = List.of(
                    Bytes.with(packet, 0, 0x65),
                    Bytes.with(packet, 9, 6),
                    Bytes.with(packet, 0, 0x44),
                    Bytes.with(packet, 0, 0x47),
                    Arrays.copyOf(packet, 19),
                    new byte[56],
                    packet6);
            for (final byte[] bytes : illegal) {
                assertEquals(IpOutput.NOT_PERMITTED, send(v4, bytes));
            }
            final List<byte[]> illegal6 = List.of(
                    Bytes.with(packet6, 0, 0x40),
                    Bytes.with(packet6, 6, 6),
                    Bytes.with(packet6, 6, 60),
                    Arrays.copyOf(packet6, 39),
                    packet);
            for (final byte[] bytes : illegal6) {
                assertEquals(IpOutput.NOT_PERMITTED, send(v6, bytes));
            }
            assertEquals(illegal.size() + illegal6.size(), rig.count(StackCounter.TX_NOT_PERMITTED));
            assertTrue(rig.sent().isEmpty());
            v4.close();
            v4.close();
            assertEquals(IpOutput.NO_ROUTE, send(v4, packet));
        }
    }

    @Test
    void shouldSendFromAStrangerWhenPermittedOnly() {
        try (StackRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(RawSocket.ANY, RawSocket.ANY, null);
            final byte[] packet = Bytes.ipv4("10.0.0.9", PEER, PROTOCOL, DATA);
            assertEquals(IpOutput.NOT_PERMITTED, send(socket, packet));
            socket.foreignSources(true);
            assertEquals(IpOutput.SENT, send(socket, packet));
            assertArrayEquals(packet, rig.sentOne());
            assertEquals(IpOutput.NO_ROUTE, send(socket, Bytes.ipv4(US, "192.0.2.1", PROTOCOL, DATA)));
            assertEquals(IpOutput.NOT_PERMITTED, send(socket, Bytes.ipv4(US, "10.0.0.255", PROTOCOL, DATA)));
            socket.settings().broadcast(true);
            assertEquals(IpOutput.SENT, send(socket, Bytes.ipv4(US, "10.0.0.255", PROTOCOL, DATA)));
        }
    }

    @Test
    @Origin("smoltcp:socket::raw::test_unfiltered_sends_all")
    void shouldSendEveryProtocolWhenUnfiltered() {
        try (StackRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(RawSocket.ANY, RawSocket.ANY, null);
            final List<byte[]> all = List.of(
                    Bytes.ipv4(US, PEER, PROTOCOL, DATA),
                    Bytes.ipv4(US, PEER, 17, Bytes.udp(US, 1, PEER, 2, DATA)),
                    Bytes.ipv6(US6, PEER6, PROTOCOL, DATA));
            for (final byte[] packet : all) {
                assertEquals(IpOutput.SENT, send(socket, packet));
                assertArrayEquals(packet, rig.sentOne());
            }
        }
    }

    @Test
    @Origin("smoltcp:socket::raw::test_recv_process")
    void shouldReceiveWholePackets() {
        try (StackRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(4, PROTOCOL, null);
            socket.queueLimits(1, 100);
            assertNull(socket.receive());
            final byte[] packet = Bytes.ipv4(PEER, US, PROTOCOL, Bytes.hex("01010101"), DATA);
            rig.receive(packet);
            rig.assertDropped(StackCounter.RAW_QUEUE_FULL, packet);
            assertEquals(1, socket.readable());
            final RawPacket received = socket.receive();
            assertNotNull(received);
            assertArrayEquals(packet, Frames.bytes(received.memory(), received.offset(), received.length()));
            assertEquals(4, received.family());
            assertEquals(PROTOCOL, received.protocol());
            assertEquals(4, received.payloadLength());
            assertEquals(24, received.payloadOffset() - received.offset());
            assertEquals(IpAddress.parse(PEER), received.source());
            assertEquals(IpAddress.parse(US), received.destination());
            assertEquals(64, received.hopLimit());
            assertEquals(0, received.trafficClass());
            assertEquals(0, received.interfaceIndex());
            assertEquals(rig.clock.now(), received.timestamp());
            assertNull(socket.receive());
            assertTrue(rig.sent().isEmpty(), "nothing is unreachable");
        }
    }

    @Test
    void shouldKeepAPacketWhenWhoeverIsToldOfItThrows() {
        try (StackRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(4, PROTOCOL, null);
            final RuntimeException bug = new UnsupportedOperationException("a bug of the application");
            socket.onWaiting(() -> {
                throw bug;
            });
            rig.receive(Bytes.ipv4(PEER, US, PROTOCOL, DATA));
            assertEquals(1, rig.count(StackCounter.HANDLER_FAILURES));
            assertEquals(0, rig.count(StackCounter.RX_FAILED));
            assertEquals(1, socket.readable());
            rig.failures.clear();
        }
    }

    @Test
    @Origin("smoltcp:socket::raw::test_peek_process")
    @Origin("smoltcp:socket::raw::ipv4::test_peek_truncated_slice")
    @Origin("smoltcp:socket::raw::ipv4::test_recv_truncated_slice")
    @Origin("smoltcp:socket::raw::ipv6::test_peek_truncated_slice")
    @Origin("smoltcp:socket::raw::ipv6::test_recv_truncated_slice")
    void shouldPeekAndCopyWhatFits() {
        for (final boolean v6 : new boolean[] {false, true}) {
            try (StackRig rig = rig()) {
                final RawSocket socket = rig.stack.openRaw(v6 ? 6 : 4, PROTOCOL, null);
                assertNull(socket.peek());
                final byte[] packet =
                        v6 ? Bytes.ipv6(PEER6, US6, PROTOCOL, DATA) : Bytes.ipv4(PEER, US, PROTOCOL, DATA);
                rig.receive(packet);
                final MemorySegment room = Frames.ofBytes(new byte[4]);
                for (int i = 0; i < 3; i++) {
                    final RawPacket next = i < 2 ? socket.peek() : socket.receive();
                    assertNotNull(next);
                    assertEquals(4, next.copyTo(room, 0, 4));
                    assertArrayEquals(Arrays.copyOf(packet, 4), Frames.bytes(room, 0, 4));
                }
                assertNull(socket.peek());
                assertNull(socket.receive());
            }
        }
    }

    @Test
    @Origin("smoltcp:socket::raw::ipv4::test_recv_truncated_packet")
    @Origin("smoltcp:socket::raw::ipv6::test_recv_truncated_packet")
    void shouldNotReceiveTheLinksPadding() {
        try (StackRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(RawSocket.ANY, PROTOCOL, null);
            rig.receive(Arrays.copyOf(Bytes.ipv4(PEER, US, PROTOCOL, DATA), 128));
            rig.receive(Arrays.copyOf(Bytes.ipv6(PEER6, US6, PROTOCOL, DATA), 128));
            final RawPacket first = socket.receive();
            assertNotNull(first);
            assertEquals(24, first.length());
            final RawPacket second = socket.receive();
            assertNotNull(second);
            assertEquals(44, second.length());
        }
    }

    @Test
    @Origin("smoltcp:socket::raw::test_doesnt_accept_wrong_proto")
    @Origin("smoltcp:socket::raw::test_unfiltered_accepts_all")
    void shouldReceiveWhatFitsItsFilters() {
        try (StackRig rig = rig()) {
            final List<String> told = new ArrayList<>();
            for (final int version : new int[] {4, 6, RawSocket.ANY}) {
                for (final int protocol : new int[] {PROTOCOL, 1, 58, RawSocket.ANY}) {
                    rig.stack.openRaw(
                            version,
                            protocol,
                            (socket, packet) -> told.add(socket.version() + "/" + socket.protocol()));
                }
            }
            rig.receive(Bytes.ipv4(PEER, US, PROTOCOL, DATA));
            assertEquals(List.of("4/63", "4/-1", "-1/63", "-1/-1"), told);
            told.clear();
            rig.receive(Bytes.ipv6(PEER6, US6, 60, Bytes.join(Bytes.hex("3F00 010400000000"), DATA)));
            assertEquals(List.of("6/63", "6/-1", "-1/63", "-1/-1"), told);
            assertThrows(IllegalArgumentException.class, () -> rig.stack.openRaw(5, 1, null));
            assertThrows(IllegalArgumentException.class, () -> rig.stack.openRaw(4, 256, null));
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_raw_socket_no_reply_udp")
    @Origin("smoltcp:iface::interface::tests::ipv4::test_raw_socket_no_reply_tcp")
    void shouldNotTellThatNobodyServesWhatARawSocketHas() {
        try (StackRig rig = rig()) {
            final byte[] datagram = Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 67, US, 68, DATA));
            final byte[] segment = tcp(80);
            rig.receive(datagram);
            rig.receive(segment);
            assertEquals(2, rig.sent().size(), "port unreachable and a reset");
            final RawSocket udp = rig.stack.openRaw(4, 17, null);
            final RawSocket tcp = rig.stack.openRaw(4, 6, null);
            rig.receive(datagram);
            rig.receive(segment);
            assertTrue(rig.sent().isEmpty());
            assertEquals(1, udp.readable());
            assertEquals(1, tcp.readable());
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_raw_socket_with_udp_socket")
    void shouldLeaveToOtherSocketsWhatIsTheirs() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 68));
            rig.stack.listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, 80), 1, new IdleTcpHandler());
            final RawSocket raw = rig.stack.openRaw(RawSocket.ANY, RawSocket.ANY, null);
            rig.receive(Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 67, US, 68, DATA)));
            rig.receive(tcp(80));
            rig.receive(Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(8, 0, 1, DATA)));
            assertEquals(1, socket.readable());
            assertEquals(3, raw.readable());
            assertEquals(2, rig.sent().size(), "a SYN-ACK and an echo reply");
        }
    }

    /**
     * It is whole however long, since it never left: the solicitation would be answered to a station that asked
     * nothing.
     */
    @Test
    void shouldNotDiscoverNeighborsInWhatComesFromItself() {
        try (StackRig rig = new StackRig(pools, US6 + "/64")) {
            final RawSocket socket = rig.stack.openRaw(6, 58, (its, packet) -> {});
            final byte[] solicitation = Bytes.join(
                    Bytes.hex("87000000 00000000"), Bytes.address(US6), Bytes.hex("0eff" + "00".repeat(2038)));
            final byte[] packet = Bytes.with(Bytes.ipv6(US6, US6, 58, solicitation), 7, 255);
            Bytes.put16(packet, 42, Bytes.transportChecksum(US6, US6, 58, solicitation));
            assertEquals(IpOutput.SENT, socket.send(Frames.ofBytes(packet), 0, packet.length));
            rig.stack.poll(rig.clock.now());
            assertTrue(rig.sent().isEmpty());
            assertEquals(1, rig.count(StackCounter.NDP_UNHANDLED));
            assertEquals(0, rig.count(StackCounter.RX_FAILED));
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_raw_socket_tx_fragmentation")
    void shouldSendWhatIsTooLongInFragments() {
        try (StackRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(RawSocket.ANY, PROTOCOL, null);
            final byte[] packet = Bytes.ipv4(US, PEER, PROTOCOL, new byte[3000]);
            Bytes.put16(packet, 4, 0);
            assertEquals(IpOutput.SENT, send(socket, packet));
            final List<byte[]> fragments = rig.sent();
            assertEquals(3, fragments.size());
            int payload = 0;
            for (final byte[] fragment : fragments) {
                assertEquals(payload, (Bytes.u16(fragment, 6) & 0x1FFF) * 8);
                assertEquals(Bytes.u16(fragments.getFirst(), 4), Bytes.u16(fragment, 4));
                assertEquals(0, Bytes.checksum(Arrays.copyOf(fragment, 20)));
                payload += fragment.length - 20;
            }
            assertEquals(3000, payload);
            packet[6] = 0x40;
            assertEquals(IpOutput.TOO_BIG, send(socket, packet));
            assertEquals(IpOutput.SENT, send(socket, Bytes.ipv6(US6, PEER6, PROTOCOL, new byte[3000])));
            assertEquals(3, rig.sent().size());
        }
    }

    private static int send(final RawSocket socket, final byte[] packet) {
        return socket.send(Frames.ofBytes(packet), 0, packet.length);
    }

    private StackRig rig() {
        return new StackRig(pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US + "/24", US6 + "/64"));
    }

    /** A SYN. */
    private static byte[] tcp(final int port) {
        final byte[] segment = Bytes.hex("9c40 0000 00000001 00000000 5002 ffff 0000 0000");
        Bytes.put16(segment, 2, port);
        Bytes.put16(segment, 16, Bytes.transportChecksum(PEER, US, 6, segment));
        return Bytes.ipv4(PEER, US, 6, segment);
    }

    private static final class IdleTcpHandler implements TcpHandler {}
}
