package io.millrace.bench.socketapi;

import io.millrace.stack.client.SocketError;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Constants of Linux on x86-64, by the names that its headers give them. */
@SuppressWarnings("MissingJavadoc") // the names say it
public final class Linux {
    // errno.h
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int E2BIG = 7;
    public static final int EINTR = 4;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int EWOULDBLOCK = 11;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int EPIPE = 32;
    public static final int EDOM = 33;
    public static final int ENOMSG = 42;
    public static final int ENOSYS = 38;
    public static final int EPROTO = 71;
    public static final int ENOTSOCK = 88;
    public static final int EDESTADDRREQ = 89;
    public static final int EMSGSIZE = 90;
    public static final int ENOPROTOOPT = 92;
    public static final int EPROTONOSUPPORT = 93;
    public static final int ESOCKTNOSUPPORT = 94;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ECONNABORTED = 103;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int EISCONN = 106;
    public static final int ENOTCONN = 107;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTUNREACH = 113;
    public static final int EALREADY = 114;
    public static final int EINPROGRESS = 115;
    public static final int EKEYREJECTED = 129;

    // bits/socket.h
    public static final int AF_UNSPEC = 0;
    public static final int SHUT_RD = 0;
    public static final int MSG_OOB = 0x1;
    public static final int SHUT_WR = 1;
    public static final int SOCK_STREAM = 1;
    public static final int AF_INET = 2;
    public static final int MSG_PEEK = 0x2;
    public static final int PF_INET = 2;
    public static final int SHUT_RDWR = 2;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int MSG_DONTROUTE = 0x4;
    public static final int SOCK_SEQPACKET = 5;
    public static final int MSG_CTRUNC = 0x8;
    public static final int AF_INET6 = 10;
    public static final int PF_INET6 = 10;
    public static final int SOCK_MAX = 11;

    /** One more than the largest family. */
    public static final int AF_MAX = 46;

    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_EOR = 0x80;
    public static final int MSG_WAITALL = 0x100;
    public static final int MSG_CONFIRM = 0x800;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOCK_MIN_RCVBUF = 2304;
    public static final int SOCK_MIN_SNDBUF = 4608;
    public static final int MSG_ERRQUEUE = 0x2000;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_MORE = 0x8000;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int MSG_ZEROCOPY = 0x4000000;
    public static final int MSG_FASTOPEN = 0x20000000;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;

    // netinet/in.h
    public static final int INADDR_ANY = 0;
    public static final int IPPROTO_IP = 0;
    public static final int IPPROTO_ICMP = 1;
    public static final int IPPROTO_TCP = 6;
    public static final int IPPROTO_UDP = 17;
    public static final int IPPROTO_IPV6 = 41;
    public static final int IPPROTO_ICMPV6 = 58;
    public static final int IPPROTO_SCTP = 132;
    public static final int IPPROTO_UDPLITE = 136;
    public static final int IPPROTO_RAW = 255;
    public static final int IPPROTO_MPTCP = 262;
    public static final int IPPROTO_MAX = 263;

    // fcntl.h
    public static final int O_RDONLY = 0;
    public static final int FD_CLOEXEC = 1;
    public static final int F_GETFD = 1;
    public static final int O_WRONLY = 1;
    public static final int F_SETFD = 2;
    public static final int O_RDWR = 2;
    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;
    public static final int O_NONBLOCK = 0x800;

    // sys/ioctl.h
    public static final int IFNAMSIZ = 16;
    public static final int SIOCOUTQ = 0x5411;
    public static final int TIOCOUTQ = 0x5411;
    public static final int FIONREAD = 0x541B;
    public static final int SIOCINQ = 0x541B;
    public static final int SIOCOUTQNSD = 0x894B;
    public static final int SIOCATMARK = 0x8905;

