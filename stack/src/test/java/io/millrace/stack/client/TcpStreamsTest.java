package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.socket.tcp.ListenerInfo;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Await;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What threads get of a connection besides its bytes. */
final class TcpStreamsTest extends ClientTest {
    private static final int PORT = 80;

    private TcpServerChannel<Ipv4Address> server;
    private TcpChannel<Ipv4Address> near;
    private TcpChannel<Ipv4Address> far;

    @BeforeEach
    void connect() throws Exception {
        server = client.listen(ClientRig.at(PORT), 1);
        near = client.connect(ClientRig.at(PORT));
        far = server.accept();
    }

    @Test
    void shouldRefuseToBeAStreamWhenItDoesNotBlock() throws Exception {
        near.configureBlocking(false);
        assertThrows(
                IllegalBlockingModeException.class, () -> near.inputStream().read());
        assertThrows(
                IllegalBlockingModeException.class, () -> near.outputStream().write(1));
        near.configureBlocking(true);
        near.outputStream().write(7);
        assertEquals(7, far.inputStream().read());
    }

    @Test
    void shouldWaitToLookUntilAllIsThereOrNothingMoreComes() throws Exception {
        near.receiveTimeout(Duration.ofMillis(1));
        far.write(ByteBuffer.allocate(3));
        final ByteBuffer target = ByteBuffer.allocate(5);
        final int flags = TcpChannel.PEEK | TcpChannel.WAIT_ALL;
        Await.until("all is there", () -> bytes(near, target.clear(), flags) == 3);
        assertEquals(3, target.position());
        near.receiveTimeout(null);
        final FutureTask<Integer> looking = new FutureTask<>(() -> near.receive(target.clear(), flags));
        Thread.ofVirtual().start(looking);
        far.write(ByteBuffer.allocate(1));
        far.write(ByteBuffer.allocate(1));
        assertEquals(5, looking.get());
        assertEquals(5, near.available());
        final ByteBuffer more = ByteBuffer.allocate(6);
        final FutureTask<Integer> last = new FutureTask<>(() -> near.receive(more, flags));
        Thread.ofVirtual().start(last);
        far.shutdownOutput();
        assertEquals(5, last.get());
    }

    private static int bytes(final TcpChannel<?> channel, final ByteBuffer target, final int flags) throws IOException {
        return assertThrows(SocketTimeoutException.class, () -> channel.receive(target, flags)).bytesTransferred;
    }

    @Test
    void shouldKeepWhatItHasReceivedWhenAnotherThreadDisconnects() throws Exception {
        final ByteBuffer target = ByteBuffer.allocate(5);
        final FutureTask<Integer> reading = new FutureTask<>(() -> near.receive(target, TcpChannel.WAIT_ALL));
        Thread.ofVirtual().start(reading);
        far.write(ByteBuffer.allocate(3));
        Await.until("it is read", () -> Objects.equals(far.ask(TcpSocket::unacknowledged), 0) && near.available() == 0);
        near.disconnect();
        assertEquals(3, reading.get());
        assertEquals(SocketError.ECONNRESET, near.takeError());
    }

    /** What is asked for in between what the stack takes in and what it tells of it. */
    @Test
    void shouldBeAtItsEndAsSoonAsItIsReadyForThat() throws Exception {
        near.shutdownOutput();
        final BlockingQueue<Integer> bits = new ArrayBlockingQueue<>(1);
        final Endpoint<Ipv4Address> place = ClientRig.at(PORT + 1);
        client.call(stack -> stack.listen(place, 1, new TcpHandler() {
            @Override
            public void onReadable(final TcpSocket<?> socket) {
                near.end.update();
                bits.add(near.readiness().bits());
                socket.abort();
            }
        }));
        try (TcpChannel<Ipv4Address> other = client.connect(place);
                Arena arena = Arena.ofShared()) {
            final MemorySegment one = arena.allocate(1);
            client.call(stack -> {
                Objects.requireNonNull(other.end.socket()).send(one, 0, 1);
                Objects.requireNonNull(far.end.socket()).shutdownOutput();
                return null;
            });
            final int told = bits.take();
            assertEquals(told & Readiness.READABLE, (told & Readiness.HANG_UP) >> 4, Integer.toHexString(told));
            assertEquals(Readiness.READABLE, told & Readiness.READABLE);
        }
    }

    @Test
    void shouldTellWhatItCounted() throws Exception {
        final ListenerInfo info = server.info().getFirst();
        assertEquals(1, info.accepted());
        assertEquals(0, info.acceptOverflows());
        server.close();
        assertEquals(List.of(), server.info());
    }
}
