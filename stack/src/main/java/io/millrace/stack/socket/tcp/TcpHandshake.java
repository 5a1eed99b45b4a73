package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.config.TcpOffer;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;

/** How connections come to be: our SYN's answer, the peer's acknowledgment of ours, and what their options agree on. */
final class TcpHandshake {
    /** How long after a reset a SYN follows it, microseconds: what overtakes another on the way does so by less. */
    private static final int BEHIND_RESET = 10_000;

    /** What a SYN without the option stands for, RFC 9293 section 3.7.1. */
    private static final int DEFAULT_MSS_V4 = 536;

    private static final int DEFAULT_MSS_V6 = 1220;

    private TcpHandshake() {}

    /** MSS of who announces none. */
    static int leastMss(final int family) {
        return family == IpFamily.V4 ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6;
    }

    /** MSS that a SYN allows us to send. */
    static int peerMss(final TcpRepr syn, final int family, final TcpConfig config) {
        if (syn.mss == 0) {
            return leastMss(family);
        }
        return Math.max(syn.mss, config.features().minMss());
    }

    /** Window shift that makes the largest receive buffer expressible. */
    static int receiveShift(final TcpConfig config, final TcpOptions settings) {
        final int set = settings.receiveBufferSet();
        final int largest = set > 0 ? set : config.buffers().receiveBufferLimit();
        int shift = 0;
        while (shift < TcpRepr.MAX_WINDOW_SHIFT && largest >>> shift > 0xFFFF) {
            shift++;
        }
        return shift;
    }

    /** What our SYN will say, as long as it was not sent: options may have changed it. */
    static void beforeSyn(final TcpConnection c) {
        if (c.state == TcpState.SYN_SENT && c.max == c.iss) {
            final TcpEngine engine = c.engine;
            final TcpOffer offer = engine.offer();
            final boolean bare = c.settings().withoutOptions();
            c.scaling = offer.windowScaling() && !bare;
            c.timestamps = offer.timestamps() && !bare;
            c.sack = offer.sack() && !bare;
            c.receiveShift = (byte) (c.scaling ? receiveShift(engine.config, c.settings()) : 0);
            final int most =
                    Math.min(engine.egress.announcedMss(c), c.settings().maxSegment());
            c.announcedMss =
                    (char) PathAdvice.announcedMss(PathAdvice.of(c), bare ? Math.min(most, leastMss(c.family)) : most);
        }
    }

    /**
     * Whether our SYN, as it was sent last, asks for congestion notification: the first one does, and more if so set.
     */
    static boolean asksForEcn(final TcpConnection c) {
        final int retries = c.engine.config.features().ecnSynRetries();
        // RFC 9768 section 3.1.4.1: what asks for accurate notification goes out twice.
        return c.retries <= (asksForAccurateEcn(c) ? Math.max(retries, 1) : retries) && !c.withoutEcn;
    }

    /** Whether that is accurate notification, or was before it was given up. */
    static boolean asksForAccurateEcn(final TcpConnection c) {
        return c.engine.offer().ecn().requestsAccurate();
    }

    /** RFC 9293 section 3.10.7.3. */
    static void onSynSent(final TcpConnection c, final TcpRepr segment, final long now) {
        final TcpEngine engine = c.engine;
        final boolean acknowledges = segment.has(TcpView.ACK);
        if (acknowledges && (TcpSeq.le(segment.ack, c.iss) || TcpSeq.gt(segment.ack, c.max))) {
            engine.receiver.reset(segment, c.settings());
            if (!segment.has(TcpView.RST) && engine.customs().follow(TcpCustom.SYNS_SOON_AFTER_RESETS)) {
                askAgainSoon(c, now);
            }
            return;
        }
        if (acknowledges && !segment.has(TcpView.RST) && echoesAnother(c, segment, now)) {
            engine.counters.increment(StackCounter.TCP_BAD_ECHO);
            engine.receiver.reset(segment, c.settings());
            return;
        }
        if (segment.has(TcpView.RST)) {
            if (acknowledges && asksForEcn(c)) {
                c.withoutEcn = true; // perhaps it was not meant (RFC 3168 section 6.1.1.1): once more, without
                c.nxt = c.iss;
                engine.ready(c);
            } else if (acknowledges) {
                engine.counters.increment(StackCounter.TCP_RESETS_RECEIVED);
                c.forgetReported();
                engine.closing.finish(c, CloseReason.REFUSED, now);
            }
            return;
        }
        if (!segment.has(TcpView.SYN)) {
            engine.counters.increment(StackCounter.TCP_NO_SYN);
            return;
        }
        takeSyn(c, segment, now);
        if (acknowledges) {
            engine.fastOpen.client.onSynAck(c, segment, now);
            engine.fastOpen.client.onSynAcknowledged(c, segment.ack);
            if (c.retries == 0) {
                onRoundTrip(c, now - c.transfer().rttStart, now);
            }
            establish(c, segment, now);
            c.ackNow = true;
        } else {
            // Both sides opened at once: our SYN goes out again, with an acknowledgment (figure 8).
            c.state = TcpState.SYN_RECEIVED;
            c.nxt = c.iss;
        }
        engine.ready(c);
    }

