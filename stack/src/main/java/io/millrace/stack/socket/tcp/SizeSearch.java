package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.MtuProbing;
import io.millrace.stack.socket.tcp.config.TcpFeatures;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import io.millrace.stack.wire.TcpSeq;

/**
 * The search for the largest segments that a path carries. It begins with the connection if {@link MtuProbing} says so,
 * or when a path loses long segments without a word, since a router on it neither fragments nor says that they are too
 * big, or its word is filtered (RFC 4821 section 7.7, RFC 8899 section 4.3): when the same segment, longer than what
 * every path carries, times out again, it and all others are cut smaller, one size further down with each timeout.
 *
 * <p>Then the largest size that passes is searched for between what does and what does not, the path's own first: now
 * and then a segment of new data is larger than the others, with enough of them behind it that its loss shows at once.
 * That it is lost says nothing of congestion, and it is sent again in parts (RFC 4821 sections 7.2 to 7.6). When it is
 * found, and the path's own size is not, that is tried again after a while, as path MTUs from routers are (RFC 8201
 * section 4).
 *
 * <p>A connection has one as long as it sends less than what the path itself and the peer allow. Sizes are those of
 * segments, options included.
 */
final class SizeSearch {
    /** Timeouts of the same data after which its size is suspected. */
    static final int SUSPICIOUS = 2;

    /** Time between probes of a size that was lost: it may have been for another reason. */
    static final long RETRY = 1_000_000;

    /** RFC 8899 section 5.1.2: probes of a size that are lost until it counts as too large. */
    static final int MOST_PROBES = 3;

    /** Difference of sizes that is not worth another probe. */
    private static final int CLOSE = 32;

    /** Segments behind a probe that show its loss, and some to spare. */
    private static final int BEHIND = 4;

    /** MTU to fall back to first on paths of jumbo frames; below it is the one that every path is to carry. */
    private static final int HALFWAY = 4_352;

    /** Largest segment that passes. */
    int limit;

    /** Smallest known not to pass; 0 if none is. */
    private int failed;

    private long probeAt;
    private int lost;

    private enum Probe {
        NONE,
        UNDER_WAY,
        /** It is to be sent again in parts. */
        LOST
    }

    private Probe probe = Probe.NONE;
    private int probeStart;
    private int probeEnd;
    private int probeSize;

    private SizeSearch(final int limit, final int failed, final long probeAt) {
        this.limit = limit;
        this.failed = failed;
        this.probeAt = probeAt;
    }

    /** A connection is established, and is to find out by itself what its path carries. */
    static void begin(final TcpConnection c, final long now) {
        final TcpFeatures features = c.engine.config.features();
        final int base = features.baseMtu() - headers(c);
        if (features.mtuProbing() == MtuProbing.ALWAYS
                && c.sack
                && base < SegmentSize.largest(c, c.engine.egress.pathMss(c))) {
            c.sizeSearch = new SizeSearch(base, 0, now);
        }
    }

    private static int headers(final TcpConnection c) {
        return c.headers(c.engine.config.udpEncapsulation());
    }

    /** The retransmission timer expired, for the time that {@code c.retries} tells; everything in flight is lost. */
    static void onTimeout(final TcpConnection c, final long now) {
        final SizeSearch known = c.sizeSearch;
        if (known != null && known.probe == Probe.UNDER_WAY) {
            known.onLost(c, now);
        }
        final SentSegments flight = c.recovery().sent();
        final TcpFeatures features = c.engine.config.features();
        if (flight == null || c.retries + 1 < SUSPICIOUS || features.mtuProbing() == MtuProbing.OFF) {
            return;
        }
        final int first = flight.firstLost();
        if (first < 0) {
            return;
        }
        // The peer's window may have made it shorter than a full one, and still too long.
        final int size = Math.min(flight.endOf(first) - flight.startOf(first), c.mss) + SegmentSize.options(c);
        final int mtu = size + headers(c);
        final int smaller = HALFWAY < mtu ? HALFWAY : features.baseMtu();
        if (smaller < mtu) {
            c.sizeSearch = new SizeSearch(smaller - headers(c), size, now + RETRY);
            c.updateMss(c.engine.egress.pathMss(c));
            c.engine.counters.increment(StackCounter.TCP_BLACK_HOLES);
        }
    }

