package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.FastOpenCookies.Entry;
import io.millrace.stack.wire.FastOpenOption;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import org.jspecify.annotations.Nullable;

/**
 * The opening side of Fast Open (RFC 7413 section 4.1.3): what our first SYN to a server takes along, what its answer
 * teaches, and when it is better left alone. A SYN that is sent again takes nothing along.
 */
final class FastOpenClient {
    /** {@link #room}: the SYN takes no data along. */
    static final int NO_DATA = -1;

    /** What may be added to a SYN on its way, beside its own options. */
    private static final int OPTIONS_ROOM = 40;

    /** Timeouts in a row that tell of a path which swallows a connection. */
    private static final int BLACK_HOLE_TIMEOUTS = 2;

    private static final int MOST_DOUBLINGS = 6;

    private final TcpEngine engine;
    private final FastOpen fastOpen;
    private final FastOpenCookies cookies = new FastOpenCookies();
    private int pauses;
    private long pausedAt;

    FastOpenClient(final TcpEngine engine, final FastOpen fastOpen) {
        this.engine = engine;
        this.fastOpen = fastOpen;
    }

    void forget() {
        cookies.clear();
        pauses = 0;
    }

    private boolean wanted(final TcpConnection c) {
        return c.settings().fastOpenConnect()
                && !c.settings().withoutOptions()
                && fastOpen.settings().client();
    }

    private boolean withoutCookie(final TcpConnection c) {
        return fastOpen.settings().clientWithoutCookie() || c.settings().fastOpenNoCookie();
    }

    private boolean paused(final @Nullable Entry entry, final long now) {
        if (entry != null && now < entry.pausedUntil) {
            return true;
        }
        final long pause = fastOpen.settings().blackHolePause();
        return pauses > 0 && now < pausedAt + (pause << Math.min(pauses - 1, MOST_DOUBLINGS));
    }

    /** Bytes that the SYN of a connection would take along, as many as are queued; {@link #NO_DATA} if none. */
    int room(final TcpConnection c, final long now) {
        final Entry entry = cookies.find(c);
        if (c.state != TcpState.SYN_SENT || c.max != c.iss || !wanted(c) || paused(entry, now)) {
            return NO_DATA;
        }
        final boolean known = entry != null && entry.length > 0;
        return known || withoutCookie(c) ? room(c, entry) : NO_DATA;
    }

    private int room(final TcpConnection c, final @Nullable Entry entry) {
        final int mss = entry == null || entry.mss == 0 ? c.announcedMss : entry.mss;
        return Math.max(0, Math.min(Math.min(mss, c.settings().maxSegment()), engine.egress.pathMss(c)) - OPTIONS_ROOM);
    }

    /**
     * Adds to the first SYN what it takes along.
     *
     * @return bytes from the queue
     */
    int fill(final TcpConnection c, final TcpRepr header, final long now) {
        if (c.retries > 0 || c.max != c.iss || !wanted(c)) {
            return 0;
        }
        final Entry entry = cookies.find(c);
        if (paused(entry, now)) {
            fail(c, TcpInfo.FAST_OPEN_UNAVAILABLE);
            return 0;
        }
        c.hold(TcpConnection.FAST_OPEN, true);
        if (!withoutCookie(c)) {
            if (entry == null) {
                header.fastOpen = FastOpenOption.REQUEST;
                header.fastOpenExperimental = false;
            } else {
                entry.addTo(header);
            }
            if (!Signatures.fit(header, c)) {
                c.hold(TcpConnection.FAST_OPEN, false);
                fail(c, TcpInfo.FAST_OPEN_UNAVAILABLE);
                return 0;
            }
            if (header.fastOpen == FastOpenOption.REQUEST) {
                fail(c, TcpInfo.FAST_OPEN_UNAVAILABLE);
                return 0;
            }
        }
        return Math.min(c.queued(), room(c, entry));
    }