    // poll.h, sys/epoll.h
    public static final int EPOLLIN = 0x1;
    public static final int EPOLL_CTL_ADD = 0x1;
    public static final int POLLIN = 0x1;
    public static final int EPOLLPRI = 0x2;
    public static final int EPOLL_CTL_DEL = 0x2;
    public static final int POLLPRI = 0x2;
    public static final int EPOLL_CTL_MOD = 0x3;
    public static final int EPOLLOUT = 0x4;
    public static final int POLLOUT = 0x4;
    public static final int EPOLLERR = 0x8;
    public static final int POLLERR = 0x8;
    public static final int EPOLLHUP = 0x10;
    public static final int POLLHUP = 0x10;
    public static final int POLLNVAL = 0x20;
    public static final int EPOLLRDNORM = 0x40;
    public static final int POLLRDNORM = 0x40;
    public static final int EPOLLRDBAND = 0x80;
    public static final int POLLRDBAND = 0x80;
    public static final int EPOLLWRNORM = 0x100;
    public static final int POLLWRNORM = 0x100;
    public static final int EPOLLWRBAND = 0x200;
    public static final int POLLWRBAND = 0x200;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int POLLRDHUP = 0x2000;
    public static final int EPOLL_CLOEXEC = 0x80000;
    public static final int EPOLLEXCLUSIVE = 0x10000000;
    public static final int EPOLLONESHOT = 0x40000000;
    public static final long EPOLLET = 0x80000000L;

    // asm/socket.h
    public static final int SOL_IP = 0;
    public static final int SOL_SOCKET = 1;
    public static final int SO_DEBUG = 1;
    public static final int SO_REUSEADDR = 2;
    public static final int SO_TYPE = 3;
    public static final int SO_ERROR = 4;
    public static final int SO_DONTROUTE = 5;
    public static final int SOL_TCP = 6;
    public static final int SO_BROADCAST = 6;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_KEEPALIVE = 9;
    public static final int SO_OOBINLINE = 10;
    public static final int SO_NO_CHECK = 11;
    public static final int SO_PRIORITY = 12;
    public static final int SO_LINGER = 13;
    public static final int SO_REUSEPORT = 15;
    public static final int SOL_UDP = 17;
    public static final int SO_RCVLOWAT = 18;
    public static final int SO_SNDLOWAT = 19;
    public static final int SO_RCVTIMEO = 20;
    public static final int SO_SNDTIMEO = 21;
    public static final int SO_BINDTODEVICE = 25;
    public static final int SO_TIMESTAMP = 29;
    public static final int SO_ACCEPTCONN = 30;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SO_TIMESTAMPNS = 35;
    public static final int SO_MARK = 36;
    public static final int SO_TIMESTAMPING = 37;
    public static final int SO_PROTOCOL = 38;
    public static final int SO_DOMAIN = 39;
    public static final int SO_RXQ_OVFL = 40;
    public static final int SOL_IPV6 = 41;
    public static final int SO_SELECT_ERR_QUEUE = 45;
    public static final int SO_BUSY_POLL = 46;
    public static final int SO_MAX_PACING_RATE = 47;
    public static final int SO_MEMINFO = 55;
    public static final int SO_COOKIE = 57;
    public static final int SO_ZEROCOPY = 60;
    public static final int SO_RCVMARK = 75;

    // linux/sock_diag.h, the words of SO_MEMINFO
    public static final int SK_MEMINFO_RMEM_ALLOC = 0;
    public static final int SK_MEMINFO_RCVBUF = 1;
    public static final int SK_MEMINFO_SNDBUF = 3;
    public static final int SK_MEMINFO_WMEM_QUEUED = 5;
    public static final int SK_MEMINFO_VARS = 9;

    // linux/net_tstamp.h
    public static final int SOF_TIMESTAMPING_TX_HARDWARE = 0x1;
    public static final int SOF_TIMESTAMPING_TX_SOFTWARE = 0x2;
    public static final int SOF_TIMESTAMPING_RX_HARDWARE = 0x4;
    public static final int SOF_TIMESTAMPING_RX_SOFTWARE = 0x8;
    public static final int SOF_TIMESTAMPING_SOFTWARE = 0x10;
    public static final int SOF_TIMESTAMPING_RAW_HARDWARE = 0x40;
    public static final int SOF_TIMESTAMPING_OPT_ID = 0x80;
    public static final int SOF_TIMESTAMPING_TX_SCHED = 0x100;
    public static final int SOF_TIMESTAMPING_TX_ACK = 0x200;
    public static final int SOF_TIMESTAMPING_OPT_CMSG = 0x400;
    public static final int SOF_TIMESTAMPING_OPT_TSONLY = 0x800;
    public static final int SOF_TIMESTAMPING_OPT_STATS = 0x1000;
    public static final int SOF_TIMESTAMPING_OPT_PKTINFO = 0x2000;
    public static final int SOF_TIMESTAMPING_OPT_TX_SWHW = 0x4000;
    public static final int SOF_TIMESTAMPING_BIND_PHC = 0x8000;
    public static final int SOF_TIMESTAMPING_OPT_ID_TCP = 0x10000;
    public static final int SOF_TIMESTAMPING_OPT_RX_FILTER = 0x20000;
    public static final int SOF_TIMESTAMPING_TX_COMPLETION = 0x40000;

