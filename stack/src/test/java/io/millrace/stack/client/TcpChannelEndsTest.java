package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** TCP channels before there is a connection and after it. */
class TcpChannelEndsTest extends ClientTest {
    private static final int PORT = 7;

    /** Nobody has this address, so that a SYN to it waits for an answer. */
    private static final Endpoint<Ipv4Address> NOBODY = new Endpoint<>(Ipv4Address.parse("10.0.0.77"), 9);

    private static void assertFails(final SocketError why, final Executable call) {
        assertEquals(why, assertThrows(SocketErrorException.class, call).error());
    }

    private TcpChannel<Ipv4Address> refused() throws IOException {
        final TcpChannel<Ipv4Address> channel = client.openTcp();
        channel.configureBlocking(false);
        channel.connect(ClientRig.at(PORT));
        assertTrue(awaits(channel, Readiness.ERROR));
        return channel;
    }

    private static boolean awaits(final TcpChannel<?> channel, final int bits) {
        while ((channel.readiness().bits() & bits) == 0) {
            Thread.onSpinWait();
        }
        return true;
    }

    @Test
    void shouldFailWhenNothingIsWrittenWhereWritingFails() throws Exception {
        try (TcpChannel<Ipv4Address> channel = client.openTcp()) {
            assertFails(SocketError.EPIPE, () -> channel.write(ByteBuffer.allocate(0)));
        }
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
                TcpChannel<Ipv4Address> near = client.connect(ClientRig.at(PORT));
                TcpChannel<Ipv4Address> far = server.accept()) {
            assertEquals(0, near.write(ByteBuffer.allocate(0)));
            far.abort();
            assertTrue(awaits(near, Readiness.ERROR));
            assertFails(SocketError.ECONNRESET, () -> near.write(ByteBuffer.allocate(0)));
            assertFails(SocketError.EPIPE, () -> near.write(ByteBuffer.allocate(0)));
        }
    }

    /** RFC 1122 section 4.2.2.13: what nobody would read is not acknowledged. */
    @Test
    void shouldLeaveAnErrorToTheNextCallWhenSomeBytesWereSent() throws Exception {
        for (final boolean gathers : new boolean[] {false, true}) {
            try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
                    TcpChannel<Ipv4Address> near = client.connect(ClientRig.at(PORT));
                    TcpChannel<Ipv4Address> far = server.accept()) {
                final ByteBuffer bytes = ByteBuffer.allocate(50_000_000);
                final FutureTask<Long> writer =
                        new FutureTask<>(() -> gathers ? near.write(new ByteBuffer[] {bytes}) : near.write(bytes));
                Thread.startVirtualThread(writer);
                assertTrue(awaits(far, Readiness.READABLE));
                far.abort();
                assertTrue(writer.get(Await.SECONDS, TimeUnit.SECONDS) < bytes.capacity());
                assertFails(SocketError.ECONNRESET, () -> near.write(ByteBuffer.allocate(1)));
                assertFails(SocketError.EPIPE, () -> near.write(ByteBuffer.allocate(1)));
            }
        }
    }

    @Test
    void shouldRefuseTextWhenBothSidesAreShut() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
                TcpChannel<Ipv4Address> near = client.connect(ClientRig.at(PORT));
                TcpChannel<Ipv4Address> far = server.accept()) {
            near.shutdownInput();
            assertEquals(3, far.write(ByteBuffer.allocate(3))); // our side is open: perhaps there is an answer
            while (near.read(ByteBuffer.allocate(3)) < 0) { // it is on its way
                Thread.onSpinWait();
            }
            near.shutdownOutput();
            assertEquals(-1, far.read(ByteBuffer.allocate(1)));
            assertEquals(3, far.write(ByteBuffer.allocate(3)));
            assertTrue(awaits(far, Readiness.ERROR));
            assertTrue(awaits(near, Readiness.ERROR));
        }
    }

    /** Who waits in connect must not begin anew what another thread gave up. */
    @Test
    void shouldEndConnectingThatAnotherThreadGivesUp() throws Exception {
        try (TcpChannel<Ipv4Address> channel = client.openTcp()) {
            final FutureTask<Boolean> connecting = new FutureTask<>(() -> channel.connect(NOBODY));
            final Thread thread = Thread.ofPlatform().daemon().start(connecting);
            Await.until("an attempt", () -> channel.local() != null && thread.getState() == Thread.State.WAITING);
            channel.disconnect();
            final ExecutionException failed =
                    assertThrows(ExecutionException.class, () -> connecting.get(Await.SECONDS, TimeUnit.SECONDS));
            final SocketErrorException why = assertInstanceOf(SocketErrorException.class, failed.getCause());
            assertEquals(SocketError.ECONNRESET, why.error());
            assertNull(channel.local());
            assertNull(channel.takeError());
        }
    }

    @Test
    void shouldTellWhatFailedBeforeWhenItIsDisconnected() throws Exception {
        try (TcpChannel<Ipv4Address> channel = refused()) {
            channel.disconnect();
            assertEquals(SocketError.ECONNREFUSED, channel.takeError());
        }
    }

    /** Without what was asked for, here to be within UDP, its peer is not told of it at all. */
    @Test
    void shouldBeginNothingWhenItsOptionsCannotBe() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
                TcpChannel<Ipv4Address> channel = client.openTcp()) {
            channel.options(options -> options.opening().remoteUdpPort(9899));
            assertThrows(IllegalStateException.class, () -> channel.connect(ClientRig.at(PORT)));
            assertNull(channel.local());
            assertNull(channel.takeError());
            client.connect(ClientRig.at(PORT)).close();
            server.accept().close();
            assertNull(server.tryAccept());
        }
    }

    @Test
    void shouldGiveUpAnAttemptWhenBothSidesAreShut() throws Exception {
        try (TcpChannel<Ipv4Address> channel = client.openTcp()) {
            channel.configureBlocking(false);
            channel.connect(NOBODY);
            channel.shutdown(true, true);
            assertEquals(SocketError.ECONNRESET, channel.takeError());
            assertNull(channel.remote());
        }
    }

    @Test
    void shouldBindAgainWhenItsConnectionIsOver() throws Exception {
        try (TcpChannel<Ipv4Address> channel = refused()) {
            channel.bind(ClientRig.at(PORT + 1));
            assertFails(SocketError.EINVAL, () -> channel.bind(ClientRig.at(PORT + 2)));
        }
    }
}