    /**
     * The peer had a connection of before, which the reset ended (RFC 9293 section 3.5.1, figure 9): it listens now, and the
     * SYN need not wait for its timeout, but only behind the reset. Once: it may be anybody who answers so.
     */
    private static void askAgainSoon(final TcpConnection c, final long now) {
        if (c.retries == 0 && c.retransmitAt - now > BEHIND_RESET) {
            c.engine.timers.startRetransmission(c, BEHIND_RESET, now);
        }
    }

    /** How long the handshake took: the first round trip (RFC 6298 section 2.2, RFC 8985 section 6.2, step 1). */
    static void onRoundTrip(final TcpConnection c, final long micros, final long now) {
        PathAdvice.sample(c, micros);
        final Transfer transfer = c.transferOrNull();
        if (transfer != null) {
            transfer.recovery.rack().onRoundTrip(micros, now);
        } else {
            c.leastRoundTrip = Math.clamp(micros, 1, Integer.MAX_VALUE);
            c.leastAt = (int) (now / TcpEngine.SECOND);
        }
    }

    /**
     * Whether the timestamp that an answer to our SYN echoes is of none that we sent for this connection: it answers an
     * earlier one, or was made up by who saw neither. As Linux; an echo of 0 is what some send that know none.
     */
    private static boolean echoesAnother(final TcpConnection c, final TcpRepr segment, final long now) {
        if (!c.timestamps || !segment.timestamps || segment.tsEcr == 0) {
            return false;
        }
        final int first = FlowSecrets.timestamp(c.tsOffset, c.transfer().rttStart);
        final int last = FlowSecrets.timestamp(c.tsOffset, now);
        return TcpSeq.lt(segment.tsEcr, first) || TcpSeq.gt(segment.tsEcr, last);
    }

    private static void takeSyn(final TcpConnection c, final TcpRepr syn, final long now) {
        final TcpConfig config = c.engine.config;
        c.rcvNxt = syn.seq + 1;
        c.ackSent = c.rcvNxt - 1;
        c.rcvEdge = c.rcvNxt + c.firstWindow();
        c.peerMss = (char) peerMss(syn, c.family, config);
        c.scaling &= syn.windowShift >= 0;
        c.sendShift = (byte) (c.scaling ? syn.windowShift : 0);
        c.receiveShift = c.scaling ? c.receiveShift : 0;
        c.timestamps &= syn.timestamps;
        c.sack &= syn.sackPermitted;
        if (isAccurate(c, syn)) {
            Ecn.agree(c, syn.ecn);
        } else if (Ecn.agreed(syn)
                && (syn.has(TcpView.ACK) ? asksForEcn(c) : PathAdvice.acceptsEcn(PathAdvice.of(c), c.engine.offer()))) {
            Ecn.agree(c);
        }
        c.tsRecent = syn.tsVal;
        c.tsRecentAt = (int) (now / TcpEngine.SECOND);
        c.onReceived(true, now);
        c.wl1 = syn.seq;
        c.window = syn.window; // never scaled in a SYN
        c.maxWindow = syn.window;
    }

    /** Whether a SYN, or the answer to ours, leads to accurate congestion notification. */
    private static boolean isAccurate(final TcpConnection c, final TcpRepr syn) {
        return syn.has(TcpView.ACK)
                ? asksForAccurateEcn(c) && AccurateEcn.isAgreed(syn)
                : (asksForAccurateEcn(c) || !asksForEcn(c)) // who hears that we ask for the classic one, answers that
                        && c.engine.offer().ecn().acceptsAccurate()
                        && AccurateEcn.isAskedFor(syn);
    }

