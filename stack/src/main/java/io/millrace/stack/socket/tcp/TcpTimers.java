package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;

/**
 * What happens to a connection when time passes. Each connection has one node in the timer wheel for all its deadlines;
 * deadlines that move to later times do not touch the wheel, which is set anew when it fires too early.
 */
final class TcpTimers {
    /** A timer that expires so late does since we stood still, on a machine that was suspended for instance. */
    private static final long STANDSTILL = TcpEngine.SECOND;

    private final TcpEngine engine;
    private final TcpConfig config;

    TcpTimers(final TcpEngine engine) {
        this.engine = engine;
        this.config = engine.config;
    }

    /** Starts the retransmission timer anew (RFC 6298 section 5). */
    void startRetransmission(final TcpConnection c, final long now) {
        startRetransmission(c, c.rto(), now);
    }

    /** As above, to expire after {@code wait}. */
    void startRetransmission(final TcpConnection c, final long wait, final long now) {
        c.retransmitAt = limited(c, now + wait);
        arm(c);
    }

    /**
     * The link takes nothing: the retransmission timer runs as if what should have left first had been lost on the way,
     * so that the connection is given up one day. The congestion window stays as it is.
     */
    void stall(final TcpConnection c, final long now) {
        if (c.retransmitAt != TcpConnection.NEVER) {
            return;
        }
        final FastOpenPending pending = FastOpenPending.of(c);
        if (pending != null) {
            if (pending.answerDue) {
                c.retransmitAt = now + engine.fastOpen.server.timeout(pending);
                arm(c);
            }
        } else if (SynEgress.isDue(c)
                || (c.state.canTransmit() && c.allAcknowledged() && (c.queued() > 0 || c.finQueued))) {
            c.transfer().lastProgress = now;
            c.retries = 0;
            startRetransmission(c, now);
        }
    }

    /** The link took what had to wait for it. */
    void restart(final TcpConnection c, final long now) {
        c.retries = 0;
        c.rtt.resetBackoff();
        startRetransmission(c, now);
    }

    /** Makes the wheel fire no later than the connection's earliest deadline. */
    void arm(final TcpConnection c) {
        final long deadline = c.earliestDeadline();
        if (deadline != TcpConnection.NEVER && c.state != TcpState.CLOSED) {
            engine.wheel.setNoLater(c, deadline);
        }
    }

    /** Watches for the peer's silence, if that is configured. */
    void startKeepAlive(final TcpConnection c, final long now) {
        if (c.settings().keepAliveIdle() > 0) {
            c.aliveAt = now + c.settings().keepAliveIdle();
            arm(c);
        }
    }

    /** The first SYN left: an attempt to connect may have so much time. */
    void startConnect(final TcpConnection c, final long now) {
        if (c.settings().connectTimeout() > 0) {
            c.aliveAt = now + c.settings().connectTimeout();
            arm(c);
        }
    }

    /** An attempt to connect succeeded. */
    void endConnect(final TcpConnection c) {
        c.aliveAt = TcpConnection.NEVER;
    }

    /**
     * Our side is closed and acknowledged: the peer's turn, but not for ever unless somebody waits for it, who may ask
     * whether it is still there.
     */
    void startFinWait2(final TcpConnection c, final long now) {
        if (c.settings().finWait2() > 0 && !c.holds(TcpConnection.READS_ON)) {
            c.aliveAt = now + c.settings().finWait2();
            arm(c);
        } else {
            startKeepAlive(c, now);
        }
    }

    /** The wheel fired for a connection; perhaps early. */
    void onTimer(final TcpConnection c, final long now) {
        if (c.state == TcpState.TIME_WAIT) {
            engine.closing.endLinger(c);
            return;
        }
        final Transfer transfer = c.transferOrNull();
        if (transfer != null && transfer.delayedAckAt <= now) {
            transfer.delayedAckAt = TcpConnection.NEVER;
            QuickAcks.expectNoAnswer(c);
            c.ackNow = true;
            engine.ready(c);
        }
        if (transfer != null && transfer.sendAt <= now) {
            transfer.sendAt = TcpConnection.NEVER;
            engine.ready(c);
        }
        if (transfer != null && transfer.probeAt <= now && !userTimedOut(c, now)) {
            final boolean probe = transfer.recovery.onProbeTimer(c, now) && !engine.writer.holds(c);
            transfer.tailProbe |= probe;
            engine.ready(c);
            if (probe && c.retransmitAt <= now) {
                startRetransmission(c, now); // the probe was sent in its place
            }
        }
        if (c.retransmitAt <= now) {
            onRetransmission(c, now);
        }
        if (c.aliveAt <= now && c.state != TcpState.CLOSED) {
            onAlive(c, now);
        }
        arm(c);
    }

