package io.millrace.bench.socketapi;

import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.socket.tcp.TcpOptions;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a program set of those options of IPPROTO_TCP that say how connections begin. Not thread-safe. */
final class OpeningLevel {
    private int remoteUdpPort;
    private boolean withoutOptions;

    OpeningLevel() {}

    OpeningLevel(OpeningLevel from) {
        remoteUdpPort = from.remoteUdpPort;
        withoutOptions = from.withoutOptions;
    }

    /**
     * Looks, as FreeBSD does, whether the stack has a UDP port to send from before a peer's is set.
     *
     * @throws ErrnoException EINVAL if it has none
     */
    static void checkUdpPort(StackClient client, byte[] value) throws IOException, ErrnoException {
        if (OptionBytes.inRange(value, 0, 0xFFFF) != 0 && !hasUdpPort(client)) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    /**
     * Looks whether the stack still has a UDP port where a connection is to begin within UDP.
     *
     * @throws ErrnoException EHOSTUNREACH if it has none, as FreeBSD says when it is to send then
     */
    void checkConnect(StackClient client, TcpChannel<?> channel) throws IOException, ErrnoException {
        if (remoteUdpPort != 0 && channel.remote() == null && !hasUdpPort(client)) {
            throw new ErrnoException(Linux.EHOSTUNREACH);
        }
    }

    private static boolean hasUdpPort(StackClient client) throws IOException {
        return Boolean.TRUE.equals(
                client.call(stack -> stack.tcp().encapsulations().port() != 0));
    }

    /** Makes a connection that has not begun, or a listener, what was set. */
    void apply(TcpOptions options) {
        if (withoutOptions) {
            options.opening().withoutOptions(true);
        }
        if (remoteUdpPort != 0 && !options.opening().hasBegun()) {
            options.opening().remoteUdpPort(remoteUdpPort);
        }
    }

    /** Sets an option. Returns false if it is none of these. */
    boolean set(int option, byte[] value, Standing standing) throws ErrnoException {
        switch (option) {
            case Linux.TCP_REMOTE_UDP_ENCAPS_PORT -> {
                final int port = OptionBytes.inRange(value, 0, 0xFFFF);
                // As on FreeBSD: what travels within UDP, or not, is up to the SYN.
                if (standing != Standing.CLOSED) {
                    throw new ErrnoException(Linux.EINVAL);
                }
                remoteUdpPort = port;
            }
            case Linux.TCP_NOOPT -> withoutOptions = OptionBytes.flag(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The value of an option; null if it is none of these. */
    byte @Nullable [] get(int option) {
        return switch (option) {
            case Linux.TCP_REMOTE_UDP_ENCAPS_PORT -> OptionBytes.of(remoteUdpPort);
            case Linux.TCP_NOOPT -> OptionBytes.of(withoutOptions);
            default -> null;
        };
    }
}
