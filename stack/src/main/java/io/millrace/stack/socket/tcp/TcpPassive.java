package io.millrace.stack.socket.tcp;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.ListenerEntry;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Segments that belong to no connection: for listeners, for half-open connections, for what is in TIME-WAIT, and for
 * nobody. A full queue drops segments and never resets, so that the peer tries again (RFC 9293 section 3.10.7.2).
 */
final class TcpPassive {
    /** How often others are told that a listener sends cookies. */
    private static final long TELL_MICROS = 1_000_000;

    private final TcpEngine engine;
    private final ArrivedSegment arrived;
    private final TcpConfig config;
    private final Counters<StackCounter> counters;
    private final SynCookies cookies;

    TcpPassive(final TcpEngine engine, final ArrivedSegment arrived) {
        this.engine = engine;
        this.arrived = arrived;
        this.config = engine.config;
        this.counters = engine.counters;
        this.cookies = engine.cookies;
    }

    /**
     * No entry in the flow table. Returns the connection that a cookie made, or a SYN by Fast Open, for what the segment
     * has more to say.
     */
    @Nullable
    TcpConnection onNoFlow(final IpRepr ip, final TcpRepr segment, final MemorySegment memory, final long now) {
        final ListenerEntry entry = listenerFor(ip, segment);
        if (!(entry instanceof TcpListener<?> listener)) {
            counters.increment(StackCounter.TCP_NO_LISTENER);
            if (segment.signature == TcpRepr.UNSIGNED || isOfPeerOfListener(ip, segment, memory)) {
                engine.receiver.reset(segment);
            }
            return null;
        }
        final TcpOptions options = listener.settings();
        if (ip.hopLimit < options.minHopLimit()) {
            counters.increment(StackCounter.TCP_TOO_FAR);
            return null;
        }
        if (!engine.signatures.accepts(options.keysOrNull(), null, ip, segment, memory)) {
            return null;
        }
        if (SegmentChecks.contradictsItself(null, segment, engine.customs())) {
            counters.increment(StackCounter.TCP_BAD_FLAGS);
            return null;
        }
        if (segment.has(TcpView.RST)) {
            counters.increment(StackCounter.TCP_STRAY_RESET);
            return null;
        }
        if (segment.has(TcpView.ACK)) {
            if (!segment.has(TcpView.SYN) && now < listener.cookiesUntil) {
                return onUnknown(listener, new Flow(ip, segment), segment, StackCounter.TCP_NO_CONNECTION, now);
            }
            counters.increment(StackCounter.TCP_NO_CONNECTION);
            engine.receiver.reset(segment, listener.settings());
            return null;
        }
        if (!segment.has(TcpView.SYN)) {
            counters.increment(StackCounter.TCP_NO_SYN);
            return null;
        }
        return open(listener, ip, segment, null, now);
    }

    /**
     * Whether a signed segment for nobody comes from the port that we listen at ourselves, as between routers that speak
     * BGP, and is signed by the key for that: then its sender believes a reset that is, and no other.
     */
    private boolean isOfPeerOfListener(final IpRepr ip, final TcpRepr segment, final MemorySegment memory) {
        return engine.listeners.find(ip.family, ip.dstHi, ip.dstLo, segment.srcPort) instanceof TcpListener<?> listener
                && engine.signatures.accepts(listener.settings().keysOrNull(), null, ip, segment, memory);
    }

    private @Nullable ListenerEntry listenerFor(final IpRepr ip, final TcpRepr segment) {
        return engine.listeners.find(
                ip.family, ip.dstHi, ip.dstLo, segment.dstPort, ip.srcHi, ip.srcLo, segment.srcPort);
    }

    /**
     * A segment that acknowledges nothing we know of while a listener's cookies may come back. One that acknowledges a
     * cookie, but is not the first one, may follow that: its sender begins again from there, and a reset would take its
     * connection. Others are of connections that have ended, cookie or not, and are to hear so; also those that give
     * back the cookie of such a one, which is as good as new to FreeBSD and Linux.
     *
     * @param otherwise why it is refused if it can be neither
     */
    private @Nullable TcpConnection onUnknown(
            final TcpListener<?> listener,
            final TcpFlow flow,
            final TcpRepr segment,
            final StackCounter otherwise,
            final long now) {
        final int cookie = segment.ack - 1;
        final boolean spent = cookies.isSpent(flow, cookie);
        final int mss = spent ? -1 : cookies.mss(flow, segment.seq - 1, cookie, now);
        if (mss >= 0) {
            if (flow instanceof HalfOpen half) {
                drop(half); // of a later SYN of the peer's, for which there was room
            }
            return onCookie(listener, flow, segment, mss, now);
        }
        if (!spent && cookies.mayBe(flow, cookie, now)) {
            counters.increment(StackCounter.TCP_AHEAD_OF_COOKIE);
            return null;
        }
        counters.increment(otherwise);
        engine.receiver.reset(segment, listener.settings());
        return null;
    }

