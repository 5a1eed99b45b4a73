package io.millrace.bench.packetdrill.host;

import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A TCP socket of a program. What the program leaves behind when it closes it goes on without it, as on Linux: unread data
 * at that time, or data that comes later, resets the connection (RFC 1122 section 4.2.2.13).
 */
final class TcpDescriptor extends Descriptor implements TcpHandler {
    private final Host host;
    private final Deque<TcpDescriptor> accepted = new ArrayDeque<>();
    private @Nullable Endpoint<IpAddress> local;
    private @Nullable TcpListener<IpAddress> listener;
    private @Nullable TcpSocket<?> socket;
    private @Nullable CloseReason over;
    private boolean connected;
    private boolean orphan;
    private boolean readShut;
    private boolean writeShut;
    private int pendingError;
    private long written;
    private long read;

    TcpDescriptor(final Host host) {
        this.host = host;
    }

    /** The connection, or null. */
    @Nullable
    TcpSocket<?> socket() {
        return socket;
    }

    /** Bytes that the program wrote. */
    long written() {
        return written;
    }

    boolean listening() {
        return listener != null;
    }

    Outcome bind(final Endpoint<IpAddress> to) {
        if (local != null || socket != null) {
            return Errno.EINVAL.outcome();
        }
        local = to;
        return Outcome.ZERO;
    }

    Outcome listen(final int backlog) {
        final Endpoint<IpAddress> at = local;
        if (socket != null || at == null) {
            return Errno.EINVAL.outcome();
        }
        if (listener != null) {
            return Outcome.ZERO;
        }
        if (option(Constants.SOL_TCP, SocketOptions.TCP_MAXSEG, 0) != 0) {
            throw new UnsupportedCallException("TCP_MAXSEG of a listener");
        }
        try {
            listener = host.stack().listen(at, Math.max(1, backlog + 1), this);
            return Outcome.ZERO;
        } catch (final AddressInUseException e) {
            return Errno.EADDRINUSE.outcome();
        } catch (final IllegalArgumentException e) {
            return Errno.EADDRNOTAVAIL.outcome();
        }
    }

    @Nullable
    TcpDescriptor accept() {
        return accepted.poll();
    }

    /** Connects, or tells how an earlier attempt goes. */
    @Nullable
    Outcome connect(final Endpoint<IpAddress> remote, final boolean first) {
        if (first) {
            if (listener != null || (socket != null && over == null)) {
                return (connected ? Errno.EISCONN : listener != null ? Errno.EINVAL : Errno.EALREADY).outcome();
            }
            final Endpoint<IpAddress> at = local;
            final TcpSocket<?> opened = at == null
                    ? host.stack().connect(remote, this)
                    : host.stack().connect(at, remote, this);
            socket = opened;
            over = null;
            SocketOptions.applyAll(this, opened);
            return nonBlocking() ? Errno.EINPROGRESS.outcome() : null;
        }
        if (connected) {
            return Outcome.ZERO;
        }
        return over == null ? null : Outcome.error(takeError());
    }

    /**
     * Reads.
     *
     * @return null if there is nothing yet
     */
    @Nullable
    Outcome receive(final long wanted, final boolean peek, final boolean all) {
        final TcpSocket<?> from = socket;
        if (from == null || (!connected && over == null)) {
            return Errno.ENOTCONN.outcome();
        }
        final int readable = from.readable();
        final boolean ended = from.finished() || readShut || over != null || peerClosed(from);
        if (readable == 0 || (all && readable < wanted && !ended)) {
            if (readable == 0 && pendingError != 0) {
                return Outcome.error(takeError());
            }
            return wanted == 0 || (readable == 0 && ended) ? Outcome.ZERO : null;
        }
        final int count = (int) Math.min(wanted, readable);
        host.payload().check(from, count, read, peek);
        if (!peek) {
            read += count;
        }
        return Outcome.of(count);
    }

    /**
     * Writes as much as there is room for.
     *
     * @return how much; an error as its negated number
     */
    long send(final long wanted, final boolean more) {
        final TcpSocket<?> to = socket;
        if (pendingError != 0) {
            return -takeError();
        }
        if (writeShut || over != null) {
            return -Errno.EPIPE.number();
        }
        if (to == null || !connected) {
            return to == null ? -Errno.EPIPE.number() : 0;
        }
        cork(to, more || option(Constants.SOL_TCP, SocketOptions.TCP_CORK, 0) != 0, wanted);
        final long taken = host.payload().write(to, wanted, written);
        if (taken < 0) {
            return -Errno.EPIPE.number();
        }
        written += taken;
        return taken;
    }

