package io.millrace.bench.packetdrill.host;

import java.util.Arrays;

/** Linux's error numbers as far as socket calls give them. */
public enum Errno {
    /** No such descriptor. */
    EBADF(9, "Bad file descriptor"),
    /** It would block. */
    EAGAIN(11, "Resource temporarily unavailable"),
    /** Bad address of memory. */
    EFAULT(14, "Bad address"),
    /** Not now or not so. */
    EINVAL(22, "Invalid argument"),
    /** The other way is closed. */
    EPIPE(32, "Broken pipe"),
    /** No such call. */
    ENOSYS(38, "Function not implemented"),
    /** Not on a socket. */
    ENOTSOCK(88, "Socket operation on non-socket"),
    /** No address given. */
    EDESTADDRREQ(89, "Destination address required"),
    /** Too long for a datagram. */
    EMSGSIZE(90, "Message too long"),
    /** No such option. */
    ENOPROTOOPT(92, "Protocol not available"),
    /** Not on a socket of this kind. */
    EOPNOTSUPP(95, "Operation not supported"),
    /** Somebody has it. */
    EADDRINUSE(98, "Address already in use"),
    /** Nobody here has it. */
    EADDRNOTAVAIL(99, "Cannot assign requested address"),
    /** No route. */
    ENETUNREACH(101, "Network is unreachable"),
    /** Reset, before it was accepted. */
    ECONNABORTED(103, "Software caused connection abort"),
    /** Reset. */
    ECONNRESET(104, "Connection reset by peer"),
    /** No memory left for it. */
    ENOBUFS(105, "No buffer space available"),
    /** Connected already. */
    EISCONN(106, "Transport endpoint is already connected"),
    /** Not connected. */
    ENOTCONN(107, "Transport endpoint is not connected"),
    /** No answer. */
    ETIMEDOUT(110, "Connection timed out"),
    /** Nobody listens. */
    ECONNREFUSED(111, "Connection refused"),
    /** No way to the host. */
    EHOSTUNREACH(113, "No route to host"),
    /** It is being connected. */
    EALREADY(114, "Operation already in progress"),
    /** It is being connected from now on. */
    EINPROGRESS(115, "Operation now in progress");

    private final int number;
    private final String text;

    Errno(final int number, final String text) {
        this.number = number;
        this.text = text;
    }

    /** The number. */
    public int number() {
        return number;
    }

    /** A failed call. */
    public Outcome outcome() {
        return Outcome.error(number);
    }

    /** What a number means, for a person. */
    public static String describe(final int number) {
        return Arrays.stream(values())
                .filter(errno -> errno.number == number)
                .map(errno -> "errno " + number + " (" + errno.text + ")")
                .findFirst()
                .orElse("errno " + number);
    }
}
