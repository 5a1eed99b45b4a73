package io.millrace.bench.packetdrill.host;

import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.util.Locale;
import java.util.Map;

/** Linux's socket options as far as our sockets have them. */
final class SocketOptions {
    static final int SO_ERROR = 4;
    static final int SO_LINGER = 13;
    static final int TCP_MAXSEG = 2;
    static final int TCP_INFO = 11;
    static final int TCP_CONGESTION = 13;

    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_KEEPALIVE = 9;
    private static final int TCP_NODELAY = 1;
    static final int TCP_CORK = 3;
    private static final int TCP_KEEPIDLE = 4;
    private static final int TCP_KEEPINTVL = 5;
    private static final int TCP_KEEPCNT = 6;
    private static final int TCP_USER_TIMEOUT = 18;
    private static final int IP_TOS = 1;
    private static final int IPV6_TCLASS = 67;
    private static final int IP_TTL = 2;
    private static final int IPV6_UNICAST_HOPS = 16;
    private static final long SECOND = 1_000_000;
    private static final long MILLISECOND = 1000;

    /** What may be set and read back but changes nothing that a script could see here: (level, option). */
    private static final Map<Integer, int[]> WITHOUT_EFFECT = Map.of(
            Constants.SOL_SOCKET,
            new int[] {1, 2, 6, 12, 15, 36, 46}, // debug, reuse, broadcast, priority, mark, busy poll
            Constants.SOL_TCP,
            new int[] {12, 16, 17}, // quick ack is only a hint to Linux, too; thin streams
            Constants.SOL_IP,
            new int[] {10, 11, 12, 13, 15, 24}, // path MTU discovery is always on; errors and TOS are not told
            Constants.SOL_IPV6,
            new int[] {23, 25, 26, 51, 66});

    /** What is off here as long as it is set to 0. */
    private static final Map<Integer, int[]> OFF =
            Map.of(Constants.SOL_TCP, new int[] {9, 23, 30, 34, 36}, Constants.SOL_SOCKET, new int[] {29, 37, 60});

    private SocketOptions() {}

    /** Sets an option. */
    static Outcome set(final Descriptor descriptor, final int level, final int option, final long value) {
        if (!known(level, option, value)) {
            throw new UnsupportedCallException("the socket option " + option + " of level " + level);
        }
        if (!(descriptor instanceof TcpDescriptor tcp)) {
            descriptor.options.put(Descriptor.key(level, option), value);
            return Outcome.ZERO;
        }
        final Long before = tcp.options.put(Descriptor.key(level, option), value);
        final TcpSocket<?> socket = tcp.socket();
        try {
            if (socket != null) {
                apply(tcp, socket.options(), level, option, value);
            }
            return Outcome.ZERO;
        } catch (final IllegalArgumentException e) {
            if (before == null) {
                tcp.options.remove(Descriptor.key(level, option));
            } else {
                tcp.options.put(Descriptor.key(level, option), before);
            }
            return Errno.EINVAL.outcome();
        }
    }

    private static boolean known(final int level, final int option, final long value) {
        return contains(WITHOUT_EFFECT, level, option)
                || (value == 0 && contains(OFF, level, option))
                || switch (level) {
                    case Constants.SOL_SOCKET ->
                        option == SO_SNDBUF || option == SO_RCVBUF || option == SO_KEEPALIVE || option == SO_LINGER;
                    case Constants.SOL_TCP ->
                        (option >= TCP_NODELAY && option <= TCP_KEEPCNT)
                                || option == TCP_CONGESTION
                                || option == TCP_USER_TIMEOUT;
                    case Constants.SOL_IP -> option == IP_TTL || option == IP_TOS;
                    case Constants.SOL_IPV6 -> option == IPV6_UNICAST_HOPS || option == IPV6_TCLASS;
                    default -> false;
                };
    }

    private static boolean contains(final Map<Integer, int[]> options, final int level, final int option) {
        for (final int candidate : options.getOrDefault(level, new int[0])) {
            if (candidate == option) {
                return true;
            }
        }
        return false;
    }

