package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;

/** What the acknowledgment and the window of a segment do to a connection. */
final class AckIngress {
    private final TcpEngine engine;
    private final TcpConfig config;
    private final TcpIngress ingress;

    AckIngress(final TcpEngine engine, final TcpIngress ingress) {
        this.engine = engine;
        this.config = engine.config;
        this.ingress = ingress;
    }

    /**
     * RFC 9293 section 3.10.7.4, fifth.
     *
     * @return whether the rest of the segment counts
     */
    boolean acknowledge(final TcpConnection c, final TcpRepr segment, final long now) {
        final FastOpenPending pending = FastOpenPending.of(c);
        if (pending != null) {
            if (!FastOpenServer.completes(c, segment)) {
                engine.receiver.reset(segment, c.settings());
                return false;
            }
            engine.fastOpen.server.complete(c, pending, segment, now);
        } else if (c.state == TcpState.SYN_RECEIVED) {
            if (!TcpSeq.gt(segment.ack, c.una) || TcpSeq.gt(segment.ack, c.max)) {
                engine.receiver.reset(segment, c.settings());
                return false;
            }
            engine.fastOpen.client.onSynAcknowledged(c, segment.ack);
            TcpHandshake.establish(c, segment, now);
        }
        final int acknowledged = TcpSeq.diff(segment.ack, c.una);
        if (!inRange(c, segment)) {
            engine.counters.increment(StackCounter.TCP_BAD_ACK);
            ingress.challenge(c, now);
            return false;
        }
        final Ecn ecn = c.ecn;
        if (ecn != null && acknowledged >= 0) {
            ecn.onAcknowledgment(c, segment, acknowledged);
        }
        if (acknowledged > 0) {
            updateWindow(c, segment, true, now);
            onNewAck(c, segment, acknowledged, now);
        } else if (acknowledged == 0) {
            if (c.persist && (!c.finQueued || c.holds(TcpConnection.READS_ON))) {
                // It is there, and its window is closed: no reason to give it up. One that the application closed has
                // nobody who could: it ends when it was probed as often as data is sent again (RFC 6429 section 3).
                c.retries = 0;
            }
            final boolean sameWindow = segment.window << c.sendShift == c.window;
            final boolean repetition = segment.segmentLength() == 0 && sameWindow && !c.persist;
            final boolean duplicate = repetition && !c.allAcknowledged();
            if (!Paws.overtaken(c, segment)) {
                updateWindow(c, segment, false, now);
            }
            if (duplicate || segment.sackCount > 0) {
                c.recovery().onAcknowledgment(c, segment, 0, duplicate, now);
                engine.ready(c);
                engine.timers.arm(c);
            } else {
                if (repetition && c.transferOrNull() != null) {
                    c.recovery().probe().onRepetition(segment, false);
                }
                Ecn.onReport(c, segment);
            }
        } else if (segment.sackCount > 0) {
            // Overtaken by a later one on its way, and yet it may be the only one to tell of some blocks.
            c.recovery().onAcknowledgment(c, segment, 0, false, now);
            engine.ready(c);
            engine.timers.arm(c);
        }
        return c.state != TcpState.CLOSED;
    }

    /**
     * RFC 5961 section 5: neither an acknowledgment of what was never sent, nor one older than any window. At the begin
     * of a connection such a window would reach to before its first number, and whoever guesses had twice the numbers
     * to hit.
     */
    static boolean inRange(final TcpConnection c, final TcpRepr segment) {
        if (TcpSeq.gt(segment.ack, c.max)) {
            return false;
        }
        final Transfer transfer = c.transferOrNull();
        final long data = transfer == null ? c.transmitted : transfer.transmit.head();
        final long acknowledged = c.finAcknowledged() ? data + 1 : data;
        return TcpSeq.diff(segment.ack, c.una) >= -Math.min(Math.max(c.maxWindow, 1), acknowledged);
    }

    /**
     * RFC 9293 section 3.10.7.4; what acknowledges news is news, too, though it repeats text of long ago, as on Linux.
     */
    private void updateWindow(final TcpConnection c, final TcpRepr segment, final boolean news, final long now) {
        if (news || TcpSeq.lt(c.wl1, segment.seq) || (c.wl1 == segment.seq && TcpSeq.le(c.wl2, segment.ack))) {
            final int offered = segment.window << c.sendShift;
            if (offered > c.window || c.persist) {
                engine.ready(c);
            }
            if (c.persist && c.window == 0 && offered > 0) {
                // If it is too small for a segment, that is waited for as from now on (section 3.8.6.2.1), however long
                // it was closed before.
                c.rtt.resetBackoff();
                engine.timers.startRetransmission(c, now);
            }
            c.window = offered;
            c.maxWindow = Math.max(c.maxWindow, offered);
            c.wl1 = TcpSeq.max(c.wl1, segment.seq);
            c.wl2 = segment.ack;
        }
    }

