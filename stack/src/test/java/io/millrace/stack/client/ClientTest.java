package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** What tests of a stack's application threads begin with: a {@link ClientRig} for each. */
@Timeout(300)
abstract class ClientTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    ClientRig rig;
    StackClient client;

    @BeforeEach
    final void startRig() {
        rig = new ClientRig(pools);
        client = rig.client;
    }

    @AfterEach
    final void stopRig() {
        rig.close();
    }

    static ByteBuffer bytes(final String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(final ByteBuffer buffer) {
        return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
    }

    /** The next bytes of a connection, for which it waits. */
    static String read(final TcpChannel<?> channel, final int length) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(length);
        assertEquals(length, channel.receive(buffer, TcpChannel.WAIT_ALL));
        return new String(buffer.array(), StandardCharsets.UTF_8);
    }

    /** The error that a call must fail with. */
    static SocketError error(final Executable call) {
        return assertThrows(SocketErrorException.class, call).error();
    }
}
