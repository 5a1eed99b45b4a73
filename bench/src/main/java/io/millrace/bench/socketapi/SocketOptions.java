package io.millrace.bench.socketapi;

import io.millrace.stack.client.SocketError;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@code setsockopt(2)} and {@code getsockopt(2)} of a socket: which levels and options it has, and who answers for each,
 * its {@link Settings}, itself or the stack. Any thread.
 */
final class SocketOptions {
    private final Descriptor socket;
    private final Settings settings;

    SocketOptions(Descriptor socket) {
        this.socket = socket;
        this.settings = socket.settings;
    }

    /** Sets an option, but hands nothing to the stack yet. */
    void set(int level, int option, byte[] value) throws IOException, ErrnoException {
        if (!takes(level)) {
            throw new ErrnoException(Linux.ENOPROTOOPT);
        }
        if (level == Linux.SOL_SOCKET && option == Linux.SO_BINDTODEVICE) {
            bindToDevice(OptionBytes.text(value));
        } else if (MulticastInterface.isOne(level, option)) {
            final MulticastInterface chosen = MulticastInterface.of(socket.client, level, value, socket.type());
            synchronized (settings) {
                settings.ip.multicastInterface(chosen);
            }
        } else if (level == Linux.IPPROTO_UDP && option == Linux.UDP_CORK) {
            socket.cork(OptionBytes.flag(value));
        } else if (level == Linux.SOL_SOCKET && option == Linux.SO_TIMESTAMPING) {
            timestamp(value);
        } else if (!socket.setsItself(level, option, value)) {
            keep(level, option, value);
        }
    }

    /** SO_TIMESTAMPING. */
    private void timestamp(byte[] value) throws IOException, ErrnoException {
        final int wanted = Timestamping.parse(value);
        final boolean numbers;
        synchronized (settings) {
            numbers = settings.timestamping.numbers(wanted);
        }
        final long first = numbers ? socket.firstKey((wanted & Linux.SOF_TIMESTAMPING_OPT_ID_TCP) != 0) : 0;
        synchronized (settings) {
            settings.timestamping.set(wanted);
            if (numbers) {
                settings.timestamping.keyBase(first);
            }
        }
    }

    /** Keeps what is a setting. */
    private void keep(int level, int option, byte[] value) throws IOException, ErrnoException {
        synchronized (settings) {
            final boolean known = settings.ancillary.set(level, option, value, socket.type())
                    || switch (level) {
                        case Linux.SOL_SOCKET -> keepOfSocket(option, value);
                        case Linux.IPPROTO_TCP -> settings.tcp.set(option, value, socket.standing());
                        case Linux.IPPROTO_IP -> settings.ip.set4(option, value, socket.type());
                        case Linux.IPPROTO_IPV6 -> settings.ip.set6(option, value, socket.type(), socket.isBound());
                        default -> false;
                    };
            if (!known) {
                throw new ErrnoException(Linux.ENOPROTOOPT);
            }
        }
    }

    private boolean keepOfSocket(int option, byte[] value) throws ErrnoException {
        if (option == Linux.SO_ZEROCOPY) {
            OptionBytes.integer(value);
            final int protocol = socket.protocol();
            if (socket.type() == Linux.SOCK_RAW || (protocol != Linux.IPPROTO_TCP && protocol != Linux.IPPROTO_UDP)) {
                throw new ErrnoException(Linux.EOPNOTSUPP);
            }
            settings.timestamping.zeroCopy(value);
            return true;
        }
        return settings.set(option, value);
    }

    /** Whether it has options of a level. */
    private boolean takes(int level) {
        return switch (level) {
            case Linux.SOL_SOCKET -> true;
            case Linux.IPPROTO_IP -> socket.domain == Linux.AF_INET || socket.type() != Linux.SOCK_RAW;
            case Linux.IPPROTO_IPV6 -> socket.domain == Linux.AF_INET6;
            case Linux.IPPROTO_TCP, Linux.IPPROTO_UDP -> socket.type() != Linux.SOCK_RAW && socket.protocol() == level;
            default -> false;
        };
    }

    private void bindToDevice(String name) throws IOException, ErrnoException {
        if (!name.isEmpty() && socket.deviceIndex(name) < 0) {
            throw new ErrnoException(Linux.ENODEV);
        }
        synchronized (settings) {
            settings.device = name;
        }
    }

