package io.millrace.stack.client;

import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;

/** What applications are told of ICMP errors, as Linux does. */
final class IcmpMeaning {
    private IcmpMeaning() {}

    /** The error that type and code stand for; EHOSTUNREACH if they are not known. */
    static SocketError of(final int family, final int type, final int code) {
        return family == IpFamily.V4 ? of4(type, code) : of6(type, code);
    }

    private static SocketError of4(final int type, final int code) {
        if (type == Icmpv4View.PARAMETER_PROBLEM) {
            return SocketError.EPROTO;
        }
        if (type != Icmpv4View.UNREACHABLE) {
            return SocketError.EHOSTUNREACH;
        }
        return switch (code) {
            case 0, 6, 9, 11 -> SocketError.ENETUNREACH;
            case 2 -> SocketError.ENOPROTOOPT;
            case 3 -> SocketError.ECONNREFUSED;
            case 4 -> SocketError.EMSGSIZE;
            case 5 -> SocketError.EOPNOTSUPP;
            case 7 -> SocketError.EHOSTDOWN;
            case 8 -> SocketError.ENONET;
            default -> SocketError.EHOSTUNREACH;
        };
    }

    private static SocketError of6(final int type, final int code) {
        return switch (type) {
            case Icmpv6View.PARAMETER_PROBLEM -> SocketError.EPROTO;
            case Icmpv6View.PACKET_TOO_BIG -> SocketError.EMSGSIZE;
            case Icmpv6View.UNREACHABLE ->
                switch (code) {
                    case 0 -> SocketError.ENETUNREACH;
                    case 1, 5, 6 -> SocketError.EACCES;
                    case 2, 3 -> SocketError.EHOSTUNREACH;
                    case 4 -> SocketError.ECONNREFUSED;
                    default -> SocketError.EPROTO;
                };
            default -> SocketError.EHOSTUNREACH;
        };
    }

    /** Whether it will not pass by itself, so that a datagram socket is told even if it did not ask for all errors. */
    static boolean isHard(final IcmpErrorRepr error) {
        return switch (error.kind) {
            case IcmpErrorRepr.PORT_UNREACHABLE,
                    IcmpErrorRepr.PROTOCOL_UNREACHABLE,
                    IcmpErrorRepr.ADMIN_PROHIBITED,
                    IcmpErrorRepr.PARAMETER_PROBLEM -> true;
            default ->
                error.family == IpFamily.V4
                        ? error.type == Icmpv4View.UNREACHABLE
                                && error.code >= 6
                                && error.code <= 8 // network or host unknown, source isolated
                        : error.type == Icmpv6View.UNREACHABLE && error.code > 6; // codes that are not known
        };
    }
}
