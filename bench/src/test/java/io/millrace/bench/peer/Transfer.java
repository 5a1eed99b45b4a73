package io.millrace.bench.peer;

import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSocket;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;

/**
 * Our end of a connection over which a file goes one way, the other, or both at the same time. Who has sent the file ends
 * its side; who only receives waits for that and then ends its own.
 */
final class Transfer implements TcpHandler {
    /**
     * What came of one.
     *
     * @param direction of the transfer
     * @param why it ended
     * @param sha256 digest of what we received, hexadecimal
     * @param info the connection when all was received, or at its end
     */
    record Result(Direction direction, CloseReason why, String sha256, TcpInfo info) {}

    /** Which way the file goes, and the port for that. */
    enum Direction {
        UP(5_001, true, false),
        DOWN(5_002, false, true),
        BOTH(5_003, true, true);

        final int port;
        final boolean received;
        final boolean sent;

        Direction(int port, boolean received, boolean sent) {
            this.port = port;
            this.received = received;
            this.sent = sent;
        }
    }

    private final Direction direction;
    private final MemorySegment file;
    private final Consumer<Result> results;
    private final MessageDigest digest = sha256();
    private final TcpInfo info = new TcpInfo();
    private long position;
    private boolean sent;

    /** One connection. */
    Transfer(Direction direction, MemorySegment file, Consumer<Result> results) {
        this.direction = direction;
        this.file = file;
        this.results = results;
    }

    /** What a listener tells of its connections, each of which becomes a transfer. */
    static TcpHandler each(Direction direction, MemorySegment file, Consumer<Result> results) {
        return new TcpHandler() {
            @Override
            public void onConnected(TcpSocket<?> socket) {
                final Transfer transfer = new Transfer(direction, file, results);
                socket.handler(transfer);
                transfer.onConnected(socket);
            }
        };
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void onConnected(TcpSocket<?> socket) {
        onWritable(socket);
    }

    @Override
    public void onWritable(TcpSocket<?> socket) {
        if (!direction.sent || sent) {
            return;
        }
        while (position < file.byteSize()) {
            final int count = (int) Math.min(Integer.MAX_VALUE, file.byteSize() - position);
            final int taken = socket.send(file, position, count);
            if (taken <= 0) {
                return;
            }
            position += taken;
        }
        sent = true;
        socket.close();
    }

    @Override
    public void onReadable(TcpSocket<?> socket) {
        for (int count = socket.readSpan(); count > 0; count = socket.readSpan()) {
            digest.update(
                    socket.readMemory().asSlice(socket.readOffset(), count).asByteBuffer());
            socket.consume(count);
        }
        socket.info(info);
        if (socket.finished() && !direction.sent) {
            socket.close();
        }
    }

    @Override
    public void onClosed(TcpSocket<?> socket, CloseReason why) {
        if (!direction.received) {
            socket.info(info);
        }
        results.accept(new Result(direction, why, HexFormat.of().formatHex(digest.digest()), info));
    }
}
