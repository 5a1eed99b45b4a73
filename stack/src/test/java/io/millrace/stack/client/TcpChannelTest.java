package io.millrace.stack.client;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Await;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** TCP from application threads. */
class TcpChannelTest extends ClientTest {
    private static final int PORT = 7;

    private static <T> Future<T> start(final Callable<T> task) {
        final FutureTask<T> future = new FutureTask<>(task);
        Thread.startVirtualThread(future);
        return future;
    }

    /** Two ends of one connection. */
    private record Pair(TcpServerChannel<Ipv4Address> server, TcpChannel<Ipv4Address> near, TcpChannel<Ipv4Address> far)
            implements AutoCloseable {
        @Override
        public void close() {
            near.close();
            far.close();
            server.close();
        }
    }

    private Pair connect() throws IOException {
        final TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
        final TcpChannel<Ipv4Address> near = client.connect(ClientRig.at(PORT));
        final TcpChannel<Ipv4Address> far = server.accept();
        return new Pair(server, near, far);
    }

    @Test
    void shouldEchoStreamsOfManyVirtualThreadsWhenAllRunAtOnce() throws Exception {
        final int clients = 200;
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), clients);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            final Future<?> acceptor = threads.submit(() -> {
                for (int i = 0; i < clients; i++) {
                    final TcpChannel<Ipv4Address> accepted = server.accept();
                    final Future<Long> _ = start(() -> {
                        try (accepted) {
                            return accepted.inputStream().transferTo(accepted.outputStream());
                        }
                    });
                }
                return null;
            });
            final List<Future<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                final byte[] sent = new byte[5_000];
                new Random(i).nextBytes(sent);
                answers.add(threads.submit(() -> {
                    try (TcpChannel<Ipv4Address> channel = client.connect(ClientRig.at(PORT))) {
                        channel.outputStream().write(sent);
                        channel.shutdownOutput();
                        return channel.inputStream().readAllBytes();
                    }
                }));
            }
            for (int i = 0; i < clients; i++) {
                final byte[] expected = new byte[5_000];
                new Random(i).nextBytes(expected);
                assertArrayEquals(expected, answers.get(i).get());
            }
            acceptor.get();
        }
    }

    @Test
    void shouldHoldTheWriterBackWhenTheReaderIsSlow() throws Exception {
        final int length = 3_000_000;
        try (Pair pair = connect()) {
            pair.far.options(options -> options.sendBuffer(50_000));
            final byte[] data = new byte[length];
            new Random(1).nextBytes(data);
            final Future<Integer> writer = start(() -> {
                final int written = pair.far.write(ByteBuffer.wrap(data));
                pair.far.shutdownOutput();
                return written;
            });
            // Nobody reads yet: no more leaves the writer's hands than the buffers of both ends hold.
            while (pair.near.available() < 100_000) {
                Thread.onSpinWait();
            }
            assertFalse(writer.isDone());
            final InputStream in = pair.near.inputStream();
            assertArrayEquals(data, in.readAllBytes());
            assertEquals(length, writer.get());
        }
    }

    @Test
    void shouldNeverWaitWhenItDoesNotBlock() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 4);
                TcpChannel<Ipv4Address> near = client.openTcp()) {
            assertNull(server.tryAccept());
            near.configureBlocking(false);
            assertEquals(Readiness.HANG_UP, near.readiness().bits() & Readiness.HANG_UP);
            assertFalse(near.connect(ClientRig.at(PORT)));
            assertEquals(
                    1, Readiness.await(List.of(near.readiness()), new int[] {Readiness.WRITABLE}, Readiness.FOREVER));
            assertTrue(near.finishConnect());
            assertTrue(near.finishConnect());
            assertEquals(SocketError.EISCONN, error(() -> near.connect(ClientRig.at(PORT))));
            Readiness.await(List.of(server.readiness()), new int[] {Readiness.READABLE}, Readiness.FOREVER);
            final TcpChannel<Ipv4Address> far = server.accept();
            assertNull(server.tryAccept());
            assertEquals(0, near.read(ByteBuffer.allocate(10)));
            assertEquals(0, near.receive(ByteBuffer.allocate(10), TcpChannel.WAIT_ALL));
            // Nobody reads at the other end: at some time no more fits, and then it is not writable.
            final ByteBuffer much = ByteBuffer.allocate(100_000);
            do { // what is acknowledged makes room once more
                while (near.write(much) > 0) {
                    much.rewind();
                }
            } while ((near.readiness().bits() & Readiness.WRITABLE) != 0);
            Readiness.await(List.of(far.readiness()), new int[] {Readiness.READABLE}, Readiness.FOREVER);
            far.close(); // with unread data: a reset
            Readiness.await(List.of(near.readiness()), new int[] {Readiness.READABLE}, Readiness.FOREVER);
            assertEquals(SocketError.ECONNRESET, error(() -> near.read(ByteBuffer.allocate(10))));
            assertEquals(-1, near.read(ByteBuffer.allocate(10)));
            assertEquals(SocketError.EPIPE, error(() -> near.write(bytes("x"))));
        }
    }

    @Test
    void shouldSayRefusedWhenNobodyListensAndConnectLater() throws Exception {
        try (TcpChannel<Ipv4Address> channel = client.openTcp()) {
            assertEquals(SocketError.ECONNREFUSED, error(() -> channel.connect(ClientRig.at(PORT))));
            assertEquals(SocketError.ENOTCONN, error(channel::finishConnect));
            assertEquals(SocketError.ENOTCONN, error(() -> channel.read(ByteBuffer.allocate(1))));
            assertEquals(SocketError.EPIPE, error(() -> channel.write(bytes("x"))));
            assertEquals(SocketError.ENOTCONN, error(channel::shutdownOutput));
            assertEquals(
                    SocketError.ENETUNREACH,
                    error(() -> channel.connect(new Endpoint<>(Ipv4Address.parse("192.0.2.1"), PORT))));
            try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 2)) {
                assertTrue(channel.connect(ClientRig.at(PORT)));
                assertEquals(PORT, requireNonNull(channel.remote()).port());
                assertEquals(TcpState.ESTABLISHED, channel.ask(TcpSocket::state));
                channel.disconnect();
                assertNull(channel.remote());
                assertTrue(channel.connect(ClientRig.at(PORT)));
                assertNotNull(server.accept());
            }
        }
    }

    @Test
    void shouldTellTheErrorOnceWhenAnAttemptFails() throws Exception {
        try (TcpChannel<Ipv4Address> channel = client.openTcp()) {
            channel.configureBlocking(false);
            assertFalse(channel.connect(ClientRig.at(PORT)));
            Readiness.await(List.of(channel.readiness()), new int[] {0}, Readiness.FOREVER);
            assertEquals(
                    Readiness.ERROR | Readiness.HANG_UP, channel.readiness().bits() & Readiness.ALWAYS);
            assertEquals(SocketError.ECONNREFUSED, channel.takeError());
            assertNull(channel.takeError());
            assertEquals(SocketError.ECONNABORTED, error(() -> channel.connect(ClientRig.at(PORT))));
        }
    }

    @Test
    void shouldGiveUpWaitingWhenTheTimeoutPasses() throws Exception {
        try (Pair pair = connect()) {
            pair.near.receiveTimeout(Duration.ofMillis(20));
            assertThrows(SocketTimeoutException.class, () -> pair.near.read(ByteBuffer.allocate(1)));
            pair.far.write(bytes("late"));
            pair.near.receiveTimeout(null);
            assertEquals("late", read(pair.near, 4));
            pair.server.receiveTimeout(Duration.ofMillis(20));
            assertThrows(SocketTimeoutException.class, pair.server::accept);
        }
    }

    @Test
    void shouldTellWhatWasMovedWhenTheTimeoutPasses() throws Exception {
        try (Pair pair = connect()) {
            pair.far.write(bytes("half"));
            Await.until("half of it", () -> pair.near.available() == 4);
            pair.near.receiveTimeout(Duration.ofMillis(20));
            final ByteBuffer target = ByteBuffer.allocate(8);
            final SocketTimeoutException late =
                    assertThrows(SocketTimeoutException.class, () -> pair.near.receive(target, TcpChannel.WAIT_ALL));
            assertEquals(4, late.bytesTransferred);
            assertEquals(4, target.position());
            pair.far.sendTimeout(Duration.ofMillis(20));
            final ByteBuffer[] much = {ByteBuffer.allocate(1), ByteBuffer.allocate(50_000_000)};
            final SocketTimeoutException full = assertThrows(SocketTimeoutException.class, () -> pair.far.write(much));
            assertEquals(much[0].position() + much[1].position(), full.bytesTransferred);
            assertTrue(full.bytesTransferred > 1_000, () -> "sent " + full.bytesTransferred);
        }
    }

    @Test
    void shouldTellOfItsOwnResetWhenItIsDisconnected() throws Exception {
        try (Pair pair = connect()) {
            pair.near.disconnect();
            assertEquals(SocketError.ECONNRESET, pair.near.takeError());
            assertEquals(SocketError.ENOTCONN, error(() -> pair.near.read(ByteBuffer.allocate(1))));
            pair.near.disconnect();
            assertNull(pair.near.takeError());
        }
    }

    @Test
    void shouldStayOpenWhenItsReaderIsInterrupted() throws Exception {
        try (Pair pair = connect()) {
            final FutureTask<Integer> reader = new FutureTask<>(() -> pair.near.read(ByteBuffer.allocate(1)));
            final Thread thread = Thread.startVirtualThread(reader);
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            final Exception thrown = assertThrows(ExecutionException.class, reader::get);
            assertInstanceOf(InterruptedIOException.class, thrown.getCause());
            pair.far.write(bytes("still"));
            assertEquals("still", read(pair.near, 5));
        }
    }

    @Test
    void shouldWakeWhoeverWaitsWhenAnotherThreadClosesIt() throws Exception {
        try (Pair pair = connect()) {
            final Future<Integer> reader = start(() -> pair.near.read(ByteBuffer.allocate(1)));
            final Future<?> acceptor = start(pair.server::accept);
            pair.near.close();
            pair.near.close();
            pair.server.close();
            assertInstanceOf(
                    ClosedChannelException.class,
                    assertThrows(ExecutionException.class, reader::get).getCause());
            assertInstanceOf(
                    ClosedChannelException.class,
                    assertThrows(ExecutionException.class, acceptor::get).getCause());
            assertThrows(ClosedChannelException.class, () -> pair.near.write(bytes("x")));
            assertEquals(-1, pair.far.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void shouldSendOnWhenOnlyOneHalfIsShut() throws Exception {
        try (Pair pair = connect()) {
            pair.near.write(bytes("question"));
            pair.near.shutdownOutput();
            assertEquals("question", read(pair.far, 8));
            assertEquals(-1, pair.far.read(ByteBuffer.allocate(1)));
            assertEquals(
                    Readiness.PEER_CLOSED | Readiness.WRITABLE,
                    pair.far.readiness().bits() & (Readiness.PEER_CLOSED | Readiness.WRITABLE | Readiness.HANG_UP));
            pair.far.write(bytes("answer"));
            assertEquals("answer", read(pair.near, 6));
            assertEquals(SocketError.EPIPE, error(() -> pair.near.write(bytes("more"))));
            pair.near.shutdownInput();
            assertEquals(-1, pair.near.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void shouldKeepWhatCameWhenTheConnectionIsReset() throws Exception {
        try (Pair pair = connect()) {
            pair.far.write(bytes("last words"));
            while (pair.near.available() < 10) {
                Thread.onSpinWait();
            }
            final ByteBuffer peeked = ByteBuffer.allocate(4);
            assertEquals(4, pair.near.receive(peeked, TcpChannel.PEEK));
            pair.far.abort();
            Readiness.await(List.of(pair.near.readiness()), new int[] {Readiness.PEER_CLOSED}, Readiness.FOREVER);
            assertEquals(4, pair.near.receive(peeked.clear(), TcpChannel.PEEK));
            assertEquals("last words", read(pair.near, 10));
            assertEquals(SocketError.ECONNRESET, error(() -> pair.near.read(ByteBuffer.allocate(1))));
        }
    }

    @Test
    void shouldSetOptionsBeforeAndAfterItIsConnected() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 1);
                TcpChannel<Ipv4Address> near = client.openTcp()) {
            server.options(options -> options.hopLimit(17));
            near.options(options -> options.noDelay(true).sendBuffer(4_321));
            near.connect(ClientRig.at(PORT));
            assertEquals(
                    Integer.valueOf(4_321), near.ask(socket -> socket.options().sendBuffer()));
            assertEquals(true, near.ask(socket -> socket.options().noDelay()));
            near.options(options -> options.cork(true));
            assertEquals(true, near.ask(socket -> socket.options().cork()));
            final TcpChannel<Ipv4Address> far = server.accept();
            assertEquals(Integer.valueOf(17), far.ask(socket -> socket.options().hopLimit()));
            assertEquals(TcpState.ESTABLISHED, far.info().state);
            assertEquals(far.remote(), near.local());
        }
    }

    @Test
    void shouldGatherAndScatter() throws Exception {
        try (Pair pair = connect()) {
            final ByteBuffer[] pieces = {bytes("one "), bytes(""), bytes("two "), bytes("three")};
            assertEquals(13, pair.near.write(pieces));
            final ByteBuffer[] targets = {ByteBuffer.allocate(6), ByteBuffer.allocate(100)};
            assertEquals(13, pair.far.read(targets));
            assertEquals("one tw", new String(targets[0].array(), 0, 6, StandardCharsets.US_ASCII));
            assertEquals("o three", new String(targets[1].array(), 0, 7, StandardCharsets.US_ASCII));
            pair.far.configureBlocking(false);
            assertEquals(0, pair.far.read(targets));
            pair.near.shutdownOutput();
            pair.far.configureBlocking(true);
            assertEquals(-1, pair.far.read(new ByteBuffer[] {ByteBuffer.allocate(1)}));
        }
    }

    @Test
    void shouldTellEveryoneWhenTheStackIsClosed() throws Exception {
        final Pair pair = connect();
        final Future<Integer> reader = start(() -> pair.near.read(ByteBuffer.allocate(1)));
        rig.close();
        final Throwable cause =
                assertThrows(ExecutionException.class, reader::get).getCause();
        assertEquals(
                SocketError.ENETDOWN,
                assertInstanceOf(SocketErrorException.class, cause).error());
        assertEquals(SocketError.ENETDOWN, error(() -> pair.far.write(bytes("x"))));
        assertEquals(SocketError.ENETDOWN, error(() -> client.connect(ClientRig.at(PORT))));
        pair.close();
    }

    @Test
    void shouldResetAllWhenTold() throws Exception {
        final Pair pair = connect();
        final TcpOptions none = pair.near.ask(socket -> (TcpOptions) null);
        assertNull(none);
        client.abortAll();
        assertEquals(Integer.valueOf(0), client.call(stack -> rig.service.sockets()));
        assertThrows(IOException.class, () -> pair.near.read(ByteBuffer.allocate(1)));
        pair.close();
        try (Pair again = connect()) {
            again.near.write(bytes("again"));
            assertEquals("again", read(again.far, 5));
        }
    }
}
