package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpView;

/**
 * A path that loses full segments without a word, since a router on it neither fragments nor says that they are too big,
 * or its word is filtered (RFC 4821 section 7.7, RFC 8899 section 4.3). When the same full segment times out again, it
 * and all others are cut smaller, one size further down with each timeout. After a while the path's own size is tried
 * again, as path MTUs from routers are (RFC 8201 section 4); should it still be too large, two timeouts tell.
 *
 * <p>Only connections that met one have one.
 */
final class BlackHole {
    /** Timeouts of the same data after which its size is suspected. */
    static final int SUSPICIOUS = 2;

    /** Time until the path's own size is tried again, RFC 1191 section 6.3, RFC 8201 section 4. */
    static final long MEMORY = 600_000_000;

    /** MTUs to try: one for paths of jumbo frames, and what next to every path carries (RFC 8899 section 5.1.2). */
    private static final int[] SIZES = {4_352, 1_280};

    /** Largest segment, options included. */
    final int limit;

    private final long until;

    private BlackHole(final int limit, final long until) {
        this.limit = limit;
        this.until = until;
    }

    /** The retransmission timer expired, for the time that {@code c.retries} tells; everything in flight is lost. */
    static void onTimeout(final TcpConnection c, final long now) {
        final SentSegments flight = c.recovery().sent();
        if (flight == null || c.retries + 1 < SUSPICIOUS) {
            return;
        }
        final int first = flight.firstLost();
        if (first < 0 || flight.endOf(first) - flight.startOf(first) < c.mss) {
            return; // a small segment is lost too
        }
        final int headers = IpFamily.headerLength(c.family) + TcpView.MIN_LENGTH;
        final int smaller = below(c.mss + c.optionBytes() + headers);
        if (smaller > 0) {
            c.blackHole = new BlackHole(smaller - headers, now + MEMORY);
            c.updateMss(c.engine.egress.pathMss(c));
            c.engine.counters.increment(StackCounter.TCP_BLACK_HOLES);
        }
    }

    /** Next size to try, or 0 if there is none. */
    private static int below(final int mtu) {
        for (final int size : SIZES) {
            if (size < mtu) {
                return size;
            }
        }
        return 0;
    }

    /** Data arrives: once in a while the path's own size is tried again. */
    static void onProgress(final TcpConnection c, final long now) {
        final BlackHole hole = c.blackHole;
        if (hole != null && now >= hole.until) {
            c.blackHole = null;
            c.updateMss(c.engine.egress.pathMss(c));
        }
    }
}
