package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;

/** The SYNs of connections: ours, and our answers to those that open one at once or cross ours. */
final class SynEgress {
    /** Retransmissions from which on {@link TcpCustom#BARE_LATE_SYNS} holds. */
    private static final int LATE = 3;

    private final TcpEngine engine;
    private final SegmentWriter writer;
    private final TcpRepr header;
    private final AckEgress acks;

    SynEgress(final TcpEngine engine, final SegmentWriter writer, final AckEgress acks) {
        this.engine = engine;
        this.writer = writer;
        this.header = writer.header;
        this.acks = acks;
    }

    /** Sends the SYN of a connection, if that is due. Returns how many segments that were. */
    int run(final TcpConnection c, final long now) {
        final FastOpenPending pending = FastOpenPending.of(c);
        if (pending != null) {
            return pending.answerDue ? sendAnswer(c, pending, now) : 0;
        }
        return isDue(c) ? send(c, now) : 0;
    }

    /** Whether the SYN of a connection is to be sent, or sent again. */
    static boolean isDue(final TcpConnection c) {
        return (c.state == TcpState.SYN_SENT || c.state == TcpState.SYN_RECEIVED)
                && c.nxt == c.iss
                && !(c.holds(TcpConnection.SYN_WAITS) && c.queued() == 0);
    }

    private int send(final TcpConnection c, final long now) {
        final boolean again = c.max != c.iss;
        fill(c, now);
        final int data = c.state == TcpState.SYN_SENT ? engine.fastOpen.client.fill(c, header, now) : 0;
        if (!(data == 0
                ? writer.write(c, null, 0, 0)
                : writer.write(c, c.transmit(), c.transmit().head(), data))) {
            engine.timers.stall(c, now);
            return 0;
        }
        if (c.retries == 0 || !again) {
            final Transfer transfer = c.transfer();
            transfer.rttStart = now;
            transfer.lastProgress = now; // before the timer, which a user timeout limits
        }
        if (!again) {
            engine.timers.restart(c, now);
            engine.timers.startConnect(c, now);
        }
        if (again) {
            c.hindrances().retransmits++;
        }
        c.nxt = c.iss + 1 + data;
        c.max = TcpSeq.max(c.max, c.nxt); // one that is sent again takes no data along
        c.dataSegmentsOut += data > 0 ? 1 : 0;
        c.ackSent = c.rcvNxt;
        c.ackNow = false;
        if (c.retransmitAt == TcpConnection.NEVER) {
            engine.timers.startRetransmission(c, now);
        }
        return 1;
    }

    /** Answers the SYN that opened a connection, and acknowledges its data, too. */
    private int sendAnswer(final TcpConnection c, final FastOpenPending pending, final long now) {
        fill(c, now);
        header.window = Math.max(0, Math.min(c.firstWindow(), c.receiveBuffer() - c.unread()));
        pending.addCookie(c, header);
        Signatures.fit(header, c);
        final AccurateEcn accurate = c.accurateEcn();
        if (accurate != null) {
            final boolean options =
                    engine.offer().accurateEcnOption() && !c.settings().withoutOptions();
            accurate.fitAnswer(header, pending.retries, options);
        }
        if (!writer.write(c, null, 0, 0)) {
            engine.timers.stall(c, now);
            return 0;
        }
        pending.answerDue = false;
        if (pending.retries > 0) {
            c.hindrances().retransmits++;
            engine.counters.increment(StackCounter.TCP_RETRANSMITS);
        }
        c.rcvEdge = TcpSeq.max(c.rcvEdge, c.rcvNxt + header.window);
        c.ackSent = c.rcvNxt;
        c.ackNow = false;
        if (c.retransmitAt == TcpConnection.NEVER) {
            c.retransmitAt = now + engine.fastOpen.server.timeout(pending);
            engine.timers.arm(c);
        }
        return 1;
    }

    private void fill(final TcpConnection c, final long now) {
        if (c.retries >= LATE && engine.customs().follow(TcpCustom.BARE_LATE_SYNS)) {
            c.scaling = false;
            c.timestamps = false;
            c.sack = false;
        }
        header.clear();
        header.signature = Signatures.kind(Signatures.of(c), c);
        c.timestamps &= !(c.sack && header.signature == TcpView.OPTION_MD5); // as in an answer: HalfOpen
        header.flags = TcpView.SYN;
        header.seq = c.iss;
        if (c.state == TcpState.SYN_RECEIVED) {
            header.flags |= TcpView.ACK;
            header.ack = c.rcvNxt;
            header.flags |= ecnAnswer(c);
        } else if (TcpHandshake.asksForEcn(c)) {
            header.flags |= TcpHandshake.asksForAccurateEcn(c) ? AccurateEcn.SETUP : Ecn.SETUP;
        }
        header.window = c.firstWindow();
        header.mss = c.settings().withoutOptions() ? 0 : c.announcedMss;
        header.windowShift = c.scaling ? c.receiveShift : -1;
        header.sackPermitted = c.sack;
        acks.timestamps(c, now);
    }

    private static int ecnAnswer(final TcpConnection c) {
        final AccurateEcn accurate = c.accurateEcn();
        if (accurate != null) {
            return accurate.answer();
        }
        return c.usesEcn ? TcpView.ECE : 0;
    }
}
