package io.millrace.stack.client;

import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.ReceivedPacket;
import io.millrace.stack.socket.SocketSettings;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The shard's end of a socket for packets of one kind that are not UDP's. */
abstract class ShardPackets extends ShardSocket {
    private boolean readShut;
    private boolean writeShut;
    private boolean closed;

    ShardPackets(final ClientService service) {
        super(service);
        service.add(this);
    }

    /** How it sends. */
    abstract SocketSettings settings();

    /** Packets that wait. */
    abstract int readable();

    /** The packet that waits longest, still waiting or not; null if there is none. */
    abstract @Nullable ReceivedPacket next(boolean peek);

    /** Sends; returns a result of {@link IpOutput} or, below zero, of {@link SocketError}. */
    abstract int transmit(Operation operation);

    abstract int place(Operation operation);

    abstract int connect(Operation operation);

    abstract boolean isConnected();

    /** Ends the stack's socket. */
    abstract void release();

    final void settings(final Consumer<? super SocketSettings> change) {
        change.accept(settings());
    }

    /** Bytes of the packet that waits longest; 0 if none does. */
    final int nextLength() {
        final ReceivedPacket packet = next(true);
        return packet == null ? 0 : packet.length();
    }

    @Override
    final int serve(final int kind, final Operation operation) {
        if (closed) {
            return SocketError.EBADF.result();
        }
        return switch (kind) {
            case Operation.BIND -> place(operation);
            case Operation.CONNECT -> connect(operation);
            case Operation.SEND -> send(operation);
            case Operation.RECEIVE -> receive(operation);
            case Operation.SHUTDOWN -> shutdown(operation.flags);
            case Operation.TAKE_ERROR -> 0;
            case Operation.CLOSE, Operation.ABORT -> close();
            default -> SocketError.EOPNOTSUPP.result();
        };
    }

    private int send(final Operation operation) {
        if (writeShut) {
            return SocketError.EPIPE.result();
        }
        final int sent = transmit(operation);
        return sent < 0 ? sent : result(sent, operation.length);
    }

    /** What became of a packet that was handed to the stack. */
    static int result(final int sent, final int length) {
        return switch (sent) {
            case IpOutput.SENT -> length;
            case IpOutput.NO_ROUTE -> SocketError.ENETUNREACH.result();
            case IpOutput.TOO_BIG -> SocketError.EMSGSIZE.result();
            case IpOutput.NOT_PERMITTED -> SocketError.EACCES.result();
            default -> SocketError.ENOBUFS.result();
        };
    }

    private int receive(final Operation operation) {
        final ReceivedPacket packet = next((operation.flags & TcpChannel.PEEK) != 0);
        if (packet == null) {
            return readShut ? 0 : SocketError.EAGAIN.result();
        }
        return operation.received(packet, 0);
    }

    private int shutdown(final int how) {
        readShut |= (how & TcpChannel.SHUT_READ) != 0;
        writeShut |= (how & TcpChannel.SHUT_WRITE) != 0;
        return isConnected() ? 0 : SocketError.ENOTCONN.result();
    }

    private int close() {
        closed = true;
        release();
        service.remove(this);
        return 0;
    }

    @Override
    final void end() {
        close();
    }

    final void onWaiting() {
        readiness.arrived();
        update();
    }

    @Override
    final void update() {
        final int reads = Readiness.READABLE | Readiness.READ_NORMAL;
        int bits = Readiness.WRITABLE | Readiness.WRITE_NORMAL | Readiness.WRITE_BAND;
        bits |= closed || readShut || readable() > 0 ? reads : 0;
        bits |= readShut ? Readiness.PEER_CLOSED : 0;
        bits |= closed || (readShut && writeShut) ? Readiness.HANG_UP : 0;
        readiness.set(bits);
    }
}
