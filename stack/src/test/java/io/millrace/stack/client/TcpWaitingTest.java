package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.ListenerInfo;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.PoolWatch;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Threads that wait for a TCP connection, and what wakes them. */
@Timeout(30)
final class TcpWaitingTest {
    private static final int PORT = 80;
    private static final int MUCH = 10_000_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private ClientRig rig;
    private TcpServerChannel<Ipv4Address> server;
    private TcpChannel<Ipv4Address> near;
    private TcpChannel<Ipv4Address> far;

    @BeforeEach
    void start() throws Exception {
        rig = new ClientRig(pools);
        server = rig.client.listen(ClientRig.at(PORT), 1);
        near = rig.client.connect(ClientRig.at(PORT));
        far = server.accept();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    /** Fills what there is room for, and says how much that was. */
    private int fill() throws Exception {
        near.configureBlocking(false);
        int total = 0;
        int written = near.write(ByteBuffer.allocate(MUCH));
        while (written > 0 || near.info().unacknowledged > 0) {
            total += written;
            written = near.write(ByteBuffer.allocate(MUCH));
        }
        near.configureBlocking(true);
        return total;
    }

    @Test
    void shouldWriteOnWhenTheSendBufferIsMadeLarger() throws Exception {
        near.options(options -> options.sendBuffer(10_000));
        final int before = fill();
        assertTrue(before > 0);
        final FutureTask<Integer> writer = new FutureTask<>(() -> near.write(ByteBuffer.allocate(100_000)));
        final Thread thread = Thread.ofPlatform().daemon().start(writer);
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        near.options(options -> options.sendBuffer(MUCH));
        assertEquals(100_000, writer.get()); // though nobody reads
    }

    @Test
    void shouldRefuseToBeAStreamWhenItDoesNotBlock() throws Exception {
        near.configureBlocking(false);
        assertThrows(IllegalBlockingModeException.class, () -> near.inputStream().read());
        assertThrows(IllegalBlockingModeException.class, () -> near.outputStream().write(1));
        near.configureBlocking(true);
        near.outputStream().write(7);
        assertEquals(7, far.inputStream().read());
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