    /** The number that stands for a congestion control. */
    static long congestion(final String name) {
        try {
            return CongestionAlgorithm.valueOf(name.toUpperCase(Locale.ROOT)).ordinal();
        } catch (final IllegalArgumentException e) {
            throw new UnsupportedCallException("the congestion control " + name);
        }
    }

    /** The value of an option. */
    static long get(final Descriptor descriptor, final int level, final int option) {
        if (level == Constants.SOL_SOCKET && option == SO_ERROR) {
            return descriptor instanceof TcpDescriptor tcp ? tcp.takeError() : 0;
        }
        final TcpSocket<?> socket = descriptor instanceof TcpDescriptor tcp ? tcp.socket() : null;
        if (level == Constants.SOL_TCP && option == TCP_MAXSEG && socket != null) {
            return socket.info(new io.millrace.stack.socket.tcp.TcpInfo()).sendMss;
        }
        if (level == Constants.SOL_TCP && option == TCP_CONGESTION && socket != null) {
            return socket.options().congestion().ordinal();
        }
        if (!known(level, option, 0)) {
            throw new UnsupportedCallException("the socket option " + option + " of level " + level);
        }
        final long value = descriptor.option(level, option, 0);
        return level == Constants.SOL_SOCKET && (option == SO_SNDBUF || option == SO_RCVBUF) ? 2 * value : value;
    }

    /** Gives a new connection what was set before there was one. */
    static void applyAll(final TcpDescriptor descriptor, final TcpSocket<?> socket) {
        descriptor.options.forEach(
                (key, value) -> apply(descriptor, socket.options(), (int) (key >> 32), key.intValue(), value));
    }

    private static void apply(
            final TcpDescriptor descriptor,
            final TcpOptions options,
            final int level,
            final int option,
            final long value) {
        switch (level) {
            case Constants.SOL_SOCKET -> {
                switch (option) {
                    // Linux doubles the size and counts its bookkeeping in; of full segments about as much fits as
                    // here.
                    case SO_SNDBUF -> options.sendBuffer((int) Math.max(1, value + value / 5));
                    case SO_RCVBUF -> options.receiveBuffer((int) Math.max(1, value));
                    case SO_KEEPALIVE -> keepAlive(descriptor, options);
                    case SO_LINGER -> options.linger(value < 0 ? TcpOptions.NO_LINGER : value * SECOND);
                    default -> {
                        // Has no effect.
                    }
                }
            }
            case Constants.SOL_TCP -> {
                switch (option) {
                    case TCP_NODELAY -> options.noDelay(value != 0);
                    case TCP_MAXSEG -> options.maxSegment((int) value);
                    case TCP_CORK -> options.cork(value != 0);
                    case TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT -> keepAlive(descriptor, options);
                    case TCP_CONGESTION -> options.congestion(CongestionAlgorithm.values()[(int) value]);
                    case TCP_USER_TIMEOUT -> options.userTimeout(value * MILLISECOND);
                    default -> {
                        // Has no effect.
                    }
                }
            }
            default -> {
                if ((level == Constants.SOL_IP && option == IP_TTL)
                        || (level == Constants.SOL_IPV6 && option == IPV6_UNICAST_HOPS)) {
                    options.hopLimit((int) value);
                } else if ((level == Constants.SOL_IP && option == IP_TOS)
                        || (level == Constants.SOL_IPV6 && option == IPV6_TCLASS)) {
                    options.trafficClass((int) value);
                }
            }
        }
    }

    private static void keepAlive(final TcpDescriptor descriptor, final TcpOptions options) {
        final boolean on = descriptor.option(Constants.SOL_SOCKET, SO_KEEPALIVE, 0) != 0;
        options.keepAlive(
                on ? descriptor.option(Constants.SOL_TCP, TCP_KEEPIDLE, 7200) * SECOND : 0,
                descriptor.option(Constants.SOL_TCP, TCP_KEEPINTVL, 75) * SECOND,
                (int) descriptor.option(Constants.SOL_TCP, TCP_KEEPCNT, 9));
    }
}
