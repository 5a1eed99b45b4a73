package io.millrace.stack.client;

import io.millrace.stack.wire.IcmpErrorRepr;

/** What goes wrong with sockets, under the names, and with the numbers, that it has on Linux x86-64. */
public enum SocketError {
    /** Not permitted. */
    EPERM(1, "operation not permitted"),
    /** The socket is closed. */
    EBADF(9, "the socket is closed"),
    /** It would have to wait. */
    EAGAIN(11, "not ready yet"),
    /** A broadcast, or a source address that is not ours. */
    EACCES(13, "permission denied"),
    /** An argument makes no sense, or not now. */
    EINVAL(22, "invalid argument"),
    /** Nothing can be sent any more. */
    EPIPE(32, "broken pipe"),
    /** The peer's router says that it is cut off. */
    ENONET(64, "the host is isolated"),
    /** A router or the peer did not understand the packet. */
    EPROTO(71, "protocol error"),
    /** There is nobody to send to. */
    EDESTADDRREQ(89, "destination address required"),
    /** The datagram is longer than the path, or IP, takes. */
    EMSGSIZE(90, "message too long"),
    /** The peer does not serve the protocol. */
    ENOPROTOOPT(92, "protocol not available"),
    /** The socket cannot do that. */
    EOPNOTSUPP(95, "operation not supported"),
    /** An address of another family. */
    EAFNOSUPPORT(97, "address family not supported"),
    /** Another socket has the address and port. */
    EADDRINUSE(98, "address already in use"),
    /** The address is none of ours, or no port is left. */
    EADDRNOTAVAIL(99, "cannot assign requested address"),
    /** The stack was closed. */
    ENETDOWN(100, "the stack was closed"),
    /** No route leads there. */
    ENETUNREACH(101, "network is unreachable"),
    /** The connection ended before anyone knew of it. */
    ECONNABORTED(103, "connection aborted"),
    /** The peer reset the connection. */
    ECONNRESET(104, "connection reset by peer"),
    /** Buffers or the transmit queue are full. */
    ENOBUFS(105, "no buffer space available"),
    /** It is connected already. */
    EISCONN(106, "already connected"),
    /** It is not connected. */
    ENOTCONN(107, "not connected"),
    /** The peer did not answer. */
    ETIMEDOUT(110, "connection timed out"),
    /** Nobody listens there. */
    ECONNREFUSED(111, "connection refused"),
    /** A router knows of no such host. */
    EHOSTDOWN(112, "the host is unknown"),
    /** A router cannot reach the host. */
    EHOSTUNREACH(113, "no route to host"),
    /** An attempt to connect goes on already. */
    EALREADY(114, "already in progress"),
    /** An attempt to connect has begun. */
    EINPROGRESS(115, "in progress");

    private final int number;
    private final String text;

    SocketError(final int number, final String text) {
        this.number = number;
        this.text = text;
    }

    /** Its {@code errno} on Linux x86-64. */
    public int number() {
        return number;
    }

    /** A few words for a person. */
    public String text() {
        return text;
    }

    /** What an ICMP error means to the sender of what it is about. */
    public static SocketError ofIcmp(final IcmpErrorRepr reported) {
        return IcmpMeaning.of(reported.family, reported.type, reported.code);
    }

    /** How requests report it: a negative number. */
    int result() {
        return -number;
    }

    /** The error of a negative result. */
    static SocketError of(final int result) {
        for (final SocketError error : values()) {
            if (error.number == -result) {
                return error;
            }
        }
        throw new IllegalArgumentException("no error has the number " + -result);
    }
}