    // linux/errqueue.h
    public static final int SCM_TSTAMP_SND = 0;
    public static final int SCM_TSTAMP_SCHED = 1;
    public static final int SCM_TSTAMP_ACK = 2;
    public static final int SO_EE_CODE_ZEROCOPY_COPIED = 1;
    public static final int SO_EE_ORIGIN_NONE = 0;
    public static final int SO_EE_ORIGIN_LOCAL = 1;
    public static final int SO_EE_ORIGIN_ICMP = 2;
    public static final int SO_EE_ORIGIN_ICMP6 = 3;
    public static final int SO_EE_ORIGIN_TIMESTAMPING = 4;
    public static final int SO_EE_ORIGIN_ZEROCOPY = 5;
    public static final int SCM_TIMESTAMPING = 37;

    // linux/in.h, linux/in6.h
    public static final int IPV6_2292PKTINFO = 2;
    public static final int IPV6_2292HOPOPTS = 3;
    public static final int IPV6_2292DSTOPTS = 4;
    public static final int IPV6_2292RTHDR = 5;
    public static final int IPV6_2292HOPLIMIT = 8;
    public static final int IPV6_FLOWINFO = 11;
    public static final int IP_PMTUDISC_DONT = 0;
    public static final int IP_PMTUDISC_WANT = 1;
    public static final int IP_TOS = 1;
    public static final int IP_PMTUDISC_DO = 2;
    public static final int IP_TTL = 2;
    public static final int IP_HDRINCL = 3;
    public static final int IP_PMTUDISC_PROBE = 3;
    /** Linux. */
    public static final int IP_PMTUDISC_OMIT = 5;

    public static final int IP_RECVOPTS = 6;
    public static final int IP_RETOPTS = 7;
    public static final int IP_PKTINFO = 8;
    public static final int IP_MTU_DISCOVER = 10;
    public static final int IP_RECVERR = 11;
    public static final int IP_RECVTTL = 12;
    public static final int IP_RECVTOS = 13;
    public static final int IP_MTU = 14;
    public static final int IP_FREEBIND = 15;
    public static final int IPV6_UNICAST_HOPS = 16;
    public static final int IPV6_MULTICAST_IF = 17;
    public static final int IPV6_MULTICAST_HOPS = 18;
    public static final int IP_PASSSEC = 18;
    public static final int IPV6_MULTICAST_LOOP = 19;
    public static final int IP_RECVORIGDSTADDR = 20;
    public static final int IPV6_ADD_MEMBERSHIP = 20;
    public static final int IPV6_DROP_MEMBERSHIP = 21;
    public static final int IP_MINTTL = 21;
    public static final int IP_CHECKSUM = 23;
    public static final int IPV6_MTU_DISCOVER = 23;
    public static final int IPV6_MTU = 24;
    public static final int IP_BIND_ADDRESS_NO_PORT = 24;
    public static final int IP_RECVFRAGSIZE = 25;
    public static final int IPV6_RECVERR = 25;
    public static final int IP_RECVERR_RFC4884 = 26;
    public static final int IPV6_V6ONLY = 26;
    public static final int IP_MULTICAST_IF = 32;
    public static final int IP_MULTICAST_TTL = 33;
    public static final int IP_MULTICAST_LOOP = 34;
    public static final int IP_ADD_MEMBERSHIP = 35;
    public static final int IP_DROP_MEMBERSHIP = 36;
    public static final int IPV6_RECVPKTINFO = 49;
    public static final int IPV6_PKTINFO = 50;
    public static final int IPV6_RECVHOPLIMIT = 51;
    public static final int IPV6_HOPLIMIT = 52;
    public static final int IPV6_RECVHOPOPTS = 53;
    public static final int IPV6_RECVRTHDR = 56;
    public static final int IPV6_RECVDSTOPTS = 58;
    public static final int IPV6_RECVPATHMTU = 60;
    public static final int IPV6_DONTFRAG = 62;
    public static final int IPV6_RECVTCLASS = 66;
    public static final int IPV6_TCLASS = 67;
    public static final int IPV6_AUTOFLOWLABEL = 70;
    public static final int IPV6_MINHOPCOUNT = 73;
    public static final int IPV6_RECVORIGDSTADDR = 74;
    public static final int IPV6_RECVFRAGSIZE = 77;

