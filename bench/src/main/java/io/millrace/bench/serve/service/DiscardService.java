package io.millrace.bench.serve.service;

import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;

/** Discard protocol (RFC 863): reads everything, looks at nothing. */
public final class DiscardService implements TcpService, TcpHandler {
    /** Makes the service of one shard. */
    public DiscardService() {}

    @Override
    public TcpHandler handler() {
        return this;
    }

    @Override
    public void onReadable(TcpSocket<?> socket) {
        for (int count = socket.readSpan(); count > 0; count = socket.readSpan()) {
            socket.consume(count);
        }
        if (socket.finished()) {
            socket.close();
        }
    }
}