    private @Nullable TcpConnection onCookie(
            final TcpListener<?> listener, final TcpFlow flow, final TcpRepr segment, final int mss, final long now) {
        if (engine.flows.size() >= config.limits().maxConnections()) {
            counters.increment(StackCounter.TCP_SYN_QUEUE_FULL);
            listener.synOverflows++;
            return null;
        }
        final TcpRepr syn = SynCookies.syn(segment, mss);
        final RouteMetrics metrics = engine.writer.metrics(flow);
        final int announced = announcedMss(listener, flow, metrics);
        final HalfOpen half = new HalfOpen(
                flow,
                listener,
                segment.ack - 1,
                FlowSecrets.timestampOffset(engine.secrets.of(flow)),
                syn,
                announced,
                metrics,
                now);
        half.fromCookie = true;
        engine.enter(half);
        listener.halfOpen++;
        final TcpConnection c = complete(half, segment, now);
        if (c == null) {
            drop(half); // the peer gives the cookie back once more
        } else {
            listener.cookiesAccepted++;
            counters.increment(StackCounter.TCP_COOKIES_ACCEPTED);
        }
        return c;
    }

    /** Answers a SYN that there is no room for; the peer keeps what has to be remembered. */
    private void sendCookie(
            final TcpListener<?> listener,
            final TcpFlow flow,
            final TcpRepr syn,
            final int announced,
            final RouteMetrics metrics,
            final long now) {
        final HalfOpen answer = new HalfOpen(
                flow,
                listener,
                cookies.cookie(flow, syn.seq, TcpHandshake.peerMss(syn, flow.family, config), now),
                FlowSecrets.timestampOffset(engine.secrets.of(flow)),
                syn,
                announced,
                metrics,
                now);
        listener.cookiesSent++;
        listener.cookiesUntil = now + SynCookies.LIFETIME;
        if (now >= listener.cookiesToTell) {
            listener.cookiesToTell = now + TELL_MICROS;
            engine.listening.tellOfCookies(listener.local().port());
        }
        counters.increment(StackCounter.TCP_COOKIES_SENT);
        cookies.renew(flow, answer.iss);
        engine.control.sendCookie(answer, now);
    }

    /**
     * Answers a SYN.
     *
     * @param old whose place the connection takes, if there is room for it: one in TIME-WAIT, or null. It costs no more
     *     than that did, and a cookie could be a number that the old one used, so it gets none, as on Linux
     */
    private @Nullable TcpConnection open(
            final TcpListener<?> listener,
            final IpRepr ip,
            final TcpRepr syn,
            final @Nullable TimeWait old,
            final long now) {
        final boolean full = old == null && listener.halfOpen >= listener.synBacklog();
        if ((old == null && engine.flows.size() >= config.limits().maxConnections())
                || (full && listener.synCookies() == CookieMode.OFF)) {
            counters.increment(StackCounter.TCP_SYN_QUEUE_FULL);
            listener.synOverflows++;
            return null;
        }
        if (listener.pending >= listener.backlog()) {
            counters.increment(StackCounter.TCP_ACCEPT_QUEUE_FULL);
            listener.acceptOverflows++;
            return null;
        }
        final TcpFlow flow = new Flow(ip, syn);
        final RouteMetrics metrics = engine.writer.metrics(flow);
        final int announced = announcedMss(listener, flow, metrics);
        if (full || (old == null && listener.synCookies() == CookieMode.ALWAYS)) {
            sendCookie(listener, flow, syn, announced, metrics, now);
            return null; // nor is anything opened at once (RFC 7413 section 5.1)
        }
        final long secret = engine.secrets.of(flow);
        int iss = FlowSecrets.initialSequence(secret, now);
        if (old != null) {
            engine.closing.forget(old);
            if (TcpSeq.le(iss, old.sndNxt)) {
                iss = old.sndNxt + 0x10000; // RFC 9293 section 3.6.1: beyond all that it used
            }
        }
        final HalfOpen half =
                new HalfOpen(flow, listener, iss, FlowSecrets.timestampOffset(secret), syn, announced, metrics, now);
        half.saved = arrived.copy(listener.saveSyn());
        final TcpConnection opened = engine.fastOpen.server.open(half, syn, now);
        if (opened != null) {
            return opened;
        }
        engine.enter(half);
        listener.halfOpen++;
        engine.control.sendSynAck(half, now);
        engine.wheel.set(half, now + config.timeouts().initialRto());
        return null;
    }

