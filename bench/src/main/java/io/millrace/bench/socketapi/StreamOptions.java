package io.millrace.bench.socketapi;

import io.millrace.dataplane.run.ShardOptions;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
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
            throws IOException, ErrnoException {
        if (level == Linux.SOL_SOCKET && option == Linux.SO_MEMINFO) {
            return memory(socket);
        }
        if (level != Linux.IPPROTO_TCP) {
            return null;
        }
        return switch (option) {
            // Neither Cubic nor Reno tells anything there on Linux; what BBR and DCTCP have is not told.
            case Linux.TCP_CC_INFO -> new byte[0];
            case Linux.TCP_INFO -> socket.info(ShardOptions.monotonicMicros());
            case Linux.TCP_MAXSEG -> isConnected(socket) ? OptionBytes.of(channel.info().sendMss) : null;
            case Linux.TCP_REMOTE_UDP_ENCAPS_PORT ->
                isConnected(socket) ? OptionBytes.of(channel.info().remoteUdpPort) : null;
            case Linux.TCP_FASTOPEN_KEY ->
                socket.settings.tcp.fastOpenKeys() == null ? FastOpenSend.key(socket.client) : null;
            default -> null;
        };
    }

    /** SO_MEMINFO, where a buffer counts by the bytes that wait in it. */
    private static byte[] memory(TcpDescriptor socket) throws IOException, ErrnoException {
        final boolean listens = socket.listens();
        final int unread = listens ? 0 : socket.unread();
        final int queued = listens ? 0 : socket.unsent(false);
        final byte[] value = new byte[Linux.SK_MEMINFO_VARS * Integer.BYTES];
        final ByteBuffer words = OptionBytes.over(value);
        synchronized (socket.settings) {
            words.putInt(Linux.SK_MEMINFO_RMEM_ALLOC * Integer.BYTES, unread)
                    .putInt(Linux.SK_MEMINFO_RCVBUF * Integer.BYTES, socket.settings.receiveSpace())
                    .putInt(Linux.SK_MEMINFO_SNDBUF * Integer.BYTES, socket.settings.sendSpace())
                    .putInt(Linux.SK_MEMINFO_WMEM_QUEUED * Integer.BYTES, queued);
        }
        return value;
    }

    private static boolean isConnected(TcpDescriptor socket) throws IOException {
        return socket.standing() == Standing.CONNECTED;
    }
}