    private static void fail(final TcpConnection c, final int why) {
        c.hindrances().fastOpenFailure = why;
    }

    /** A SYN was too big for the path: if it took data along, it goes once more without. Nothing was lost by congestion. */
    void onTooBig(final TcpConnection c) {
        if (c.state == TcpState.SYN_SENT && c.nxt == c.max && c.inFlight() > 1) {
            c.nxt = c.iss;
            engine.ready(c);
        }
    }

    /** The answer to our SYN: a SYN, with an acknowledgment that fits. */
    void onSynAck(final TcpConnection c, final TcpRepr synAck, final long now) {
        if (!c.holds(TcpConnection.FAST_OPEN)) {
            return;
        }
        final Entry entry = cookies.of(c, fastOpen.settings().cookies());
        entry.mss = synAck.mss == 0 ? c.peerMss : synAck.mss;
        if (withoutCookie(c)) {
            return; // nobody asked for what it may tell
        }
        final boolean took = c.max - c.iss > 1;
        if (synAck.fastOpen > FastOpenOption.REQUEST) {
            entry.take(synAck);
        } else if (took && TcpSeq.lt(synAck.ack, c.max)) {
            spare(entry, now);
        } else if (!took && entry.length == 0 && c.retries == 0) {
            unanswered(entry, now);
        }
    }

    /** RFC 7413 section 4.1.3.1: it did not take what it was sent. */
    private void spare(final Entry entry, final long now) {
        final long pause = fastOpen.settings().pathPause();
        if (pause > 0) {
            entry.pausedUntil = now + pause;
        }
    }

    private void unanswered(final Entry entry, final long now) {
        if (fastOpen.settings().pathPause() > 0) {
            spare(entry, now);
            return;
        }
        final boolean tried = entry.tryExperimental || entry.triedExperimental;
        entry.triedExperimental = tried;
        entry.tryExperimental = !tried;
    }

    /** Our SYN was acknowledged, with all, some or none of its data: what was not taken is sent again. */
    void onSynAcknowledged(final TcpConnection c, final int ack) {
        final int sent = c.max - (c.iss + 1);
        final boolean again = c.nxt != c.max;
        c.una = c.iss + 1;
        if (sent == 0 || !c.holds(TcpConnection.FAST_OPEN)) {
            return;
        }
        final int taken = ack - c.una;
        c.transmit().release(taken);
        TcpTimes.acknowledged(c, c.transmit().head(), engine.now());
        c.una = ack;
        c.nxt = ack;
        if (taken == sent) {
            c.hold(TcpConnection.SYN_DATA, true);
            engine.counters.increment(StackCounter.TCP_FAST_OPEN_SENT);
        } else {
            fail(c, again ? TcpInfo.FAST_OPEN_RETRANSMITTED : TcpInfo.FAST_OPEN_NOT_ACKNOWLEDGED);
            engine.counters.increment(StackCounter.TCP_FAST_OPEN_REFUSED);
        }
        engine.events.addWritable(c);
    }

    /**
     * A connection that was to be opened fast waits in vain. Some boxes in the middle let nothing pass after a SYN with
     * data: after the third timeout in a row, or the last one, all others open the usual way for a while.
     */
    void onTimeout(final TcpConnection c, final boolean last, final long now) {
        if (!c.holds(TcpConnection.FAST_OPEN)
                || fastOpen.settings().blackHolePause() == 0
                || !(c.retries == BLACK_HOLE_TIMEOUTS || (last && c.retries < BLACK_HOLE_TIMEOUTS))) {
            return;
        }
        engine.counters.increment(StackCounter.TCP_FAST_OPEN_PAUSES);
        pauses++;
        pausedAt = now;
    }

    /** A connection that was opened fast came to its end in order: paths let it pass. */
    void onOrderlyEnd(final TcpConnection c) {
        if (c.holds(TcpConnection.FAST_OPEN) && c.holds(TcpConnection.SYN_DATA)) {
            pauses = 0;
        }
    }
}
