package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Expression;
import java.util.HashMap;
import java.util.Map;

/** The numbers behind the names in system calls, as on Linux x86-64. */
public final class Constants {
    static final int SOL_SOCKET = 1;
    static final int SOL_IP = 0;
    static final int SOL_TCP = 6;
    static final int SOL_UDP = 17;
    static final int SOL_IPV6 = 41;

    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_NONBLOCK = 0x800;
    static final int O_NONBLOCK = 0x800;
    static final int O_RDWR = 2;

    static final int POLLIN = 1;
    static final int POLLPRI = 2;
    static final int POLLOUT = 4;
    static final int POLLERR = 8;
    static final int POLLHUP = 0x10;
    static final int POLLNVAL = 0x20;
    static final int POLLRDNORM = 0x40;
    static final int POLLWRNORM = 0x100;
    static final int POLLRDHUP = 0x2000;

    static final int MSG_OOB = 1;
    static final int MSG_PEEK = 2;
    static final int MSG_TRUNC = 0x20;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_WAITALL = 0x100;
    static final int MSG_NOSIGNAL = 0x4000;
    static final int MSG_MORE = 0x8000;

    private static final Map<String, Long> VALUES = new HashMap<>();

    static {
        put("AF_UNSPEC", 0, "AF_INET", 2, "AF_INET6", 10, "PF_INET", 2, "PF_INET6", 10);
        put("SOCK_STREAM", 1, "SOCK_DGRAM", 2, "SOCK_RAW", 3, "SOCK_NONBLOCK", 0x800, "SOCK_CLOEXEC", 0x80000);
        put("IPPROTO_IP", 0, "IPPROTO_ICMP", 1, "IPPROTO_TCP", 6, "IPPROTO_UDP", 17, "IPPROTO_IPV6", 41);
        put("IPPROTO_ICMPV6", 58, "IPPROTO_UDPLITE", 136, "IPPROTO_MPTCP", 262, "IPPROTO_SCTP", 132);
        put("SOL_SOCKET", 1, "SOL_IP", 0, "SOL_TCP", 6, "SOL_UDP", 17, "SOL_IPV6", 41);
        put("SHUT_RD", 0, "SHUT_WR", 1, "SHUT_RDWR", 2);
        put("F_GETFL", 3, "F_SETFL", 4, "F_GETFD", 1, "F_SETFD", 2, "FD_CLOEXEC", 1);
        put("O_RDONLY", 0, "O_WRONLY", 1, "O_RDWR", 2, "O_NONBLOCK", 0x800);
        put("SIOCINQ", 0x541B, "FIONREAD", 0x541B, "SIOCOUTQ", 0x5411, "TIOCOUTQ", 0x5411, "SIOCOUTQNSD", 0x894B);
        put("SO_DEBUG", 1, "SO_REUSEADDR", 2, "SO_TYPE", 3, "SO_ERROR", 4, "SO_DONTROUTE", 5, "SO_BROADCAST", 6);
        put("SO_SNDBUF", 7, "SO_RCVBUF", 8, "SO_KEEPALIVE", 9, "SO_OOBINLINE", 10, "SO_NO_CHECK", 11);
        put("SO_PRIORITY", 12, "SO_LINGER", 13, "SO_REUSEPORT", 15, "SO_RCVLOWAT", 18, "SO_SNDLOWAT", 19);
        put("SO_RCVTIMEO", 20, "SO_SNDTIMEO", 21, "SO_BINDTODEVICE", 25, "SO_TIMESTAMP", 29, "SO_ACCEPTCONN", 30);
        put("SO_MARK", 36, "SO_TIMESTAMPING", 37, "SO_PROTOCOL", 38, "SO_DOMAIN", 39, "SO_BUSY_POLL", 46);
        put("SO_MAX_PACING_RATE", 47, "SO_ZEROCOPY", 60, "SO_SNDBUFFORCE", 32, "SO_RCVBUFFORCE", 33);
        put("TCP_NODELAY", 1, "TCP_MAXSEG", 2, "TCP_CORK", 3, "TCP_KEEPIDLE", 4, "TCP_KEEPINTVL", 5);
        put("TCP_KEEPCNT", 6, "TCP_SYNCNT", 7, "TCP_LINGER2", 8, "TCP_DEFER_ACCEPT", 9, "TCP_WINDOW_CLAMP", 10);
        put("TCP_INFO", 11, "TCP_QUICKACK", 12, "TCP_CONGESTION", 13, "TCP_MD5SIG", 14);
        put("TCP_THIN_LINEAR_TIMEOUTS", 16, "TCP_THIN_DUPACK", 17, "TCP_USER_TIMEOUT", 18, "TCP_FASTOPEN", 23);
        put("TCP_TIMESTAMP", 24, "TCP_NOTSENT_LOWAT", 25, "TCP_FASTOPEN_CONNECT", 30, "TCP_FASTOPEN_KEY", 33);
        put("TCP_FASTOPEN_NO_COOKIE", 34, "TCP_INQ", 36, "TCP_CM_INQ", 36, "TCP_TX_DELAY", 37);
        put("IP_TOS", 1, "IP_TTL", 2, "IP_MTU_DISCOVER", 10, "IP_RECVERR", 11, "IP_RECVTOS", 13, "IP_MTU", 14);
        put("IP_FREEBIND", 15, "IP_BIND_ADDRESS_NO_PORT", 24, "IP_RECVTTL", 12);
        put("IP_PMTUDISC_DONT", 0, "IP_PMTUDISC_WANT", 1, "IP_PMTUDISC_DO", 2, "IP_PMTUDISC_PROBE", 3);
        put("IPV6_UNICAST_HOPS", 16, "IPV6_MTU_DISCOVER", 23, "IPV6_MTU", 24, "IPV6_RECVERR", 25, "IPV6_V6ONLY", 26);
        put("IPV6_TCLASS", 67, "IPV6_HOPLIMIT", 52, "IPV6_RECVTCLASS", 66, "IPV6_RECVHOPLIMIT", 51);
        put("MSG_OOB", 1, "MSG_PEEK", 2, "MSG_DONTROUTE", 4, "MSG_CTRUNC", 8, "MSG_TRUNC", 0x20);
        put("MSG_DONTWAIT", 0x40, "MSG_EOR", 0x80, "MSG_WAITALL", 0x100, "MSG_CONFIRM", 0x800);
        put("MSG_ERRQUEUE", 0x2000, "MSG_NOSIGNAL", 0x4000, "MSG_MORE", 0x8000, "MSG_ZEROCOPY", 0x4000000);
        put("MSG_FASTOPEN", 0x20000000, "MSG_CMSG_CLOEXEC", 0x40000000);
        put("POLLIN", 1, "POLLPRI", 2, "POLLOUT", 4, "POLLERR", 8, "POLLHUP", 0x10, "POLLNVAL", 0x20);
        put("POLLRDNORM", 0x40, "POLLRDBAND", 0x80, "POLLWRNORM", 0x100, "POLLWRBAND", 0x200, "POLLRDHUP", 0x2000);
        put("EPOLLIN", 1, "EPOLLPRI", 2, "EPOLLOUT", 4, "EPOLLERR", 8, "EPOLLHUP", 0x10, "EPOLLRDNORM", 0x40);
        put("EPOLLRDBAND", 0x80, "EPOLLWRNORM", 0x100, "EPOLLWRBAND", 0x200, "EPOLLRDHUP", 0x2000);
        put("EPOLLEXCLUSIVE", 1 << 28, "EPOLLONESHOT", 1 << 30, "EPOLLET", 1L << 31);
        put("EPOLL_CTL_ADD", 1, "EPOLL_CTL_DEL", 2, "EPOLL_CTL_MOD", 3, "EPOLL_CLOEXEC", 0x80000);
        put("INADDR_ANY", 0, "NULL", 0, "EWOULDBLOCK", 11);
        for (final Errno errno : Errno.values()) {
            VALUES.put(errno.name(), (long) errno.number());
        }
    }

    private Constants() {}

    private static void put(final Object... namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            VALUES.put((String) namesAndValues[i], ((Number) namesAndValues[i + 1]).longValue());
        }
    }

    /**
     * The number of an error by its name.
     *
     * @throws UnsupportedCallException if no socket call here gives it
     */
    public static int errno(final String name) {
        return (int) value(name);
    }

    /** The value of an expression that is a number. */
    public static long value(final Expression expression) {
        return switch (expression) {
            case Expression.Literal number -> number.value();
            case Expression.Name name -> value(name.name());
            case Expression.Or or -> value(or.left()) | value(or.right());
            case Expression.Items items
            when items.items().size() == 1 -> value(items.items().getFirst());
            case Expression.Applied applied
            when applied.name().equals("htons") -> value(applied.arguments().getFirst());
            default -> throw new UnsupportedCallException("'" + expression + "' where a number is wanted");
        };
    }

    private static long value(final String name) {
        final Long value = VALUES.get(name);
        if (value == null) {
            throw new UnsupportedCallException("the constant " + name);
        }
        return value;
    }
}
