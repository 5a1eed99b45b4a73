package io.millrace.bench.socketapi;

import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.SocketError;
import io.millrace.stack.client.SocketErrorException;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What sending does to a socket that is not connected: MSG_FASTOPEN connects it, and so does FreeBSD wherever an address is
 * given and TCP_FASTOPEN set. What is sent goes with the SYN as far as the server's cookie permits (RFC 7413).
 */
final class FastOpenSend {
    /** Sent without waiting for the connection, as FreeBSD does. */
    private boolean early;

    /** MSG_FASTOPEN connected it without waiting, and nobody was told yet that it is connected. */
    private boolean untold;

    /** Whether the stack's connections may use it. */
    static boolean isEnabled(StackClient client) throws IOException {
        return Boolean.TRUE.equals(
                client.call(stack -> stack.tcp().fastOpen().settings().client()));
    }

    /** The stack's key that was set; empty if none was: what it has made for itself is nobody's to read. */
    static byte[] key(StackClient client) throws IOException {
        final FastOpenKeys set =
                client.call(stack -> stack.tcp().fastOpen().settings().keys());
        return set == null ? new byte[0] : set.bytes();
    }

    /** Whether a SYN waits for its answer. */
    boolean isConnecting(TcpChannel<IpAddress> channel) throws IOException {
        return !early
                && channel.remote() != null
                && (channel.readiness().bits() & Readiness.WRITABLE) == 0
                && channel.info().state == TcpState.SYN_SENT;
    }

    /**
     * Connects, if that is what sending means now.
     *
     * @return flags of {@link TcpChannel} for what is sent
     * @throws ErrnoException EINPROGRESS if nothing of it can be sent yet
     */
    int begin(
            TcpDescriptor socket,
            TcpChannel<IpAddress> channel,
            int flags,
            long length,
            @Nullable Endpoint<IpAddress> to)
            throws IOException, ErrnoException {
        final boolean asked = (flags & Linux.MSG_FASTOPEN) != 0;
        if (length == 0 && !asked && isDeferred(channel)) {
            release(channel);
        }
        // Who waits for the answer anyway has all queued before: what the SYN does not take goes with its
        // acknowledgment.
        final boolean waits = !socket.isNonBlocking() && (flags & Linux.MSG_DONTWAIT) == 0;
        if (!asked && (to == null || !socket.settings.tcp.sendingConnects())) {
            final boolean ahead = early || (waits && socket.settings.tcp.connectsFast() && isDeferred(channel));
            return ahead && channel.remote() != null ? TcpChannel.EARLY : 0;
        }
        final boolean unconnected = channel.remote() == null;
        if (asked && !isEnabled(socket.client)) {
            throw new ErrnoException(Linux.EOPNOTSUPP);
        }
        if (asked && unconnected && to == null) {
            throw new ErrnoException(Linux.EINVAL);
        }
        if (asked && !unconnected && !isDeferred(channel)) {
            learn(socket, channel);
            return 0;
        }
        if (!unconnected) {
            return early ? TcpChannel.EARLY : 0;
        }
        channel.options(options -> options.fastOpenConnect(true));
        early = !asked;
        untold = asked && !waits;
        try {
            socket.connect(to);
        } catch (ErrnoException e) {
            if ((asked && !(waits && length > 0)) || e.errno() != Linux.EINPROGRESS) {
                throw e;
            }
        }
        if (length == 0 && asked) {
            release(channel);
        }
        return early || waits ? TcpChannel.EARLY : 0;
    }

    /**
     * Not again: it goes on, or has failed, or is connected already. As on Linux who did not wait is told the last as {@code
     * connect} tells it, once by no error; from then on nothing asks for Fast Open that does not know better.
     */
    private void learn(TcpDescriptor socket, TcpChannel<IpAddress> channel) throws IOException, ErrnoException {
        final boolean answered = channel.info().state != TcpState.SYN_SENT;
        try {
            socket.connect(Objects.requireNonNull(channel.remote()));
        } catch (SocketErrorException e) {
            if (!(untold && answered) || e.error() != SocketError.EISCONN) {
                throw e;
            }
        }
        untold = false;
    }

    /** Whether the SYN waits for something to take along. */
    private static boolean isDeferred(TcpChannel<IpAddress> channel) throws IOException {
        return channel.remote() != null
                && (channel.readiness().bits() & Readiness.WRITABLE) != 0
                && channel.info().state == TcpState.SYN_SENT;
    }

    /** Lets the SYN go with nothing. */
    private static void release(TcpChannel<IpAddress> channel) throws IOException, ErrnoException {
        channel.ask(opened -> {
            opened.releaseSyn();
            return null;
        });
        throw new ErrnoException(Linux.EINPROGRESS);
    }
}
