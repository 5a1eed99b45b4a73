package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.Bbr;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import io.millrace.stack.storage.RangeSet;
import java.util.ArrayDeque;

/**
 * What connections need only at times: taken when there is data in flight, or a gap, and given back to be used again.
 */
final class Spares {
    private static final int MOST_RANGES = 64;
    private static final int MOST_SENT = 1024;
    private static final int MOST_ECNS = 1024;
    private static final int MOST_MODELS = 128;
    /** Larger ones are left to the garbage collector. */
    private static final int MOST_CAPACITY = 4096;

    private final ArrayDeque<RangeSet> ranges = new ArrayDeque<>();
    private final ArrayDeque<SentSegments> sent = new ArrayDeque<>();
    private final ArrayDeque<Ecn> ecns = new ArrayDeque<>();
    private final ArrayDeque<Bbr> bbrs = new ArrayDeque<>();
    private final int rangeLimit;
    private int rangesOut;

    Spares(final TcpConfig config) {
        this.rangeLimit = config.limits().reassemblyRanges();
    }

    /** Sets of ranges that connections have. */
    int rangesOut() {
        return rangesOut;
    }

    RangeSet takeRanges() {
        rangesOut++;
        final RangeSet spare = ranges.pollLast();
        return spare == null ? new RangeSet(rangeLimit) : spare;
    }

    void give(final RangeSet used) {
        rangesOut--;
        used.clear();
        if (ranges.size() < MOST_RANGES) {
            ranges.addLast(used);
        }
    }

    /** One that begins; arguments as of {@link Ecn#begin}. */
    Ecn takeEcn(final int una) {
        final Ecn spare = ecns.pollLast();
        if (spare == null) {
            return new Ecn(una);
        }
        spare.begin(una);
        return spare;
    }

    /** Takes one that has nothing to remember. */
    void give(final Ecn used) {
        if (ecns.size() < MOST_ECNS) {
            ecns.addLast(used);
        }
    }

    Bbr takeBbr() {
        final Bbr spare = bbrs.pollLast();
        return spare == null ? new Bbr() : spare;
    }

    void give(final Bbr used) {
        if (bbrs.size() < MOST_MODELS && used.rate().capacity() <= MOST_CAPACITY) {
            bbrs.addLast(used);
        }
    }

    SentSegments takeSent() {
        final SentSegments spare = sent.pollLast();
        return spare == null ? new SentSegments() : spare;
    }

    void give(final SentSegments used) {
        if (sent.size() < MOST_SENT && used.capacity() <= MOST_CAPACITY) {
            sent.addLast(used);
        }
    }
}
