package io.millrace.bench.packetdrill.host;

import io.millrace.bench.socketapi.Linux;
import java.util.Map;

/** What FreeBSD tells of a connection where Linux tells otherwise, by Linux's numbers. */
final class FreeBsdErrors {
    /**
     * Whichever ICMP error but one, that hops ran out, ends an attempt to connect, the peer refused it; a reset is one
     * after the peer's FIN, too.
     */
    private static final Map<Integer, Integer> NUMBERS = Map.of(
            Linux.EPIPE, Linux.ECONNRESET,
            Linux.EACCES, Linux.ECONNREFUSED,
            Linux.EPROTO, Linux.ECONNREFUSED,
            Linux.ENOPROTOOPT, Linux.ECONNREFUSED,
            Linux.ENETUNREACH, Linux.ECONNREFUSED,
            Linux.EHOSTUNREACH, Linux.ECONNREFUSED);

    private FreeBsdErrors() {}

    /**
     * What FreeBSD's SO_ERROR would be where Linux's is {@code errno}.
     *
     * @param hopsMayHaveRunOut whether EHOSTUNREACH may stand for that
     */
    static int pending(final int errno, final boolean hopsMayHaveRunOut) {
        return hopsMayHaveRunOut && errno == Linux.EHOSTUNREACH ? errno : NUMBERS.getOrDefault(errno, errno);
    }
}
