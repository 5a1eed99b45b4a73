package io.millrace.stack.client;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Moves bytes from a connection into buffers of the application, one request for as much as an operation carries. */
final class StreamReceiver {
    private static final int MORE_OF_THE_SAME = TcpChannel.DONT_WAIT | TcpChannel.CONTINUED;

    private final TcpChannel<?> channel;

    StreamReceiver(final TcpChannel<?> channel) {
        this.channel = channel;
    }

    /** See {@link TcpChannel#receive}. */
    int receive(final ByteBuffer target, final int flags) throws IOException {
        final boolean wait = channel.isBlocking() && (flags & TcpChannel.DONT_WAIT) == 0;
        final boolean all = wait && (flags & (TcpChannel.WAIT_ALL | TcpChannel.PEEK)) == TcpChannel.WAIT_ALL;
        if (!target.hasRemaining()) {
            return 0;
        }
        final long deadline = channel.receiveDeadline();
        if (wait && (flags & TcpChannel.WAIT_ALL) != 0 && !all) {
            return peekAll(target, flags, deadline);
        }
        int total = 0;
        while (target.hasRemaining()) {
            int count = 0;
            if (wait && (total == 0 || all)) {
                do {
                    channel.awaitReceive(deadline, total);
                    count = take(target, total == 0 ? flags : flags | TcpChannel.CONTINUED);
                } while (count == 0);
            } else {
                count = take(target, total == 0 ? flags : flags | TcpChannel.CONTINUED);
            }
            if (count <= 0) {
                return total > 0 ? total : count;
            }
            total += count;
            if ((flags & TcpChannel.PEEK) != 0) {
                break;
            }
        }
        return total;
    }

    /** Waits until as much can be looked at as is asked for, though no more than one request carries. */
    private int peekAll(final ByteBuffer target, final int flags, final long deadline) throws IOException {
        final Readiness readiness = channel.readiness();
        final int start = target.position();
        final int wanted = Math.min(target.remaining(), channel.requests.placeBytes());
        int count = 0;
        while (true) {
            final int arrivals = readiness.arrivals(); // before looking: what comes later is seen as another one
            if (count == 0) {
                channel.awaitReceive(deadline, 0);
            }
            final int seen = take(target.position(start), count == 0 ? flags : flags | TcpChannel.CONTINUED);
            if (seen <= 0 && count > 0) {
                target.position(start + count); // another thread has read it since, or the connection is over
                return count;
            }
            count = seen;
            final boolean last = (readiness.bits() & (Readiness.PEER_CLOSED | Readiness.HANG_UP)) != 0;
            if (count < 0 || count == wanted || (count > 0 && last)) {
                return count;
            }
            if (count > 0) {
                channel.awaitArrival(arrivals, deadline, count);
            }
        }
    }

    /** What one request gives; waits, if the channel does, until there is something. */
    int receiveSome(final ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            return 0;
        }
        final long deadline = channel.receiveDeadline();
        int count = 0;
        do {
            if (channel.isBlocking()) {
                channel.awaitReceive(deadline, 0);
            }
            count = take(target, 0);
        } while (count == 0 && channel.isBlocking());
        return count;
    }

    /** Fills some of the buffers, one behind the other; waits as {@link #receiveSome} does. */
    long scatter(final ByteBuffer[] targets, final int offset, final int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            final ByteBuffer target = targets[i];
            if (target.hasRemaining()) {
                final int count = total == 0 ? receiveSome(target) : receive(target, MORE_OF_THE_SAME);
                if (count <= 0) {
                    return total > 0 ? total : count;
                }
                total += count;
                if (target.hasRemaining()) {
                    break;
                }
            }
        }
        return total;
    }

    /** One request: bytes, 0 if there are none yet, -1 if none will come. */
    private int take(final ByteBuffer target, final int flags) throws IOException {
        final Operation operation = channel.requests.acquire();
        try {
            final ByteBuffer place = operation.buffer.clear();
            operation.length = Math.min(target.remaining(), place.capacity());
            operation.flags = flags;
            final int result = channel.requests.run(operation, channel.end, Operation.RECEIVE);
            if (result == SocketError.EAGAIN.result()) {
                return 0;
            }
            if (channel.checked(result) == 0) {
                return -1;
            }
            target.put(place.limit(result));
            return result;
        } finally {
            channel.requests.release(operation);
        }
    }
}