    private void onRetransmission(final TcpConnection c, final long now) {
        final FastOpenPending pending = FastOpenPending.of(c);
        if (pending != null) {
            engine.fastOpen.server.onTimer(c, pending, now);
            return;
        }
        final long late = now - c.retransmitAt;
        if (late > STANDSTILL) {
            c.transfer().lastProgress += late; // the peer had no chance to answer
        }
        final boolean last = c.retries >= limit(c) || userTimedOut(c, now);
        if (c.max != c.iss) { // else the link has not taken the SYN yet
            engine.fastOpen.client.onTimeout(c, last, now);
        }
        if (last) {
            timeOut(c, now);
            return;
        }
        if (tookLate(c)) {
            restart(c, now);
            return;
        }
        if (c.state == TcpState.SYN_SENT || c.state == TcpState.SYN_RECEIVED) {
            c.nxt = c.iss;
        } else if (c.persist) {
            c.transfer().windowProbe = true;
        } else if (!c.allAcknowledged() && !waitsForLink(c)) { // else it waits for the link to take something
            engine.counters.increment(StackCounter.TCP_RTO);
            c.hindrances().onTimeout(c.retries == 0, now);
            c.recovery().onTimeout(c, now);
            Pacing.onTimeout(c, now);
            SizeSearch.onTimeout(c, now);
            if (c.window < Math.min(c.mss, c.inFlight()) || TcpEgress.isBeyondWindow(c)) {
                // The peer took back its window: what was sent beyond waits until that opens again.
                c.recovery().forgetFlight(c);
                c.nxt = c.una;
            }
        }
        c.transfer().rttTiming = false;
        c.retries++;
        if (TcpTimerOptions.staysLinear(c)) {
            c.rtt.resetBackoff();
        } else {
            c.rtt.backOff();
        }
        startRetransmission(c, now);
        engine.ready(c);
    }

    /** Whether what was sent last has not left: it is not lost, and would only have a copy behind it. */
    private boolean waitsForLink(final TcpConnection c) {
        final boolean waits = engine.writer.holds(c);
        c.transfer().waitsForLink = waits;
        return waits;
    }

    /** Whether the link took what was sent last since the timer expired before: its time begins then at the earliest. */
    private boolean tookLate(final TcpConnection c) {
        final Transfer transfer = c.transfer();
        final boolean late = transfer.waitsForLink && !engine.writer.holds(c);
        transfer.waitsForLink &= !late;
        return late;
    }

    private int limit(final TcpConnection c) {
        if (c.state.isSynchronized()) {
            return config.timeouts().dataRetries();
        }
        final int linear = c.state == TcpState.SYN_SENT ? config.timeouts().linearSynTimeouts() : 0;
        return Math.min(c.settings().synRetries() + linear, Byte.MAX_VALUE);
    }

    private boolean userTimedOut(final TcpConnection c, final long now) {
        return c.settings().userTimeout() > 0
                && now - c.transfer().lastProgress >= c.settings().userTimeout();
    }

    /** The user timeout was set: it limits a timer that runs for data, and a SYN's when that is set the next time. */
    void limitRetransmission(final TcpConnection c) {
        if (c.retransmitAt != TcpConnection.NEVER && c.state.isSynchronized()) {
            c.retransmitAt = limited(c, c.retransmitAt);
            arm(c);
        }
    }

    /** A retransmission deadline that does not run past the user timeout. */
    private long limited(final TcpConnection c, final long deadline) {
        return c.settings().userTimeout() > 0
                ? Math.min(deadline, c.transfer().lastProgress + c.settings().userTimeout())
                : deadline;
    }

    private void timeOut(final TcpConnection c, final long now) {
        engine.counters.increment(StackCounter.TCP_TIMED_OUT);
        engine.closing.giveUp(c, c.reported() != 0 ? CloseReason.UNREACHABLE : CloseReason.TIMEOUT, now);
    }

    private void onAlive(final TcpConnection c, final long now) {
        c.aliveAt = TcpConnection.NEVER;
        if (TcpClosing.lingering(c)) {
            engine.closing.giveUp(c, CloseReason.TIMEOUT, now);
            return;
        }
        if (!c.state.isSynchronized()) {
            engine.fastOpen.client.onTimeout(c, true, now);
            timeOut(c, now);
            return;
        }
        if (c.state == TcpState.FIN_WAIT_2 && c.settings().finWait2() > 0 && !c.holds(TcpConnection.READS_ON)) {
            engine.counters.increment(StackCounter.TCP_FIN_WAIT_2_TIMEOUTS);
            // Without a reset, which may take from a slow peer what it has not read yet; what it still sends gets one.
            engine.closing.finish(c, CloseReason.TIMEOUT, now);
            return;
        }
        if (c.settings().keepAliveIdle() == 0) {
            return;
        }
        if (!c.allAcknowledged() || c.persist) {
            // RFC 9293 section 3.8.4, MUST-26: what was sent, or asks for the window, finds out whether the peer is
            // there.
            c.keepAliveMisses = 0;
            c.aliveAt = now + c.settings().keepAliveIdle();
            return;
        }
        final long silence = now - c.lastReceived;
        if (c.keepAliveMisses == 0 && silence < c.settings().keepAliveIdle()) {
            c.aliveAt = c.lastReceived + c.settings().keepAliveIdle();
            return;
        }
        if (c.keepAliveMisses >= c.settings().keepAliveProbes()) {
            timeOut(c, now);
            return;
        }
        c.keepAliveMisses++;
        c.aliveAt = now + c.settings().keepAliveInterval();
        engine.acks.sendKeepAlive(c, now);
    }
}