    /** A program that says that more will follow wants small segments held back until it no longer says so. */
    private static void cork(final TcpSocket<?> socket, final boolean on, final long wanted) {
        if (wanted > 0 && socket.writable() > 0 && socket.options().cork() != on) {
            socket.options().cork(on);
        }
    }

    Outcome shutdown(final int how) {
        final TcpSocket<?> current = socket;
        if (current == null || !connected || over != null) {
            return Errno.ENOTCONN.outcome();
        }
        readShut |= how != 1;
        if (how != 0) {
            writeShut = true;
            current.close();
        }
        return Outcome.ZERO;
    }

    int takeError() {
        final int error = pendingError;
        pendingError = 0;
        return error;
    }

    @Override
    int readiness() {
        if (listener != null) {
            return accepted.isEmpty() ? 0 : Constants.POLLIN | Constants.POLLRDNORM;
        }
        final TcpSocket<?> current = socket;
        if (current == null) {
            return Constants.POLLOUT | Constants.POLLWRNORM | Constants.POLLHUP;
        }
        int ready = 0;
        final boolean ended = over != null || readShut || peerClosed(current);
        if (current.readable() > 0 || ended) {
            ready |= Constants.POLLIN | Constants.POLLRDNORM;
        }
        if (ended) {
            ready |= Constants.POLLRDHUP;
        }
        if (over != null || (ended && writeShut)) {
            ready |= Constants.POLLHUP;
        }
        if (pendingError != 0) {
            ready |= Constants.POLLERR;
        }
        // Linux wakes writers when a third of the buffer is free.
        if (over != null
                || writeShut
                || (connected && 3L * current.writable() >= current.options().sendBuffer())) {
            ready |= Constants.POLLOUT | Constants.POLLWRNORM;
        }
        return ready;
    }

    private static boolean peerClosed(final TcpSocket<?> socket) {
        return switch (socket.state()) {
            case CLOSE_WAIT, LAST_ACK, CLOSING, TIME_WAIT -> true;
            default -> false;
        };
    }

    @Override
    void close() {
        orphan = true;
        final TcpListener<IpAddress> open = listener;
        if (open != null) {
            open.close();
            accepted.forEach(child -> {
                final TcpSocket<?> waiting = child.socket;
                if (waiting != null) {
                    waiting.abort();
                }
            });
        }
        final TcpSocket<?> current = socket;
        if (current != null && over == null) {
            if (current.readable() > 0) {
                current.abort();
            } else {
                current.close();
            }
        }
    }

    @Override
    public void onConnected(final TcpSocket<?> which) {
        if (listener == null) {
            connected = true;
            drains++;
            return;
        }
        final TcpDescriptor child = new TcpDescriptor(host);
        child.options.putAll(options);
        child.socket = which;
        child.connected = true;
        which.handler(child);
        SocketOptions.applyAll(child, which);
        accepted.add(child);
        arrivals++;
    }

    @Override
    public void onReadable(final TcpSocket<?> which) {
        arrivals++;
        if (orphan && which.readable() > 0) {
            which.abort();
        }
    }

    @Override
    public void onWritable(final TcpSocket<?> which) {
        drains++;
    }

    @Override
    public void onClosed(final TcpSocket<?> which, final CloseReason why) {
        if (listener != null && which != socket) {
            return;
        }
        over = why;
        arrivals++;
        drains++;
        if (pendingError == 0) {
            pendingError = switch (why) {
                case RESET -> connected && writeShut && which.finished() ? 0 : resetError(which);
                case REFUSED -> Errno.ECONNREFUSED.number();
                case TIMEOUT -> Errno.ETIMEDOUT.number();
                case UNREACHABLE -> Errno.EHOSTUNREACH.number();
                case EXHAUSTED -> Errno.EADDRNOTAVAIL.number();
                case NORMAL, ABORTED, STACK_CLOSED -> 0;
            };
        }
    }

    /** A reset after the peer's FIN, with nothing left to come, is a broken pipe to whoever writes. */
    private static int resetError(final TcpSocket<?> which) {
        return which.state() == TcpState.CLOSE_WAIT ? Errno.EPIPE.number() : Errno.ECONNRESET.number();
    }
}
