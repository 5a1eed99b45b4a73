package io.millrace.stack.client;

import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.ReceivedPacket;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.socket.raw.RawSocket;
import org.jspecify.annotations.Nullable;

/** The shard's end of a socket for whole IP packets. */
final class ShardRaw extends ShardPackets {
    private final RawSocket socket;

    ShardRaw(final ClientService service, final int version, final int protocol) {
        super(service);
        socket = service.stack().openRaw(version, protocol, null);
        socket.onWaiting(this::onWaiting);
        update();
    }

    RawSocket socket() {
        return socket;
    }

    @Override
    SocketSettings settings() {
        return socket.settings();
    }

    @Override
    int readable() {
        return socket.readable();
    }

    @Override
    @Nullable
    ReceivedPacket next(final boolean peek) {
        return peek ? socket.peek() : socket.receive();
    }

    @Override
    int transmit(final Operation operation) {
        final int sent = socket.send(operation.memory, operation.offset, operation.length);
        return sent == IpOutput.NOT_PERMITTED ? SocketError.EINVAL.result() : sent;
    }

    @Override
    int place(final Operation operation) {
        return SocketError.EOPNOTSUPP.result();
    }

    @Override
    int connect(final Operation operation) {
        return SocketError.EOPNOTSUPP.result();
    }

    @Override
    boolean isConnected() {
        return false;
    }

    @Override
    void release() {
        socket.close();
    }
}
