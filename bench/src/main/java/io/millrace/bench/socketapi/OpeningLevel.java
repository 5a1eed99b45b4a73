package io.millrace.bench.socketapi;

import io.millrace.stack.socket.tcp.TcpConfig;
import io.millrace.stack.socket.tcp.TcpOptions;
import org.jspecify.annotations.Nullable;

/** What a program set of those options of IPPROTO_TCP that say how connections begin. Not thread-safe. */
final class OpeningLevel {
    private final TcpConfig defaults;
    private int remoteUdpPort;
    private boolean withoutOptions;

    OpeningLevel(TcpConfig defaults) {
        this.defaults = defaults;
    }

    OpeningLevel(OpeningLevel from) {
        this(from.defaults);
        remoteUdpPort = from.remoteUdpPort;
        withoutOptions = from.withoutOptions;
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
                if (standing != Standing.CLOSED
                        || (port != 0 && !defaults.udpEncapsulation().isEnabled())) {
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
