package io.millrace.stack.client;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Moves bytes from buffers of the application into a connection, one request for as much as an operation carries. */
final class StreamSender {
    private final TcpChannel<?> channel;

    StreamSender(final TcpChannel<?> channel) {
        this.channel = channel;
    }

    /** See {@link TcpChannel#send}. */
    int send(final ByteBuffer source, final int flags) throws IOException {
        final boolean wait = channel.isBlocking() && (flags & TcpChannel.DONT_WAIT) == 0;
        final long deadline = channel.sendDeadline();
        int total = 0;
        do { // of no bytes, too, for sending may fail
            final int taken;
            try {
                taken = put(source, total > 0 ? flags | TcpChannel.BEGUN : flags);
            } catch (final SocketErrorException e) {
                if (total > 0) {
                    return total; // the next call tells
                }
                throw e;
            }
            final int count = taken < 0 ? ~taken : taken;
            total += count;
            if (taken < 0 && !wait) {
                break; // what was asked of the last byte taken was asked once
            }
            if (source.hasRemaining() && count == 0) {
                channel.awaitSend(deadline, total);
            }
        } while (source.hasRemaining());
        return total;
    }

    /** Sends some of the buffers, one behind the other; waits, if the channel does, until everything is taken. */
    long gather(final ByteBuffer[] sources, final int offset, final int length) throws IOException {
        final int end = offset + length;
        final long deadline = channel.sendDeadline();
        long total = 0;
        while (anyRemains(sources, offset, end)) {
            final int count;
            try {
                count = put(sources, offset, end, total > 0 ? TcpChannel.BEGUN : 0);
            } catch (final SocketErrorException e) {
                if (total > 0) {
                    return total; // the next call tells
                }
                throw e;
            }
            total += count;
            if (count == 0) {
                if (!channel.isBlocking()) {
                    break;
                }
                channel.awaitSend(deadline, (int) Math.min(total, Integer.MAX_VALUE));
            }
        }
        return total;
    }

    private static boolean anyRemains(final ByteBuffer[] sources, final int from, final int to) {
        for (int i = from; i < to; i++) {
            if (sources[i].hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    /** One request. Returns how many bytes it took, or the complement of that if those were not all that it could carry. */
    private int put(final ByteBuffer source, final int flags) throws IOException {
        final Operation operation = channel.requests.acquire();
        try {
            final ByteBuffer place = operation.buffer.clear();
            final int from = source.position();
            final int length = Math.min(source.remaining(), place.capacity());
            place.put(0, source, from, length);
            final int last = TcpChannel.END_RECORD | TcpChannel.URGENT;
            final boolean whole = length == source.remaining();
            final int sent = run(operation, length, whole ? flags : (flags & ~last) | TcpChannel.CONTINUED);
            source.position(from + sent);
            return sent < length ? ~sent : sent;
        } finally {
            channel.requests.release(operation);
        }
    }

    /** One request with as much of the buffers as it carries. */
    private int put(final ByteBuffer[] sources, final int from, final int to, final int flags) throws IOException {
        final Operation operation = channel.requests.acquire();
        try {
            final ByteBuffer place = operation.buffer.clear();
            for (int i = from; i < to; i++) {
                final ByteBuffer piece = sources[i];
                final int length = Math.min(piece.remaining(), place.remaining());
                place.put(place.position(), piece, piece.position(), length);
                place.position(place.position() + length);
            }
            final int sent = run(operation, place.position(), flags);
            int left = sent;
            for (int i = from; i < to; i++) {
                final int taken = Math.min(left, sources[i].remaining());
                sources[i].position(sources[i].position() + taken);
                left -= taken;
            }
            return sent;
        } finally {
            channel.requests.release(operation);
        }
    }

    private int run(final Operation operation, final int length, final int flags) throws IOException {
        operation.length = length;
        operation.flags = flags;
        final int result = channel.requests.run(operation, channel.end, Operation.SEND);
        return result == SocketError.EAGAIN.result() ? 0 : channel.checked(result);
    }
}
