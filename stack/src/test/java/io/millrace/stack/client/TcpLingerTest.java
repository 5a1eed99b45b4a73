package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.address.Ipv4Address;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Closing that waits for what was written to arrive: SO_LINGER. */
class TcpLingerTest extends ClientTest {
    private static final int PORT = 7;
    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    @Test
    void shouldLingerUntilThePeerHasEverything() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 1);
                TcpChannel<Ipv4Address> sender = client.openTcp()) {
            server.options(options -> options.receiveBuffer(4_096));
            sender.connect(ClientRig.at(PORT));
            try (TcpChannel<Ipv4Address> receiver = server.accept()) {
                final int written = sender.send(ByteBuffer.allocate(10_000), TcpChannel.DONT_WAIT);
                final FutureTask<Boolean> closing = new FutureTask<>(() -> sender.close(FOREVER));
                Thread.startVirtualThread(closing);
                read(receiver, written - 4_096 - 1); // the last part has no room yet
                assertFalse(closing.isDone());
                read(receiver, 4_096 + 1);
                assertTrue(closing.get());
                assertEquals(-1, receiver.receive(ByteBuffer.allocate(1), 0));
            }
        }
    }

    @Test
    void shouldLingerNoLongerThanTheStackLives() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 1);
                TcpChannel<Ipv4Address> sender = client.openTcp();
                TcpChannel<Ipv4Address> other = client.openTcp()) {
            server.options(options -> options.receiveBuffer(4_096));
            sender.connect(ClientRig.at(PORT));
            try (TcpChannel<Ipv4Address> receiver = server.accept()) {
                assertTrue(sender.send(ByteBuffer.allocate(10_000), TcpChannel.DONT_WAIT) > 4_096);
                final CountDownLatch settled = new CountDownLatch(1);
                sender.close(settled::countDown);
                assertTrue(receiver.isOpen());
                rig.close();
                assertEquals(0, settled.getCount());
                assertTrue(other.close(FOREVER)); // not served any more
                other.close(settled::countDown);
            }
        }
    }

    @Test
    void shouldTellAtOnceWhatIsClosedAlready() throws Exception {
        final TcpChannel<Ipv4Address> channel = client.openTcp();
        channel.close();
        final CountDownLatch settled = new CountDownLatch(1);
        channel.close(settled::countDown);
        assertEquals(0, settled.getCount());
    }

    @Test
    void shouldLingerNoLongerThanItIsTold() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 1);
                TcpChannel<Ipv4Address> sender = client.openTcp()) {
            server.options(options -> options.receiveBuffer(4_096));
            sender.connect(ClientRig.at(PORT));
            try (TcpChannel<Ipv4Address> receiver = server.accept()) {
                final int written = sender.send(ByteBuffer.allocate(10_000), TcpChannel.DONT_WAIT);
                assertFalse(sender.close(Duration.ofMillis(20)));
                read(receiver, written); // and yet all of it comes
                assertEquals(-1, receiver.receive(ByteBuffer.allocate(1), 0));
                assertTrue(sender.close(FOREVER));
            }
        }
    }
}