    private void onNewAck(final TcpConnection c, final TcpRepr segment, final int acknowledged, final long now) {
        final int data = Math.min(acknowledged, c.queued());
        final boolean finAcknowledged = acknowledged > data;
        final Transfer transfer = c.transfer();
        if (c.persist) {
            c.rtt.resetBackoff(); // it stems from a closed window, not from losses, and the peer has just taken a probe
        }
        transfer.transmit.release(data);
        c.una = segment.ack;
        if (c.options != null && data > 0) {
            TcpTimes.acknowledged(c, transfer.transmit.head(), now);
        }
        if (TcpSeq.lt(c.nxt, c.una)) {
            c.nxt = c.una;
        }
        transfer.lastProgress = now;
        transfer.waitsForLink = false;
        c.hold(TcpConnection.MORE_FOLLOWS, false);
        final char second = (char) (now / TcpEngine.SECOND);
        if (second != c.confirmedAt) { // often enough for the neighbour that it goes through
            c.confirmedAt = second;
            engine.writer.confirm(c, now);
        }
        c.retries = 0;
        final Hindrances hindrances = c.hindrancesOrNull();
        if (hindrances != null) {
            hindrances.onProgress(now);
        }
        SizeSearch.onProgress(c, now);
        sampleRoundTrip(c, transfer, segment, now);
        transfer.recovery.onAcknowledgment(c, segment, acknowledged, false, now);
        if (c.allAcknowledged()) {
            c.retransmitAt = TcpConnection.NEVER;
            transfer.probeAt = TcpConnection.NEVER;
        } else if (Reneging.isSuspected(transfer)) {
            engine.timers.startRetransmission(c, Reneging.patience(c), now);
        } else if (transfer.recovery.restartsTimer(c)) {
            engine.timers.startRetransmission(c, now);
            transfer.recovery.scheduleProbe(c, now);
        }
        c.persist = false;
        transfer.windowProbe = false;
        engine.events.addWritable(c);
        engine.ready(c);
        if (finAcknowledged) {
            onFinAcknowledged(c, segment, now);
        }
    }

    /**
     * RFC 6298 section 3 by timing one segment, or, if it was sent again, RFC 7323 section 4 by its echoed timestamp.
     */
    private void sampleRoundTrip(
            final TcpConnection c, final Transfer transfer, final TcpRepr segment, final long now) {
        long sample = -1;
        if (transfer.rttTiming && TcpSeq.ge(segment.ack, transfer.rttSeq)) {
            sample = now - transfer.rttStart;
            transfer.rttTiming = false;
            if (sample > config.timeouts().maxRto()) {
                return; // the timer would have expired before: the clock jumped
            }
        } else if (!transfer.rttTiming && c.timestamps && segment.tsEcr != 0) {
            final int ticks = FlowSecrets.timestamp(c.tsOffset, now) - segment.tsEcr;
            if (ticks >= 0 && ticks < config.timeouts().maxRto() / FlowSecrets.TIMESTAMP_TICK) {
                sample = (long) ticks * FlowSecrets.TIMESTAMP_TICK;
            }
        }
        if (sample >= 0) {
            PathAdvice.sample(c, sample);
            c.rtt.resetBackoff();
            transfer.recovery.probe().onRoundTrip();
        }
    }

    private void onFinAcknowledged(final TcpConnection c, final TcpRepr segment, final long now) {
        switch (c.state) {
            case FIN_WAIT_1 -> {
                c.state = TcpState.FIN_WAIT_2;
                engine.timers.startFinWait2(c, now);
                engine.events.add(c, EventQueue.DELIVERED);
            }
            case CLOSING -> {
                if (c.timestamps && segment.timestamps && segment.seq == c.rcvNxt) {
                    c.tsRecent = segment.tsVal; // TIME-WAIT goes on with it
                }
                engine.closing.enterTimeWait(c, now);
            }
            case LAST_ACK -> engine.closing.finish(c, CloseReason.NORMAL, now);
            default -> {
                // The FIN is only sent in the states above.
            }
        }
    }
}