    /**
     * As much of the value of an option as there is room for.
     *
     * @throws ErrnoException EINVAL if there must be more room
     */
    byte[] get(int level, int option, int room) throws IOException, ErrnoException {
        if (room < 0) {
            return whole(level, option);
        }
        if (level == Linux.IPPROTO_TCP && option == Linux.TCP_SAVED_SYN && takes(level)) {
            return socket.savedSyn(room);
        }
        final byte[] value = socket.getOption(level, option);
        if (level == Linux.SOL_SOCKET) {
            return cut(option, value, room);
        }
        final int count = Math.min(value.length, room);
        final boolean oneByte = level == Linux.IPPROTO_IP
                && option != Linux.IP_MULTICAST_IF
                && count < Integer.BYTES
                && OptionBytes.isByte(value);
        return Arrays.copyOf(value, oneByte ? Math.min(1, count) : count);
    }

    /** What a length below zero gets: nothing, but from IPv6, where it counts as a large one. */
    private byte[] whole(int level, int option) throws IOException, ErrnoException {
        if (level != Linux.IPPROTO_IPV6 && takes(level)) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return socket.getOption(level, option);
    }

    /** What there is room for of the value of an option of SOL_SOCKET. */
    private static byte[] cut(int option, byte[] value, int room) throws ErrnoException {
        final int least = switch (option) {
            case Linux.SO_COOKIE -> Long.BYTES;
            case Linux.SO_BINDTODEVICE -> value.length == 0 ? 0 : Linux.IFNAMSIZ;
            default -> 0;
        };
        if (room < least) {
            throw new ErrnoException(Linux.EINVAL);
        }
        final byte[] told = option == Linux.SO_MAX_PACING_RATE && room < Long.BYTES
                ? OptionBytes.ofUnsigned(OptionBytes.over(value).getLong(0))
                : value;
        return Arrays.copyOf(told, Math.min(told.length, room));
    }

    /** The value of an option, in full. */
    byte[] get(int level, int option) throws IOException, ErrnoException {
        if (!takes(level)) {
            throw new ErrnoException(socket.domain == Linux.AF_INET ? Linux.EOPNOTSUPP : Linux.ENOPROTOOPT);
        }
        if ((level == Linux.IPPROTO_IP && option == Linux.IP_MTU)
                || (level == Linux.IPPROTO_IPV6 && option == Linux.IPV6_MTU)) {
            return OptionBytes.of(pathMtu());
        }
        synchronized (settings) {
            byte[] value = settings.ancillary.get(level, option);
            if (value == null) {
                value = switch (level) {
                    case Linux.SOL_SOCKET -> ofSocket(option);
                    case Linux.IPPROTO_TCP -> settings.tcp.get(option);
                    case Linux.IPPROTO_IP -> settings.ip.get4(option);
                    case Linux.IPPROTO_IPV6 -> settings.ip.get6(option);
                    case Linux.IPPROTO_UDP -> option == Linux.UDP_CORK ? OptionBytes.of(socket.isCorked()) : null;
                    default -> null;
                };
            }
            if (value == null) {
                throw new ErrnoException(Linux.ENOPROTOOPT);
            }
            return value;
        }
    }

    /** IP_MTU: what the path to the peer carries. */
    private int pathMtu() throws IOException, ErrnoException {
        final Endpoint<IpAddress> to = socket.remote();
        if (to == null) {
            throw new ErrnoException(Linux.ENOTCONN);
        }
        final Integer mtu = socket.client.call(stack -> stack.pathMtu(to.address()));
        return mtu == null ? 0 : mtu;
    }

    private byte @Nullable [] ofSocket(int option) throws IOException {
        return switch (option) {
            case Linux.SO_ERROR -> {
                final SocketError error = socket.takeError();
                yield OptionBytes.of(error == null ? 0 : error.number());
            }
            case Linux.SO_TYPE -> OptionBytes.of(socket.type());
            case Linux.SO_PROTOCOL -> OptionBytes.of(socket.protocol());
            case Linux.SO_DOMAIN -> OptionBytes.of(socket.domain);
            case Linux.SO_ACCEPTCONN -> OptionBytes.of(socket.listens());
            default -> settings.get(option);
        };
    }
}