    private int announcedMss(final TcpListener<?> listener, final TcpFlow flow, final RouteMetrics metrics) {
        final int most = Math.min(engine.egress.announcedMss(flow), listener.maxMss());
        final boolean bare = listener.settings().withoutOptions();
        final int told = bare ? Math.min(most, TcpHandshake.leastMss(flow.family)) : most;
        return PathAdvice.announcedMss(metrics, told);
    }

    /** A segment for a half-open connection: RFC 9293 section 3.10.7.4 in SYN-RECEIVED. */
    @Nullable
    TcpConnection onHalfOpen(final HalfOpen half, final TcpRepr segment, final long now) {
        final int fromNext = TcpSeq.diff(segment.seq, half.irs + 1);
        if (segment.has(TcpView.SYN) && !segment.has(TcpView.ACK) && segment.seq == half.irs) {
            if (!segment.has(TcpView.RST) && AccurateEcn.isContradicted(engine, segment, half.ecn, half.accurateEcn)) {
                drop(half);
                engine.receiver.reset(segment, half.listener.settings());
                return null;
            }
            // The SYN again: our answer was lost or is late. One more, but no more than the timer would send in all.
            if (!segment.has(TcpView.RST) && half.retries < config.timeouts().synAckRetries()) {
                half.retries++;
                half.onSynAgain(segment);
                engine.control.sendSynAck(half, now);
            }
            return null;
        }
        if (half.timestamps && !segment.has(TcpView.RST)) {
            if (!segment.timestamps && !engine.customs().follow(TcpCustom.MISSING_TIMESTAMPS)) {
                counters.increment(StackCounter.TCP_NO_TIMESTAMP);
                return null;
            }
            if (segment.timestamps && TcpSeq.lt(segment.tsVal, half.tsRecent)) {
                counters.increment(StackCounter.TCP_PAWS);
                answer(half, now);
                return null;
            }
        }
        if (fromNext < 0 || fromNext >= half.firstWindow()) {
            counters.increment(StackCounter.TCP_OUT_OF_WINDOW);
            if (!segment.has(TcpView.RST)) {
                answer(half, now);
            }
            return null;
        }
        if (segment.has(TcpView.RST)) {
            if (fromNext == 0 || engine.customs().follow(TcpCustom.BLIND_RESETS)) {
                counters.increment(StackCounter.TCP_RESETS_RECEIVED);
                drop(half);
            } else {
                answer(half, now);
            }
            return null;
        }
        if (segment.has(TcpView.SYN)) {
            answer(half, now);
            return null;
        }
        if (!segment.has(TcpView.ACK)) {
            counters.increment(StackCounter.TCP_NO_ACK);
            return null;
        }
        if (segment.ack != half.iss + 1) {
            if (now < half.listener.cookiesUntil) {
                return onUnknown(half.listener, half, segment, StackCounter.TCP_BAD_ACK, now);
            }
            counters.increment(StackCounter.TCP_BAD_ACK);
            engine.receiver.reset(segment, half.listener.settings());
            return null;
        }
        final long deferUntil = half.started + half.listener.deferAccept();
        if (now < deferUntil && segment.segmentLength() == 0) {
            if (!half.deferred) {
                half.deferred = true;
                half.listener.deferred++;
                engine.wheel.set(half, deferUntil);
            }
            return null;
        }
        return complete(half, segment, now);
    }

    /**
     * Acknowledges a segment that is out of place, as seldom as an established connection challenges (RFC 5961 section
     * 7).
     */
    private void answer(final HalfOpen half, final long now) {
        if (half.answersFrom == 0 || now - half.answersFrom >= TcpEngine.SECOND) {
            half.answersFrom = now;
            half.answersLeft = TcpIngress.challenges(engine);
        }
        if (half.answersLeft <= 0) {
            counters.increment(StackCounter.TCP_CHALLENGE_LIMIT);
            return;
        }
        half.answersLeft--;
        engine.control.acknowledgeFor(half, now);
    }

    private @Nullable TcpConnection complete(final HalfOpen half, final TcpRepr segment, final long now) {
        final TcpListener<?> listener = half.listener;
        if (listener.pending >= listener.backlog()) {
            counters.increment(StackCounter.TCP_ACCEPT_QUEUE_FULL);
            listener.acceptOverflows++;
            return null;
        }
        engine.wheel.cancel(half);
        listener.halfOpen--;
        listener.pending++;
        final TcpConnection c = TcpHandshake.accept(half, segment, now);
        engine.flows.replace(half, c);
        engine.adopt(c, listener.handler());
        return c;
    }

