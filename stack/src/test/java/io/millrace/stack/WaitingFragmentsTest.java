package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.iface.LinkLimits;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams in fragments to a neighbour whose link address is not known yet: they wait whole, or are dropped whole. */
class WaitingFragmentsTest {
    private static final MemorySegment DATA = Frames.ofBytes(new byte[65_507]);
    private static final String PEER_MAC = "02:00:00:00:00:02";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 1122 2.3.2.2")
    @Origin("RFC 4861 7.2.2")
    void shouldKeepAllFragmentsOfTheFirstDatagram(final boolean v4) {
        try (StackRig rig = rig(512);
                UdpSocket<IpAddress> socket = socket(rig, v4)) {
            assertEquals(IpOutput.SENT, send(socket, v4, 65_000));
            assertEquals(1, rig.sent().size(), "a request");
            rig.receive(answer(v4));
            assertEquals((65_008 + payload(v4) - 1) / payload(v4), rig.sent().size());
            assertEquals(0, rig.count(StackCounter.NEIGHBOR_QUEUE_FULL));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDropTheOldestDatagramWholeForANewOne(final boolean v4) {
        try (StackRig rig = rig(512);
                UdpSocket<IpAddress> socket = socket(rig, v4)) {
            assertEquals(IpOutput.SENT, send(socket, v4, 100));
            assertEquals(IpOutput.SENT, send(socket, v4, 20_000)); // 14 fragments
            assertEquals(IpOutput.SENT, send(socket, v4, 30_000)); // 21
            assertEquals(1, rig.sent().size());
            assertEquals(15, rig.count(StackCounter.NEIGHBOR_QUEUE_FULL), "the first two, whole");
            for (int i = 0; i < 11; i++) {
                assertEquals(IpOutput.SENT, send(socket, v4, 100));
            }
            assertEquals(15, rig.count(StackCounter.NEIGHBOR_QUEUE_FULL), "32 packets wait");
            assertEquals(IpOutput.SENT, send(socket, v4, 200));
            assertEquals(15 + 21, rig.count(StackCounter.NEIGHBOR_QUEUE_FULL), "the long one goes whole");
            rig.receive(answer(v4));
            assertEquals(12, rig.sent().size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRefuseADatagramThatCannotWaitWhole(final boolean v4) {
        try (StackRig rig = rig(40);
                UdpSocket<IpAddress> socket = socket(rig, v4)) {
            assertEquals(IpOutput.BUSY, send(socket, v4, 65_000));
            assertEquals(0, rig.sent().size());
            assertEquals(1, rig.count(StackCounter.NEIGHBOR_QUEUE_FULL));
            assertEquals(IpOutput.SENT, send(socket, v4, 40_000));
            rig.sent();
            rig.receive(answer(v4));
            final List<byte[]> fragments = new ArrayList<>(rig.sent());
            assertEquals(28, fragments.size());
            assertEquals(IpOutput.SENT, send(socket, v4, 65_000));
            assertEquals((65_008 + payload(v4) - 1) / payload(v4), rig.sent().size(), "it need not wait any more");
        }
    }

    /** Payload of each fragment but the last. */
    private static int payload(final boolean v4) {
        return v4 ? 1480 : 1448;
    }

    private StackRig rig(final int unresolved) {
        final StackConfig config = StackConfig.defaults().withLimits(new LinkLimits(64, 32, unresolved, 1024));
        return new StackRig(pools, Medium.ETHERNET, config, InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64"));
    }

    private static UdpSocket<IpAddress> socket(final StackRig rig, final boolean v4) {
        return rig.stack.bind(new Endpoint<>(IpAddress.parse(FragmentPackets.us(v4)), 7));
    }

    private static int send(final UdpSocket<IpAddress> socket, final boolean v4, final int length) {
        return socket.send(new Endpoint<>(IpAddress.parse(FragmentPackets.peer(v4)), 9), DATA, 0, length);
    }

    /** The peer says where it is. */
    private static byte[] answer(final boolean v4) {
        final String us = FragmentPackets.us(v4);
        final String peer = FragmentPackets.peer(v4);
        if (v4) {
            final byte[] reply = Bytes.arp(2, PEER_MAC, peer, "02:00:00:00:00:01", us);
            return Bytes.ethernet("02:00:00:00:00:01", PEER_MAC, 0x0806, reply);
        }
        final byte[] target = Bytes.join(Bytes.address(peer), Bytes.linkAddress(2, PEER_MAC));
        final byte[] message = Bytes.icmpv6(peer, us, 136, 0, 0x6000_0000, target);
        final byte[] packet = Bytes.ipv6(peer, us, 58, message);
        packet[7] = (byte) 255;
        return Bytes.ethernet("02:00:00:00:00:01", PEER_MAC, 0x86DD, packet);
    }
}
