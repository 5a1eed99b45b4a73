package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Await;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** How long a call waits in all, however often something comes that is not all that it waits for. */
class ClientTimeoutTest extends ClientTest {
    private static final int PORT = 7;
    private static final Duration TIMEOUT = Duration.ofMillis(50);

    /** What takes far longer than the timeout, a piece at a time, and yet does not wait that long for any piece. */
    private static final int PIECES = 100_000;

    private static final int PIECE = 1_000;

    /** Has the other end do something again and again, up to {@link #PIECES} times, for as long as a call takes. */
    private static SocketTimeoutException during(final Step step, final Step call) throws Exception {
        final AtomicBoolean over = new AtomicBoolean();
        final FutureTask<Boolean> other = new FutureTask<>(() -> {
            for (int i = 0; i < PIECES && !over.get(); i++) {
                step.run();
            }
            return true;
        });
        Thread.ofPlatform().daemon().start(other);
        try {
            return assertThrows(SocketTimeoutException.class, call::run);
        } finally {
            over.set(true);
            assertTrue(other.get(Await.SECONDS, TimeUnit.SECONDS));
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    @Test
    void shouldLimitHowLongACallWaitsInAll() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 1);
                TcpChannel<Ipv4Address> near = client.connect(ClientRig.at(PORT));
                TcpChannel<Ipv4Address> far = server.accept()) {
            near.configureBlocking(false);
            far.receiveTimeout(TIMEOUT);
            final SocketTimeoutException late = during(
                    () -> near.write(ByteBuffer.allocate(1)),
                    () -> far.receive(ByteBuffer.allocate(2 * PIECES), TcpChannel.WAIT_ALL));
            assertTrue(late.bytesTransferred < PIECES, late::toString);

            far.configureBlocking(false);
            near.configureBlocking(true);
            near.sendTimeout(TIMEOUT);
            final ByteBuffer much = ByteBuffer.allocate(PIECES / 5 * PIECE);
            final SocketTimeoutException later =
                    during(() -> far.read(ByteBuffer.allocate(PIECE)), () -> near.write(much));
            assertTrue(later.bytesTransferred == much.position(), later::toString);
        }
    }
}
