package io.millrace.bench.socketapi;

import io.millrace.dataplane.run.ShardOptions;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Options of a stream socket that its connection answers for, and not what was set: {@link Settings} holds the rest. */
final class StreamOptions {
    private StreamOptions() {}

    /** Sets an option. Returns false if it is none of these. */
    static boolean set(TcpDescriptor socket, TcpChannel<IpAddress> channel, int level, int option, byte[] value)
            throws IOException, ErrnoException {
        if (Membership.isOne(level, option)) {
            throw Membership.ofStream(level, value);
        }
        if (level != Linux.IPPROTO_TCP) {
            return false;
        }
        if (option == Linux.TCP_FASTOPEN_CONNECT && !FastOpenSend.isEnabled(socket.client)) {
            throw new ErrnoException(Linux.EOPNOTSUPP);
        }
        if (option == Linux.TCP_REMOTE_UDP_ENCAPS_PORT) {
            OpeningLevel.checkUdpPort(socket.client, value);
        }
        if (AoOptions.isSet(option)) {
            new KeyAccess(socket, channel).set(option, value);
            return true;
        }
        return false;
    }

    /** The value of an option that what the caller passes in chooses; null if it is none of these. */
    static byte @Nullable [] chosen(
            TcpDescriptor socket, TcpChannel<IpAddress> channel, int level, int option, int room, byte[] given)
            throws IOException, ErrnoException {
        if (level != Linux.IPPROTO_TCP || (option != Linux.TCP_AO_INFO && option != Linux.TCP_AO_GET_KEYS)) {
            return null;
        }
        final byte[] value = new KeyAccess(socket, channel).get(option, given, room);
        return option == Linux.TCP_AO_INFO && room < value.length ? Arrays.copyOf(value, Math.max(0, room)) : value;
    }

    /** The value of an option; null if it is none of these. */
    static byte @Nullable [] get(TcpDescriptor socket, TcpChannel<IpAddress> channel, int level, int option)
            throws IOException {
        if (level != Linux.IPPROTO_TCP) {
            return null;
        }
        return switch (option) {
            case Linux.TCP_INFO -> socket.info(ShardOptions.monotonicMicros());
            case Linux.TCP_MAXSEG -> isConnected(socket) ? OptionBytes.of(channel.info().sendMss) : null;
            case Linux.TCP_REMOTE_UDP_ENCAPS_PORT ->
                isConnected(socket) ? OptionBytes.of(channel.info().remoteUdpPort) : null;
            case Linux.TCP_FASTOPEN_KEY ->
                socket.settings.tcp.fastOpenKeys() == null ? FastOpenSend.key(socket.client) : null;
            default -> null;
        };
    }

    private static boolean isConnected(TcpDescriptor socket) throws IOException {
        return socket.standing() == Standing.CONNECTED;
    }
}
