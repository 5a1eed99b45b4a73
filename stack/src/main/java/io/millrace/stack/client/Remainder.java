package io.millrace.stack.client;

import io.millrace.stack.socket.tcp.TcpSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What had not been read when a connection ended: the stack forgets it, the application may still want it. */
final class Remainder {
    static final Remainder NONE = new Remainder(MemorySegment.NULL);

    private final MemorySegment bytes;
    private long at;

    private Remainder(final MemorySegment bytes) {
        this.bytes = bytes;
    }

    /** Takes over what a connection has. */
    static Remainder of(final TcpSocket<?> connection) {
        final int unread = connection.readable();
        if (unread == 0) {
            return NONE;
        }
        final MemorySegment copy = Arena.ofAuto().allocate(unread);
        connection.receive(copy, 0, unread);
        return new Remainder(copy);
    }

    /** Bytes left. */
    int size() {
        return (int) (bytes.byteSize() - at);
    }

    /** Copies as much as there is room for, which stays if the application only peeks; returns how much. */
    int receive(final MemorySegment target, final long offset, final int room, final boolean peek) {
        final int count = Math.min(room, size());
        MemorySegment.copy(bytes, at, target, offset, count);
        at += peek ? 0 : count;
        return count;
    }
}
