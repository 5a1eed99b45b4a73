package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.wire.FastOpenOption;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The listeners' side of Fast Open (RFC 7413 section 4.2): which SYNs open a connection, and its life until it is one. */
final class FastOpenServer {
    private final TcpEngine engine;

    FastOpenServer(final TcpEngine engine) {
        this.engine = engine;
    }

    /**
     * Judges a SYN for which there is room among the half-open. If it opens no connection, it is answered as ever, and
     * {@code half} told whether with a cookie.
     *
     * @return the connection that it opens, which has not seen it yet; null if it opens none
     */
    @Nullable
    TcpConnection open(final HalfOpen half, final TcpRepr syn, final long now) {
        final FastOpenQueue queue = half.listener.fastOpenOrNull();
        if (queue == null || queue.limit() == 0 || half.listener.settings().withoutOptions()) {
            return null;
        }
        final boolean any = queue.withoutCookie() && (syn.payloadLength > 0 || syn.fastOpen > FastOpenOption.REQUEST);
        if (!any && syn.fastOpen == FastOpenOption.NONE) {
            return null;
        }
        if (!any && syn.fastOpen == FastOpenOption.REQUEST) {
            if (queue.hasRoom(now)) {
                engine.counters.increment(StackCounter.TCP_FAST_OPEN_COOKIES_SENT);
                half.offerCookie(syn.fastOpenExperimental);
            }
            return null;
        }
        final FastOpenKeys keys = queue.keys();
        final boolean sized = syn.fastOpen == FastOpenKeys.COOKIE_LENGTH;
        final boolean current = sized && keys.isCurrent(half, syn.cookieHi);
        final boolean previous = sized && !current && keys.isPrevious(half, syn.cookieHi);
        if (!queue.hasRoom(now)) {
            engine.counters.increment(StackCounter.TCP_FAST_OPEN_QUEUE_FULL);
            return null; // nor is a cookie of any use to the peer now
        }
        if (!any && !current && !previous) {
            engine.counters.increment(StackCounter.TCP_FAST_OPEN_BAD_COOKIE);
            half.offerCookie(syn.fastOpenExperimental);
            return null;
        }
        engine.counters.increment(StackCounter.TCP_FAST_OPEN_ACCEPTED);
        queue.begin();
        return begin(half, syn, new FastOpenPending(half, previous, syn.fastOpenExperimental));
    }

    private TcpConnection begin(final HalfOpen half, final TcpRepr syn, final FastOpenPending pending) {
        final TcpListener<?> listener = half.listener;
        final TcpConnection c = TcpHandshake.connection(half);
        c.state = TcpState.SYN_RECEIVED;
        c.una = c.max;
        c.retries = 0;
        c.window = syn.window; // never scaled in a SYN
        c.wl2 = c.una;
        c.onReceived(true, half.started);
        c.rcvMss = (char) Math.min(c.announcedMss, syn.payloadLength);
        c.updateMss(engine.egress.pathMss(c));
        c.congestion.start(c.una, c.mss, false, PathAdvice.of(c).initialWindow());
        c.transfer().pending = pending;
        listener.pending++;
        engine.enter(c);
        engine.adopt(c, listener.handler());
        engine.events.add(c, EventQueue.CONNECTED);
        return c;
    }

    /**
     * A SYN, without ACK, for a pending connection: the one that opened it, whose data is taken, or the same again.
     *
     * @return false if it is another one
     */
    boolean onSyn(
            final TcpConnection c,
            final FastOpenPending pending,
            final TcpRepr syn,
            final MemorySegment memory,
            final long now) {
        if (syn.seq != pending.irs) {
            return false;
        }
        if (pending.begun) {
            final AccurateEcn accurate = c.accurateEcn();
            if (AccurateEcn.isContradicted(engine, syn, c.usesEcn, accurate != null)) {
                engine.receiver.reset(syn, c.settings());
                engine.closing.finish(c, CloseReason.ABORTED, now);
                return true;
            }
            if (accurate != null) {
                accurate.onOtherSyn(AccurateEcn.field(syn) == 0);
            }
            // Our answer was lost or is late. One more, but no more than the timer would send in all.
            if (pending.retries < engine.config.timeouts().synAckRetries()) {
                pending.retries++;
                pending.answerDue = true;
                engine.ready(c);
            }
            return true;
        }
        pending.begun = true;
        pending.answerDue = true;
        syn.seq++;
        syn.payloadLength = Math.min(syn.payloadLength, c.receiveWindow());
        if (syn.payloadLength > 0) {
            engine.ingress.receiveText(c, syn, memory, now);
            c.hold(TcpConnection.SYN_DATA, c.rcvNxt != syn.seq);
        }
        c.ackNow = false; // the SYN-ACK does it
        engine.ready(c);
        return true;
    }

    /** Whether an acknowledgment completes the handshake: of our SYN, or of what was sent after it, too. */
    static boolean completes(final TcpConnection c, final TcpRepr segment) {
        return TcpSeq.ge(segment.ack, c.una) && TcpSeq.le(segment.ack, c.max);
    }

    /** The peer acknowledged our SYN. */
    void complete(final TcpConnection c, final FastOpenPending pending, final TcpRepr segment, final long now) {
        if (pending.retries == 0) {
            TcpHandshake.onRoundTrip(c, now - pending.started, now);
        }
        final Transfer transfer = c.transfer();
        transfer.pending = null;
        transfer.windowProbe = false;
        pending.listener.fastOpen().end();
        c.retries = pending.retries;
        c.persist = false;
        TcpHandshake.establish(c, segment, true, now);
    }

    /** Nobody answered the SYN-ACK in time. */
    void onTimer(final TcpConnection c, final FastOpenPending pending, final long now) {
        if (pending.retries >= engine.config.timeouts().synAckRetries()) {
            engine.counters.increment(StackCounter.TCP_SYN_TIMEOUTS);
            pending.listener.handshakeTimeouts++;
            engine.closing.finish(c, CloseReason.TIMEOUT, now); // and whoever it is hears no more of us
            return;
        }
        pending.retries++;
        pending.answerDue = true;
        c.retransmitAt = now + timeout(pending);
        engine.ready(c);
    }

    /** Time until the SYN-ACK is sent once more. */
    long timeout(final FastOpenPending pending) {
        return Math.min(
                (long) engine.config.timeouts().initialRto() << Math.min(pending.retries, 30),
                engine.config.timeouts().maxRto());
    }

    /** A pending connection ends. */
    static void onEnd(final Transfer transfer, final CloseReason reason, final long now) {
        final FastOpenPending pending = transfer.pending;
        if (pending == null) {
            return;
        }
        transfer.pending = null;
        if (reason == CloseReason.RESET) {
            pending.listener.fastOpen().reset(now);
        } else {
            pending.listener.fastOpen().end();
        }
    }
}
