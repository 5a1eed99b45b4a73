package io.millrace.stack.netsim;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.address.Endpoint;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A transfer: {@code b} connects to {@code a} and sends as fast as it may; {@code a} reads all that comes at once. */
final class Flow implements TcpHandler {
    private static final int BLOCK = 64 * 1024;

    final Side a;
    final Side b;
    long received;

    private final Lane fromA;
    private final Lane fromB;
    private final MemorySegment block;
    private @Nullable TcpSocket<?> sender;
    private String ends = "";

    Flow(
            final Arena arena,
            final int hostA,
            final Lane fromA,
            final Lane fromB,
            final PoolCache cache,
            final TcpConfig tcp) {
        this.fromA = fromA;
        this.fromB = fromB;
        this.block = arena.allocate(BLOCK);
        this.a = new Side(hostA, fromA, fromB, cache, tcp);
        this.b = new Side(hostA + 1, fromB, fromA, cache, tcp);
        a.stack.listen(Endpoint.parse("10.0.0." + hostA + ":1"), 1, this);
        b.stack.connect(Endpoint.parse("10.0.0." + hostA + ":1"), new TcpHandler() {
            @Override
            public void onConnected(final TcpSocket<?> socket) {
                sender = socket;
                fill();
            }

            @Override
            public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
                ends += " sender " + why;
            }
        });
    }

    /** Does what can be done now. */
    void run(final long now) {
        int work = 1;
        while (work > 0) {
            work = a.stack.poll(now) + b.stack.poll(now) + fill();
        }
    }

    private int fill() {
        final TcpSocket<?> socket = sender;
        int queued = 0;
        while (socket != null && socket.writable() > 0) {
            queued += socket.send(block, 0, Math.min(BLOCK, socket.writable()));
        }
        return queued;
    }

    long nextEvent(final long now) {
        return Math.min(a.nextEvent(now), b.nextEvent(now));
    }

    @Override
    public void onReadable(final TcpSocket<?> socket) {
        received += socket.readable();
        socket.consume(socket.readable());
    }

    @Override
    public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
        ends += " receiver " + why;
    }

    @Override
    public String toString() {
        return received + " bytes received" + ends;
    }

    void close() {
        a.stack.close();
        b.stack.close();
        fromA.clear();
        fromB.clear();
    }
}
