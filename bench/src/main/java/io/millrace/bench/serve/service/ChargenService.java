package io.millrace.bench.serve.service;

import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Character generator (RFC 864): sends the printable ASCII characters in the customary pattern, 72 to a line, each line
 * one character further, for as long as the peer takes them. What the peer sends is thrown away. A connection closes
 * when the peer ends its side.
 */
public final class ChargenService implements TcpService, TcpHandler {
    private static final int FIRST = ' ';
    private static final int COUNT = 95;
    private static final int LINE = 72;
    private static final int STRIDE = LINE + 2;

    /** Bytes after which the pattern repeats. */
    static final int PERIOD = COUNT * STRIDE;

    private static final MemorySegment PATTERN = pattern();

    /** Makes the service of one shard. */
    public ChargenService() {}

    @Override
    public TcpHandler handler() {
        return this;
    }

    @Override
    public void onConnected(TcpSocket<?> socket) {
        final Generator generator = new Generator();
        socket.handler(generator);
        generator.onWritable(socket);
    }

    private static MemorySegment pattern() {
        final MemorySegment pattern = Arena.global().allocate(PERIOD);
        for (int line = 0; line < COUNT; line++) {
            final long start = (long) line * STRIDE;
            for (int i = 0; i < LINE; i++) {
                pattern.set(ValueLayout.JAVA_BYTE, start + i, (byte) (FIRST + (line + i) % COUNT));
            }
            pattern.set(ValueLayout.JAVA_BYTE, start + LINE, (byte) '\r');
            pattern.set(ValueLayout.JAVA_BYTE, start + LINE + 1, (byte) '\n');
        }
        return pattern;
    }

    /** One connection and where it is in the pattern. */
    private static final class Generator implements TcpHandler {
        private int position;

        @Override
        public void onReadable(TcpSocket<?> socket) {
            for (int count = socket.readSpan(); count > 0; count = socket.readSpan()) {
                socket.consume(count);
            }
            if (socket.finished()) {
                socket.close();
            }
        }

        @Override
        public void onWritable(TcpSocket<?> socket) {
            while (true) {
                final int count = Math.min(socket.writeSpan(), PERIOD - position);
                if (count == 0) {
                    return;
                }
                MemorySegment.copy(PATTERN, position, socket.writeMemory(), socket.writeOffset(), count);
                socket.commit(count);
                position = (position + count) % PERIOD;
            }
        }
    }
}
