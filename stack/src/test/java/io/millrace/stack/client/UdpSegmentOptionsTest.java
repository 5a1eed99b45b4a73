package io.millrace.stack.client;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The size of segments that one call says. */
class UdpSegmentOptionsTest extends ClientTest {
    private static final int PORT = 53;

    private static int next(final UdpChannel<Ipv4Address> receiver) throws IOException {
        return requireNonNull(receiver.receive(ByteBuffer.allocate(9_000), 0)).length();
    }

    private static SendOptions size(final int bytes) {
        final SendOptions options = new SendOptions();
        options.segmentSize = bytes;
        return options;
    }

    @Test
    void shouldCutWhatOneCallSendsAndNoOther() throws Exception {
        try (UdpChannel<Ipv4Address> receiver = client.bindUdp(ClientRig.at(PORT));
                UdpChannel<Ipv4Address> sender = client.openUdp()) {
            assertEquals(2_500, sender.send(ByteBuffer.allocate(2_500), ClientRig.at(PORT), size(1_000)));
            assertEquals(1_000, next(receiver));
            assertEquals(1_000, next(receiver));
            assertEquals(500, next(receiver));
            sender.send(ByteBuffer.allocate(2_500), ClientRig.at(PORT));
            assertEquals(2_500, next(receiver));
        }
    }

    @Test
    void shouldSendInOneDatagramWhenACallSaysSoInSpiteOfTheChannel() throws Exception {
        try (UdpChannel<Ipv4Address> receiver = client.bindUdp(ClientRig.at(PORT));
                UdpChannel<Ipv4Address> sender = client.openUdp()) {
            sender.segmentSize(700);
            sender.send(ByteBuffer.allocate(1_400), ClientRig.at(PORT), size(0));
            assertEquals(1_400, next(receiver));
            sender.send(ByteBuffer.allocate(1_400), ClientRig.at(PORT), new SendOptions());
            assertEquals(700, next(receiver));
            assertEquals(700, next(receiver));
        }
    }

    @Test
    void shouldCutWhatASocketSends() throws Exception {
        try (UdpChannel<Ipv4Address> receiver = client.bindUdp(ClientRig.at(PORT));
                UdpChannel<Ipv4Address> sender = client.bindUdp(ClientRig.at(PORT + 1));
                Arena arena = Arena.ofShared()) {
            final MemorySegment bytes = arena.allocate(70_000);
            final Integer sent = sender.ask(
                    socket -> socket.send(0, ClientRig.HOST.lo(), PORT, bytes, 0, (int) bytes.byteSize(), size(1_400)));
            assertEquals(IpOutput.SENT, sent);
            for (int i = 0; i < 50; i++) {
                assertEquals(1_400, next(receiver));
            }
        }
    }

    @Test
    void shouldRefuseASizeThatNoDatagramHas() throws Exception {
        try (UdpChannel<Ipv4Address> sender = client.openUdp()) {
            final ByteBuffer two = ByteBuffer.allocate(2);
            assertThrows(IllegalArgumentException.class, () -> sender.send(two, ClientRig.at(PORT), size(-2)));
            assertThrows(IllegalArgumentException.class, () -> sender.send(two, ClientRig.at(PORT), size(65_528)));
        }
    }
}