    // linux/udp.h
    public static final int UDP_CORK = 1;
    public static final int UDP_SEGMENT = 103;
    public static final int UDP_GRO = 104;

    // linux/tcp.h
    public static final int TCP_NODELAY = 1;
    public static final int TCP_MAXSEG = 2;
    public static final int TCP_CORK = 3;
    public static final int TCP_KEEPIDLE = 4;
    public static final int TCP_KEEPINTVL = 5;
    public static final int TCP_KEEPCNT = 6;
    public static final int TCP_SYNCNT = 7;
    public static final int TCP_LINGER2 = 8;
    public static final int TCP_DEFER_ACCEPT = 9;
    public static final int TCP_WINDOW_CLAMP = 10;
    public static final int TCP_INFO = 11;
    public static final int TCP_QUICKACK = 12;
    public static final int TCP_CONGESTION = 13;
    public static final int TCP_MD5SIG = 14;
    public static final int TCP_THIN_LINEAR_TIMEOUTS = 16;
    public static final int TCP_THIN_DUPACK = 17;
    public static final int TCP_USER_TIMEOUT = 18;
    /** net.core.somaxconn of a namespace in which nobody has changed it. */
    public static final int SOMAXCONN = 4_096;

    public static final int TCP_FASTOPEN = 23;
    public static final int TCP_TIMESTAMP = 24;
    public static final int TCP_NOTSENT_LOWAT = 25;
    public static final int TCP_CC_INFO = 26;
    public static final int TCP_FASTOPEN_CONNECT = 30;
    public static final int TCP_MD5SIG_EXT = 32;
    public static final int TCP_FASTOPEN_KEY = 33;
    public static final int TCP_FASTOPEN_NO_COOKIE = 34;
    public static final int TCP_AO_ADD_KEY = 38;
    public static final int TCP_AO_DEL_KEY = 39;
    public static final int TCP_AO_INFO = 40;
    public static final int TCP_AO_GET_KEYS = 41;
    public static final int TCP_CM_INQ = 36;
    public static final int TCP_INQ = 36;
    public static final int TCP_TX_DELAY = 37;
    public static final int TCP_SAVE_SYN = 27;
    public static final int TCP_SAVED_SYN = 28;
    public static final int TCP_IS_MPTCP = 43;
    public static final int TCP_RTO_MAX_MS = 44;
    public static final int TCP_RTO_MIN_US = 45;
    public static final int TCP_DELACK_MAX_US = 46;

    // netinet/tcp.h of FreeBSD, where Linux has neither such an option nor another of the number
    public static final int TCP_REMOTE_UDP_ENCAPS_PORT = 71;
    public static final int TCP_KEEPINIT = 128;
    /** FreeBSD's number, 8, is TCP_LINGER2 on Linux. */
    public static final int TCP_NOOPT = 0x1008;

    public static final int TCP_FIN_TIMEOUT_MAX = 120;

    /** The bits of a socket's type that are not flags. */
    static final int SOCK_TYPE_MASK = 0xF;

    /** Bytes of a {@code tcp_info} of Linux 6.7 and later. */
    static final int TCP_INFO_LENGTH = 280;

    /** TCP_CA_NAME_MAX. */
    static final int CONGESTION_NAME = 16;

    private static final Map<String, Long> BY_NAME = new HashMap<>();

    static {
        try {
            for (final Field field : Linux.class.getDeclaredFields()) {
                if (Modifier.isPublic(field.getModifiers())) {
                    BY_NAME.put(field.getName(), field.getLong(null));
                }
            }
        } catch (IllegalAccessException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Linux() {}

    /** The number that a header gives a name; null if none here does. */
    public static @Nullable Long number(String name) {
        return BY_NAME.get(name);
    }

    /** An error's number with what it means, for a person. */
    public static String describe(int errno) {
        for (final SocketError error : SocketError.values()) {
            if (error.number() == errno) {
                return "errno " + errno + " (" + error + ", " + error.text() + ")";
            }
        }
        return "errno " + errno
                + switch (errno) {
                    case EPROTONOSUPPORT -> " (Protocol not supported)";
                    case ESOCKTNOSUPPORT -> " (Socket type not supported)";
                    default -> "";
                };
    }
}