    /** The SYN-ACK was not answered in time. */
    void onTimer(final HalfOpen half, final long now) {
        if (half.retries >= config.timeouts().synAckRetries()) {
            counters.increment(StackCounter.TCP_SYN_TIMEOUTS);
            half.listener.handshakeTimeouts++;
            drop(half);
            return;
        }
        half.retries++;
        engine.control.sendSynAck(half, now);
        engine.wheel.set(
                half,
                now
                        + Math.min(
                                (long) config.timeouts().initialRto() << Math.min(half.retries, 30),
                                half.listener.settings().maxRto()));
    }

    /** Forgets a half-open connection. */
    void drop(final HalfOpen half) {
        engine.wheel.cancel(half);
        engine.leave(half);
        half.listener.halfOpen--;
    }

    /**
     * A segment for a connection in TIME-WAIT: RFC 9293 section 3.10.7.4, RFC 1337, RFC 6191. Returns as {@link
     * #onNoFlow}.
     */
    @Nullable
    TcpConnection onTimeWait(
            final TimeWait old, final IpRepr ip, final TcpRepr segment, final MemorySegment memory, final long now) {
        if (segment.has(TcpView.RST)) {
            if (engine.customs().follow(TcpCustom.RESETS_END_TIME_WAIT) && segment.seq == old.rcvNxt) {
                counters.increment(StackCounter.TCP_RESETS_RECEIVED);
                engine.closing.forget(old);
            } else {
                counters.increment(StackCounter.TCP_STRAY_RESET); // RFC 1337: TIME-WAIT is not to be cut short
            }
            return null;
        }
        final boolean timed = old.timestamps && segment.timestamps;
        final boolean newer = timed && TcpSeq.gt(segment.tsVal, old.tsRecent);
        if (segment.has(TcpView.SYN) && !segment.has(TcpView.ACK)) {
            final ListenerEntry entry = listenerFor(ip, segment);
            final boolean sameTick = !old.timestamps || !segment.timestamps || segment.tsVal == old.tsRecent;
            final boolean beyond = newer || (sameTick && TcpSeq.ge(segment.seq, old.rcvNxt));
            if (entry instanceof TcpListener<?> listener && (beyond || isGuarded(listener, old, segment))) {
                if (!engine.signatures.accepts(listener.settings().keysOrNull(), null, ip, segment, memory)) {
                    return null;
                }
                return open(listener, ip, segment, old, now);
            }
        } else if (!segment.has(TcpView.SYN)
                && !(timed && TcpSeq.lt(segment.tsVal, old.tsRecent)) // RFC 7323 section 5.3
                && takesQuietly(old, segment, now)) {
            if (newer && segment.has(TcpView.ACK) && !segment.has(TcpView.FIN)) {
                old.tsRecent = segment.tsVal; // RFC 7323 section 4.3
            }
            return null;
        }
        if (!old.carries(segment)) {
            engine.receiver.refuseOther(old, segment);
            return null;
        }
        // Anything else is answered, but not so often that two ends could keep each other busy.
        counters.increment(StackCounter.TCP_OUT_OF_WINDOW);
        if (now - old.answeredAt >= TcpEngine.SECOND / 2) {
            old.answeredAt = now;
            engine.control.acknowledgeFor(old, now);
        }
        return null;
    }

    /** Whether timestamps, which the old connection had none of, tell all segments of the new one from its. */
    private boolean isGuarded(final TcpListener<?> listener, final TimeWait old, final TcpRepr syn) {
        final TcpOptions options = listener.settings();
        return !old.timestamps
                && syn.timestamps
                && engine.offer().timestamps()
                && !options.withoutOptions()
                && options.keysOrNull() == null // signatures may leave no room for them
                && !engine.customs().follow(TcpCustom.MISSING_TIMESTAMPS);
    }

    /**
     * Whether TIME-WAIT is done with a segment that is neither a reset nor a SYN, or else it is answered as out of
     * place.
     */
    private boolean takesQuietly(final TimeWait old, final TcpRepr segment, final long now) {
        final int fromNext = TcpSeq.diff(segment.seq, old.rcvNxt);
        if (!segment.has(TcpView.ACK)) {
            // The fifth check comes after the first: what is within the window is dropped without a word.
            counters.increment(StackCounter.TCP_NO_ACK);
            return fromNext >= 0 && fromNext <= old.windowBytes;
        }
        if (segment.has(TcpView.FIN)) {
            if (fromNext + segment.segmentLength() != 0) {
                return false; // not the one that came
            }
            engine.wheel.set(old, now + config.timeouts().timeWait());
            engine.control.acknowledgeFor(old, now);
            return true;
        }
        return fromNext == 0 && segment.payloadLength == 0; // the late acknowledgment of our FIN
    }

    /** A flow as a SYN names it. */
    private static final class Flow extends TcpFlow {
        Flow(final IpRepr ip, final TcpRepr segment) {
            super(ip, segment);
        }
    }
}
