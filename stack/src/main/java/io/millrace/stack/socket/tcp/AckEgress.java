package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.storage.RangeSet;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;

/**
 * What every segment says of what was received, and segments that say nothing else: acknowledgments and when they are due
 * (RFC 5681 section 4.2), SACK blocks (RFC 2018, RFC 2883), timestamps (RFC 7323), keep-alives and resets.
 */
final class AckEgress {
    /** Bytes that all options of a segment may take. */
    private static final int OPTIONS = TcpView.MAX_LENGTH - TcpView.MIN_LENGTH;

    private final TcpEngine engine;
    private final SegmentWriter writer;
    private final TcpRepr header;
    private final int[] sackOrder = new int[TcpRepr.MAX_SACK_BLOCKS];

    AckEgress(final TcpEngine engine, final SegmentWriter writer) {
        this.engine = engine;
        this.writer = writer;
        this.header = writer.header;
    }

    /** Sends an acknowledgment if one is due by itself, or sees to it that it is sent in time. */
    int sendDueAck(final TcpConnection c, final long now) {
        if (!c.ackNow) {
            if (!c.owesAck()) {
                return 0;
            }
            // RFC 5681 section 4.2: every second full segment, or what may have been all that the window held.
            final int unacknowledged = TcpSeq.diff(c.rcvNxt, c.ackSent);
            final boolean second = unacknowledged > c.rcvMss || unacknowledged >= c.receiveBuffer() / 4;
            if (!second && QuickAcks.mayWait(c)) {
                final Transfer transfer = c.transfer();
                if (transfer.delayedAckAt == TcpConnection.NEVER) {
                    transfer.delayedAckAt = now + c.settings().delayedAck();
                }
                return 0;
            }
        }
        return acknowledge(c, now) ? 1 : 0;
    }

    /** Sends an acknowledgment now. */
    boolean acknowledge(final TcpConnection c, final long now) {
        acknowledgment(c, acceptableSeq(c), now);
        if (!writer.write(c, null, 0, 0)) {
            c.ackNow = true;
            engine.ready(c);
            return false;
        }
        acknowledged(c);
        return true;
    }

    /**
     * The sequence number of a segment without data that the peer finds within its window, even if it took part of that
     * back, or none of a probe of its closed window, or of what came with our SYN: else it would drop our acknowledgment,
     * or our reset (RFC 5961). What its scale hides of a window that it offered is not taken back (RFC 7323 section 2.4).
     */
    private static int acceptableSeq(final TcpConnection c) {
        if (c.persist) {
            return c.una; // and what was sent before may be lost
        }
        final int hidden = (1 << c.sendShift) - 1;
        final int within = Math.max(c.window, Math.min(c.window + hidden, c.maxWindow));
        return TcpSeq.diff(c.max, c.una) <= within + 1 ? c.max : c.una + c.window;
    }

    /** A segment that the peer has to answer: one number before the next (RFC 9293 section 3.8.4). */
    void sendKeepAlive(final TcpConnection c, final long now) {
        if (sendProbe(c, now)) {
            engine.counters.increment(StackCounter.TCP_KEEP_ALIVES);
        }
    }

    /** Sends such a segment, if the link takes it. */
    boolean sendProbe(final TcpConnection c, final long now) {
        acknowledgment(c, c.una - 1, now);
        if (!writer.write(c, null, 0, 0)) {
            return false;
        }
        acknowledged(c);
        return true;
    }

    /** Resets a connection. */
    void sendReset(final TcpConnection c, final long now) {
        header.clear();
        header.flags = TcpView.RST | TcpView.ACK;
        header.seq = acceptableSeq(c);
        header.ack = c.rcvNxt;
        timestamps(c, now); // RFC 7323 section 3.2
        if (writer.write(c, null, 0, 0)) {
            engine.counters.increment(StackCounter.TCP_RESETS_SENT);
        }
    }

    /**
     * Resets a connection because of a segment: by the number that its sender expects next, whatever of ours is on its way
     * (RFC 9293 section 3.5.2).
     */
    void sendReset(final TcpConnection c, final int expected, final long now) {
        header.clear();
        header.flags = TcpView.RST;
        header.seq = expected;
        timestamps(c, now);
        if (writer.write(c, null, 0, 0)) {
            engine.counters.increment(StackCounter.TCP_RESETS_SENT);
        }
    }

    /** Fills the header of a segment of an established connection. */
    void acknowledgment(final TcpConnection c, final int seq, final long now) {
        header.clear();
        header.flags = TcpView.ACK;
        header.seq = seq;
        header.ack = c.rcvNxt;
        header.window = ReceiveWindow.field(c);
        timestamps(c, now);
        Urgent.tell(c, header);
        final Transfer transfer = c.transferOrNull();
        if (c.sack
                && transfer != null
                && (transfer.ahead != null || transfer.duplicateLeft != transfer.duplicateRight)) {
            sackBlocks(c, transfer);
        }
        final AccurateEcn accurate = c.accurateEcn();
        if (accurate != null) {
            accurate.tell(c, header);
        } else if (c.ecn != null) {
            header.flags |= c.ecn.flags(false);
        }
    }

    void timestamps(final TcpConnection c, final long now) {
        if (c.timestamps) {
            header.timestamps = true;
            header.tsVal = FlowSecrets.timestamp(c.tsOffset, now);
            header.tsEcr = c.tsRecent;
        }
    }

    /** What came twice (RFC 2883 section 4), the block with the latest segment, those reported before (RFC 2018). */
    private void sackBlocks(final TcpConnection c, final Transfer transfer) {
        final int room = Math.min(TcpRepr.MAX_SACK_BLOCKS, (OPTIONS - SegmentSize.fixedOptions(c) - 4) / 8);
        if (room <= 0) {
            return;
        }
        int blocks = 0;
        if (transfer.duplicateLeft != transfer.duplicateRight) {
            header.sackLeft[0] = transfer.duplicateLeft;
            header.sackRight[0] = transfer.duplicateRight;
            blocks = 1;
        }
        final RangeSet ahead = transfer.ahead;
        if (ahead != null && c.state != TcpState.SYN_RECEIVED) { // else it is text of a SYN, which is not told of yet
            final int count = ahead.recent(sackOrder, room - blocks);
            final long base = transfer.receive.tail();
            for (int i = 0; i < count; i++) {
                header.sackLeft[blocks] = c.rcvNxt + (int) (ahead.start(sackOrder[i]) - base);
                header.sackRight[blocks] = c.rcvNxt + (int) (ahead.end(sackOrder[i]) - base);
                blocks++;
            }
        }
        header.sackCount = blocks;
    }

    /** The segment in {@link #header} was sent, and with it an acknowledgment. */
    void acknowledged(final TcpConnection c) {
        c.rcvEdge = TcpSeq.max(c.rcvEdge, c.rcvNxt + (header.window << c.receiveShift));
        if (c.owesAck()) {
            QuickAcks.onSent(c);
        }
        c.ackSent = c.rcvNxt;
        c.ackNow = false;
        final Transfer transfer = c.transferOrNull();
        final AccurateEcn accurate = c.accurateEcn();
        if (accurate != null) {
            final int duplicate = transfer == null ? 0 : transfer.duplicateLeft;
            accurate.onSent(header, transfer != null && duplicate != transfer.duplicateRight, duplicate);
        }
        if (transfer != null) {
            transfer.oweNothing();
        }
    }
}