    /** Bytes of payload that a probe is to have now; 0 if none is due. */
    int next(final TcpConnection c, final long now) {
        if (now < probeAt || probe != Probe.NONE || !c.sack || c.recovery().phase() != LossRecovery.Phase.OPEN) {
            return 0;
        }
        final int most = SegmentSize.largest(c, c.engine.egress.pathMss(c));
        if (most <= limit) {
            probeAt = now + interval(c); // the path itself has become as small
            return 0;
        }
        final int size = (failed == 0 || failed > most ? most : (limit + failed) / 2) - SegmentSize.options(c);
        final int needed = size + BEHIND * c.mss;
        final int used = c.nxt - c.una;
        final boolean room = Math.min(c.notSent(), Math.min(c.window - used, CongestionRoom.of(c))) >= needed;
        return room && c.nxt == c.max ? size : 0;
    }

    /** A segment with payload larger than usual was sent. */
    void onSent(final TcpConnection c, final int start, final int end) {
        probe = Probe.UNDER_WAY;
        probeStart = start;
        probeEnd = end;
        probeSize = end - start + SegmentSize.options(c);
        c.engine.counters.increment(StackCounter.TCP_SIZE_PROBES);
    }

    /** The left edge moved. */
    static void onProgress(final TcpConnection c, final long now) {
        final SizeSearch search = c.sizeSearch;
        if (search == null || search.probe == Probe.NONE || TcpSeq.lt(c.una, search.probeEnd)) {
            return;
        }
        if (search.probe == Probe.UNDER_WAY) {
            search.lost = 0;
            search.limit = search.probeSize;
            final int pathMss = c.engine.egress.pathMss(c);
            if (search.limit >= SegmentSize.largest(c, pathMss)) {
                c.sizeSearch = null;
            } else {
                search.goOn(c, now, now);
            }
            c.updateMss(pathMss);
        }
        search.probe = Probe.NONE;
    }

    /** Whether the probe is all that is lost of a flight: that is no sign of congestion. */
    static boolean isAllThatIsLost(final TcpConnection c, final SentSegments flight, final long now) {
        final SizeSearch search = c.sizeSearch;
        if (search == null || search.probe == Probe.NONE) {
            return false;
        }
        final int first = flight.firstLost();
        if (flight.startOf(first) != search.probeStart
                || flight.lostBytes() != flight.endOf(first) - flight.startOf(first)) {
            return false;
        }
        if (search.probe == Probe.UNDER_WAY) {
            search.onLost(c, now);
        }
        return true;
    }

    private void onLost(final TcpConnection c, final long now) {
        probe = Probe.LOST;
        if (++lost >= MOST_PROBES) {
            lost = 0;
            failed = probeSize;
        }
        goOn(c, now, now + RETRY);
    }

    /** The segment from {@code start} on is sent again, in parts if it is the probe. */
    void onSentAgain(final int start, final long now) {
        if (probe != Probe.NONE && start == probeStart) {
            if (probe == Probe.UNDER_WAY) {
                probeAt = now + RETRY; // others are lost too: that says nothing of its size
            }
            probe = Probe.NONE;
        }
    }

    private static long interval(final TcpConnection c) {
        return c.engine.config.timeouts().mtuProbeInterval();
    }

    /** The search goes on at a time, or, if it is over, after a while anew. */
    private void goOn(final TcpConnection c, final long now, final long next) {
        final boolean over = failed > 0 && failed - limit <= CLOSE;
        probeAt = over ? now + interval(c) : next;
        failed = over ? 0 : failed;
    }
}