    /** Our SYN was acknowledged: the connection is established. */
    static void establish(final TcpConnection c, final TcpRepr segment, final long now) {
        establish(c, segment, false, now);
    }

    /**
     * Our SYN was acknowledged.
     *
     * @param opened whether the application knows the connection, since the peer's SYN opened it
     */
    static void establish(final TcpConnection c, final TcpRepr segment, final boolean opened, final long now) {
        final TcpEngine engine = c.engine;
        final boolean synLost = c.retries > 0;
        c.una = TcpSeq.max(c.una, c.iss + 1);
        c.nxt = TcpSeq.max(c.nxt, c.una);
        c.wl2 = segment.ack;
        if (!segment.has(TcpView.SYN)) {
            c.window = segment.window << c.sendShift;
            c.maxWindow = Math.max(c.maxWindow, c.window);
            c.wl1 = segment.seq;
        }
        c.state = TcpState.ESTABLISHED;
        final AccurateEcn accurate = c.accurateEcn();
        if (accurate != null) {
            accurate.onEstablished(c, segment);
        }
        SizeSearch.begin(c, now);
        c.updateMss(engine.egress.pathMss(c));
        c.congestion.start(c.una, c.mss, synLost, PathAdvice.of(c).initialWindow());
        c.rcvMss = (char) Math.min(c.announcedMss, DEFAULT_MSS_V4);
        if (synLost) {
            c.rtt.restartAfterLostSyn(3_000_000);
        }
        c.retries = 0;
        c.retransmitAt = TcpConnection.NEVER;
        c.onReceived(true, now);
        c.lastSent = now; // from when on it is idle
        engine.writer.confirm(c, now); // our SYN arrived
        engine.counters.increment(StackCounter.TCP_CONNECTIONS_OPENED);
        if (!opened) {
            engine.events.add(c, EventQueue.CONNECTED);
        }
        if (c.finQueued) {
            c.state = TcpState.FIN_WAIT_1; // closed in SYN-RECEIVED already
        }
        if (!TcpClosing.lingering(c)) {
            engine.timers.endConnect(c);
            engine.timers.startKeepAlive(c, now);
        }
        engine.ready(c); // for what was queued meanwhile
    }

    /** Makes the connection of a half-open one whose last acknowledgment has come. */
    static TcpConnection accept(final HalfOpen half, final TcpRepr segment, final long now) {
        final TcpConnection c = connection(half);
        if (half.retries == 0 && !half.fromCookie && !half.deferred) {
            onRoundTrip(c, now - half.started, now);
        }
        establish(c, segment, now);
        return c;
    }

    /** A connection with all that a half-open one knows. */
    static TcpConnection connection(final HalfOpen half) {
        final TcpConnection c = new TcpConnection(half.listener.engine, half, half.iss);
        c.max = half.iss + 1;
        c.nxt = c.max;
        c.rcvNxt = half.irs + 1;
        c.ackSent = c.rcvNxt;
        c.rcvEdge = c.rcvNxt + half.firstWindow();
        c.peerMss = half.peerMss;
        c.announcedMss = half.announcedMss;
        c.sendShift = half.sendShift;
        c.scaling = half.scaling;
        c.receiveShift = half.receiveShift;
        c.timestamps = half.timestamps;
        c.sack = half.sack;
        if (half.accurateEcn) {
            Ecn.agree(c, half.codePoint).onOtherSyn(half.withoutEcn || half.ecnFlags() == 0);
        } else if (half.ecn) {
            Ecn.agree(c);
        }
        c.tsOffset = half.tsOffset;
        c.tsRecent = half.tsRecent;
        c.tsRecentAt = (int) (half.started / TcpEngine.SECOND);
        c.retries = half.deferred ? 0 : half.retries; // a deferred one was not lost
        c.wl1 = half.irs;
        c.maxWindow = half.window;
        c.listener = half.listener;
        half.listener.handOn(c);
        ArrivedSegment.keep(c, half.saved);
        Signatures.begin(c, half);
        PathAdvice.take(c, half.metrics);
        return c;
    }
}
