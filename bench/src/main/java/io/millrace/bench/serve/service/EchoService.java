package io.millrace.bench.serve.service;

import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import java.lang.foreign.MemorySegment;

/**
 * Echo protocol (RFC 862): what comes in goes out, moved once, from the receive buffer to the send buffer. A peer that
 * does not read fills both and is throttled by its own window. When the peer has sent everything and got it back, the
 * connection closes.
 */
public final class EchoService implements TcpService, TcpHandler {
    /** Makes the service of one shard. */
    public EchoService() {}

    @Override
    public TcpHandler handler() {
        return this;
    }

    @Override
    public void onReadable(TcpSocket<?> socket) {
        pump(socket);
    }

    @Override
    public void onWritable(TcpSocket<?> socket) {
        pump(socket);
    }

    private static void pump(TcpSocket<?> socket) {
        for (int span = socket.readSpan(); span > 0; span = socket.readSpan()) {
            final int count = Math.min(span, socket.writeSpan());
            if (count == 0) {
                break; // full; onWritable comes
            }
            MemorySegment.copy(
                    socket.readMemory(), socket.readOffset(), socket.writeMemory(), socket.writeOffset(), count);
            socket.commit(count);
            socket.consume(count);
        }
        if (socket.finished()) {
            socket.close();
        }
    }
}
