package io.millrace.bench.socketapi;

import io.millrace.stack.client.SocketErrorException;
import io.millrace.stack.client.TcpChannel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** Moves as many bytes as calls ask for over the connection of a socket, and counts them. */
final class StreamTransfers {
    /** Most bytes that are moved at a time. */
    private static final int CHUNK = 1 << 20;

    private final Content content;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong read = new AtomicLong();

    StreamTransfers(Content content) {
        this.content = content;
    }

    /** Bytes that were sent. */
    long written() {
        return written.get();
    }

    /**
     * Receives as {@code recv(2)} does.
     *
     * @param flags MSG_PEEK, MSG_DONTWAIT and MSG_WAITALL
     * @throws ErrnoException with EAGAIN if there is nothing yet
     */
    long receive(TcpChannel<?> channel, long length, int flags) throws IOException, ErrnoException {
        if (length == 0) {
            awaitAny(channel, flags);
            return 0;
        }
        final boolean peek = (flags & Linux.MSG_PEEK) != 0;
        final ByteBuffer dropped = ByteBuffer.allocate((int) Math.min(length, CHUNK));
        long total = 0;
        while (total < length) {
            dropped.clear().limit((int) Math.min(dropped.capacity(), length - total));
            final int patience = (flags & Linux.MSG_WAITALL) != 0 ? 0 : Linux.MSG_DONTWAIT;
            final int passed = total == 0 ? flags : flags | patience | TcpChannel.CONTINUED;
            final int count = receive(channel, dropped, passed, total > 0);
            if (count == 0 && total == 0) {
                throw new ErrnoException(Linux.EAGAIN);
            }
            content.take(dropped.duplicate().flip(), read.get());
            total += Math.max(0, count);
            if (!peek) {
                read.addAndGet(Math.max(0, count));
            }
            if (count < dropped.limit() || peek) {
                break;
            }
        }
        return total;
    }

    /**
     * Receives a part of what is wanted.
     *
     * @param more whether another part came before: that counts, whatever ends the waiting for this one
     */
    private static int receive(TcpChannel<?> channel, ByteBuffer target, int flags, boolean more) throws IOException {
        try {
            return channel.receive(target, flags);
        } catch (InterruptedIOException e) { // SO_RCVTIMEO, too
            if (e.bytesTransferred == 0 && !more) {
                throw e;
            }
            return e.bytesTransferred;
        }
    }

    /** No byte is wanted, but as on Linux only once there is one, or none will come. */
    private static void awaitAny(TcpChannel<?> channel, int flags) throws IOException, ErrnoException {
        if (channel.receive(ByteBuffer.allocate(1), flags | Linux.MSG_PEEK) == 0) {
            throw new ErrnoException(Linux.EAGAIN);
        }
    }

    /**
     * Sends as {@code send(2)} does: after some bytes, whatever stops the others is no error.
     *
     * @param flags of {@link TcpChannel#send}, but for {@code last}
     * @param last those that are meant for the last byte only
     * @return how many bytes; 0 if there is no room, and it does not wait
     */
    long send(TcpChannel<?> channel, long length, int flags, int last) throws IOException {
        final ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(length, CHUNK));
        long total = 0;
        do {
            bytes.clear().limit((int) Math.min(bytes.capacity(), length - total));
            content.fill(bytes.duplicate(), written.get());
            final int part = total > 0 ? flags | TcpChannel.BEGUN : flags;
            final int count;
            try {
                count = channel.send(bytes, bytes.remaining() == length - total ? part | last : part);
            } catch (InterruptedIOException e) { // SO_SNDTIMEO, too
                total += e.bytesTransferred;
                written.addAndGet(e.bytesTransferred);
                if (total > 0) {
                    return total;
                }
                throw e;
            } catch (SocketErrorException e) {
                if (total > 0) {
                    return total;
                }
                throw e;
            }
            written.addAndGet(count);
            total += count;
        } while (total < length && !bytes.hasRemaining());
        return total;
    }
}
