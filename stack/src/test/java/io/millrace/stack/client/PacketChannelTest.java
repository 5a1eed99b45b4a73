package io.millrace.stack.client;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ping and raw sockets of application threads, on a stack that talks to itself. */
class PacketChannelTest extends ClientTest {
    private static ByteBuffer echoRequest() {
        return ByteBuffer.allocate(12).put(0, (byte) 8).putInt(8, 0xCAFE);
    }

    @Test
    void shouldReceiveTheReplyToWhatItAsked() throws Exception {
        try (PingChannel<Ipv4Address> ping = client.openPing()) {
            ping.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 4711));
            assertEquals(4711, requireNonNull(ping.local()).port());
            ping.connect(ClientRig.at(0));
            assertEquals(12, ping.send(echoRequest()));
            final ByteBuffer reply = ByteBuffer.allocate(64);
            final PacketChannel.Received<Ipv4Address> received = requireNonNull(ping.receive(reply, 0));
            assertEquals(ClientRig.at(0).address(), received.source().address());
            assertEquals(12, received.length());
            assertEquals(0, reply.get(0)); // an echo reply
            assertEquals(4711, reply.getShort(4));
            assertEquals(0xCAFE, reply.getInt(8));
            ping.configureBlocking(false);
            assertNull(ping.receive(reply.clear(), 0)); // the request, which it sees as well, is none
        }
    }

    @Test
    void shouldLetNothingButEchoRequestsOut() throws Exception {
        try (PingChannel<Ipv4Address> ping = client.openPing()) {
            ping.connect(ClientRig.at(0));
            final SocketErrorException short7 =
                    assertThrows(SocketErrorException.class, () -> ping.send(ByteBuffer.allocate(7)));
            assertEquals(SocketError.EINVAL, short7.error());
            final SocketErrorException reply =
                    assertThrows(SocketErrorException.class, () -> ping.send(ByteBuffer.allocate(8)));
            assertEquals(SocketError.EINVAL, reply.error());
            ping.disconnect();
            final SocketErrorException nobody =
                    assertThrows(SocketErrorException.class, () -> ping.send(echoRequest()));
            assertEquals(SocketError.EDESTADDRREQ, nobody.error());
        }
    }

    @Test
    void shouldHandOutWholePackets() throws Exception {
        try (RawChannel raw = client.openRaw(4, 253)) { // a protocol for experiments, RFC 3692
            final ByteBuffer packet = ByteBuffer.allocate(24);
            final int own = (int) ClientRig.at(0).address().lo();
            packet.put(0, (byte) 0x45)
                    .put(8, (byte) 64)
                    .put(9, (byte) 253)
                    .putInt(16, own)
                    .putInt(20, 0xBEEF);
            assertEquals(24, raw.send(packet));
            final ByteBuffer received = ByteBuffer.allocate(64);
            assertEquals(
                    24, requireNonNull(raw.receive(received, TcpChannel.PEEK)).length());
            assertEquals(24, raw.available());
            assertEquals(24, requireNonNull(raw.receive(received.clear(), 0)).length());
            assertEquals(own, received.getInt(12)); // the source was filled in
            assertEquals(0xBEEF, received.getInt(20));
        }
    }

    @Test
    void shouldServeAtOnceWhateverThePollingThreadAsks() throws Exception {
        client.call(stack -> {
            try {
                final StackClient own = rig.service.direct();
                assertTrue(own.isDirect());
                try (TcpChannel<Ipv4Address> channel = own.openTcp()) {
                    assertFalse(channel.isBlocking());
                    assertFalse(channel.connect(ClientRig.at(9)));
                    assertFalse(channel.finishConnect());
                }
                try (TcpServerChannel<Ipv4Address> server = own.listen(ClientRig.at(9), 1)) {
                    assertNull(server.tryAccept());
                    assertThrows(IllegalStateException.class, server::accept); // nobody else polls
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return List.of();
        });
    }
}
