package io.millrace.bench.socketapi;

import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;

/** The TCP-AO keys of a socket: those of its connection, if it has one, else those that the next one begins with. */
final class KeyAccess {
    private final TcpDescriptor socket;
    private final TcpChannel<IpAddress> channel;
    private final Standing standing;

    KeyAccess(TcpDescriptor socket, TcpChannel<IpAddress> channel) throws IOException {
        this.socket = socket;
        this.channel = channel;
        this.standing = socket.standing();
    }

    /** What is done with keys. */
    @FunctionalInterface
    private interface Use {
        byte[] of(TcpKeys keys) throws ErrnoException;
    }

    /** What came of it on the shard: a value, or why not. */
    private static final class Outcome {
        final byte[] value;
        final int errno;

        Outcome(byte[] value, int errno) {
            this.value = value;
            this.errno = errno;
        }
    }

    /** Sets an option of {@link AoOptions}. */
    void set(int option, byte[] value) throws IOException, ErrnoException {
        final Endpoint<IpAddress> remote = channel.remote();
        if (standing == Standing.CONNECTED && remote != null) {
            ofConnection(keys -> {
                AoOptions.set(keys, option, value, socket.domain(), false, remote.address());
                return new byte[0];
            });
        } else {
            synchronized (socket.settings) {
                socket.settings.tcp.keys().setAo(option, value, standing == Standing.LISTENING);
            }
        }
    }

    /**
     * The value of TCP_AO_INFO or TCP_AO_GET_KEYS.
     *
     * @param given what was in its place
     */
    byte[] get(int option, byte[] given, int room) throws IOException, ErrnoException {
        final Use use = keys -> option == Linux.TCP_AO_INFO ? AoOptions.info(keys) : AoKeyList.of(keys, given, room);
        if (standing == Standing.CONNECTED) {
            return ofConnection(use);
        }
        synchronized (socket.settings) {
            return use.of(socket.settings.tcp.keys().keys());
        }
    }

    private byte[] ofConnection(Use use) throws IOException, ErrnoException {
        final Outcome outcome = channel.ask(opened -> {
            try {
                return new Outcome(use.of(opened.options().keys()), 0);
            } catch (ErrnoException e) {
                return new Outcome(new byte[0], e.errno());
            }
        });
        if (outcome == null || outcome.errno != 0) {
            throw new ErrnoException(outcome == null ? Linux.ENOENT : outcome.errno);
        }
        return outcome.value;
    }
}
