package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Times of datagrams that are sent, and of packets on their way through the layers below. The clock begins at 10 s. */
class UdpTimesTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final Endpoint<Ipv4Address> REMOTE = new Endpoint<>(Ipv4Address.parse(PEER), 25);
    private static final MemorySegment PAYLOAD = Frames.ofBytes(new byte[] {1, 2, 3, 4, 5, 6});

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<String> told = new ArrayList<>();

    private StackRig rig(final Medium medium) {
        return new StackRig(pools, medium, StackConfig.defaults(), InterfaceConfig.of(US + "/24"));
    }

    private UdpSocket<Ipv4Address> asked(final StackRig rig, final int stages) {
        final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
        socket.times().stages(stages).handler((stage, number, micros) -> told.add(stage + " " + number + " " + micros));
        return socket;
    }

    private List<String> told(final StackRig rig) {
        rig.sent();
        rig.sent();
        final List<String> all = List.copyOf(told);
        told.clear();
        return all;
    }

    @Test
    void shouldTellWhenADatagramWasMadeAndWhenThePortTookIt() {
        try (StackRig rig = rig(Medium.IP)) {
            final UdpSocket<Ipv4Address> socket = asked(rig, SendStage.ALL);
            socket.send(REMOTE, PAYLOAD, 0, 6);
            rig.portRoom = 0;
            rig.advance(1_000);
            rig.portRoom = Integer.MAX_VALUE;
            rig.advance(1_000);
            assertEquals(List.of("SCHEDULED 0 10000000", "SENT 0 10002000"), told(rig));
            socket.send(REMOTE, PAYLOAD, 0, 6);
            assertEquals(List.of("SCHEDULED 1 10002000", "SENT 1 10002000"), told(rig));
        }
    }

    @Test
    void shouldTellThatItWasSentWhenTheNeighbourAnswered() {
        try (StackRig rig = rig(Medium.ETHERNET)) {
            final UdpSocket<Ipv4Address> socket = asked(rig, SendStage.SENT.bit());
            socket.send(REMOTE, PAYLOAD, 0, 6);
            rig.advance(500);
            assertEquals(List.of(), told(rig));
            rig.receive(Bytes.join(Bytes.ethernet(
                    "02:00:00:00:00:01",
                    "02:00:00:00:00:02",
                    0x0806,
                    Bytes.arp(2, "02:00:00:00:00:02", PEER, "02:00:00:00:00:01", US))));
            assertEquals(List.of("SENT 0 10000500"), told(rig));
        }
    }

    @Test
    void shouldCountOnlyThoseThatWereAskedForWhenDatagramsSayForThemselves() {
        try (StackRig rig = rig(Medium.IP)) {
            final UdpSocket<Ipv4Address> socket = asked(rig, SendStage.NONE);
            final SendOptions options = new SendOptions();
            options.stages = SendStage.SCHEDULED.bit();
            socket.send(REMOTE, PAYLOAD, 0, 6);
            socket.send(REMOTE.address().hi(), REMOTE.address().lo(), REMOTE.port(), PAYLOAD, 0, 6, options);
            assertEquals(List.of("SCHEDULED 0 10000000"), told(rig));
            assertEquals(1, socket.times().asked());
            options.stages = 8;
            assertThrows(
                    IllegalArgumentException.class,
                    () -> socket.send(REMOTE.address().hi(), REMOTE.address().lo(), 25, PAYLOAD, 0, 6, options));
        }
    }

    @Test
    void shouldTellOfTheFirstFragmentWhenADatagramIsCut() {
        try (StackRig rig = rig(Medium.IP);
                Arena arena = Arena.ofConfined()) {
            final UdpSocket<Ipv4Address> socket = asked(rig, SendStage.SENT.bit());
            final MemorySegment large = arena.allocate(9_000);
            assertEquals(IpOutput.SENT, socket.send(REMOTE, large, 0, 1_800)); // in one buffer
            assertEquals(IpOutput.SENT, socket.send(REMOTE, large, 0, 9_000));
            assertEquals(List.of("SENT 0 10000000", "SENT 1 10000000"), told(rig));
        }
    }

    @Test
    void shouldTellOfTheLastOneWhenOneCallSendsSeveral() {
        try (StackRig rig = rig(Medium.IP)) {
            final UdpSocket<Ipv4Address> socket = asked(rig, SendStage.ALL);
            socket.sendSegments(REMOTE.address().hi(), REMOTE.address().lo(), REMOTE.port(), PAYLOAD, 0, 6, 4, null);
            assertEquals(List.of("SCHEDULED 0 10000000", "SENT 0 10000000"), told(rig));
        }
    }

    @Test
    void shouldTellAtOnceWhenAPacketIsForOurselves() {
        try (StackRig rig = rig(Medium.IP);
                Arena arena = Arena.ofConfined()) {
            final UdpSocket<Ipv4Address> socket = asked(rig, SendStage.ALL);
            final Endpoint<Ipv4Address> self = new Endpoint<>(Ipv4Address.parse(US), 53);
            socket.send(self, PAYLOAD, 0, 6);
            socket.send(self, arena.allocate(9_000), 0, 9_000);
            assertEquals(
                    List.of("SCHEDULED 0 10000000", "SENT 0 10000000", "SCHEDULED 1 10000000", "SENT 1 10000000"),
                    told(rig));
            socket.close();
        }
    }

    /** What is forgotten is not told, and does not count as another one. */
    @Test
    void shouldForgetPacketsThatNeverLeave() {
        try (StackRig rig = rig(Medium.ETHERNET)) {
            final UdpSocket<Ipv4Address> socket = asked(rig, SendStage.SENT.bit());
            socket.send(REMOTE, PAYLOAD, 0, 6);
            for (int i = 0; i < 40; i++) {
                rig.advance(500_000); // nobody answers for the neighbour
            }
            assertEquals(List.of(), told(rig));
            rig.net.addNeighbor(REMOTE.address(), MacAddress.parse("02:00:00:00:00:02"));
            socket.send(REMOTE, PAYLOAD, 0, 6);
            assertEquals(List.of("SENT 1 30000000"), told(rig));
        }
    }

    /** The mark of a packet that was forgotten comes off all the same: the rig sees to it. */
    @Test
    void shouldTakeTheMarkFromWhatAPortTakesTooLate() {
        try (StackRig rig = rig(Medium.IP)) {
            final UdpSocket<Ipv4Address> socket = asked(rig, SendStage.SENT.bit());
            socket.send(REMOTE, PAYLOAD, 0, 6);
            rig.portRoom = 0;
            for (int i = 0; i < 40; i++) {
                rig.advance(500_000);
            }
            rig.portRoom = Integer.MAX_VALUE;
            rig.advance(500_000);
            assertEquals(1, rig.sent().size());
            assertEquals(List.of(), told(rig));
        }
    }

    /** More than are kept in mind at the same time, one after the other; then all that a queue holds. */
    @Test
    void shouldTellOfAllThatLeaveWhenTheyAreMany() {
        try (StackRig rig = rig(Medium.IP)) {
            final UdpSocket<Ipv4Address> socket = asked(rig, SendStage.SENT.bit());
            for (int i = 0; i < 2_500; i++) {
                socket.send(REMOTE, PAYLOAD, 0, 6);
                assertEquals(List.of("SENT " + i + " 10000000"), told(rig));
            }
            rig.portRoom = 0;
            int waiting = 0;
            while (socket.send(REMOTE, PAYLOAD, 0, 6) == IpOutput.SENT) {
                waiting++;
            }
            rig.portRoom = 10;
            assertEquals(10, told(rig).size());
            rig.portRoom = Integer.MAX_VALUE;
            assertEquals(waiting - 10, told(rig).size());
            assertTrue(waiting > 100);
        }
    }

    @Test
    void shouldTellOfTcpThroughAWholeStack() {
        try (StackRig rig = rig(Medium.IP);
                Arena arena = Arena.ofConfined()) {
            final MemorySegment bytes = arena.allocate(100_000);
            final TcpHandler handler = new TcpHandler() {
                @Override
                public void onReadable(final TcpSocket<?> socket) {
                    socket.consume(socket.readable());
                }

                @Override
                public void onSendStage(
                        final TcpSocket<?> socket, final SendStage stage, final long position, final long micros) {
                    told.add(stage + " " + position);
                }
            };
            final Endpoint<Ipv4Address> self = new Endpoint<>(Ipv4Address.parse(US), 80);
            rig.stack.listen(self, 1, handler);
            final TcpSocket<Ipv4Address> socket = rig.stack.connect(self, handler);
            socket.send(bytes, 0, 50_000); // before it is established
            socket.stamp(SendStage.ALL);
            for (int i = 0; i < 100; i++) {
                rig.advance(1_000);
            }
            assertEquals(List.of("SCHEDULED 49999", "SENT 49999", "ACKNOWLEDGED 49999"), told(rig));
            assertEquals(50_000, socket.acknowledged());
        }
    }
}
