package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.socket.tcp.ListenerInfo;
import io.millrace.stack.wire.address.Ipv4Address;
import java.nio.channels.IllegalBlockingModeException;
import java.util.List;
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
    void shouldTellWhatItCounted() throws Exception {
        final ListenerInfo info = server.info().getFirst();
        assertEquals(1, info.accepted());
        assertEquals(0, info.acceptOverflows());
        server.close();
        assertEquals(List.of(), server.info());
    }
}
