package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.storage.RangeSet;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;

/**
 * What the peer's FIN does (RFC 9293 section 3.10.7.4, eighth). One that comes ahead of its turn is selectively acknowledged
 * as the number that it takes (RFC 2018 section 3): its sender learns that what is missing before it was lost.
 */
final class FinIngress {
    private final TcpEngine engine;

    FinIngress(final TcpEngine engine) {
        this.engine = engine;
    }

    /** The text of a segment was taken: its FIN, or one that came ahead of that text, may have its turn. */
    void take(final TcpConnection c, final TcpRepr segment, final long now) {
        if (segment.has(TcpView.FIN)) {
            note(c, segment);
        }
        if (c.peerFinKnown && !c.peerFinReceived && c.rcvNxt == c.peerFin && c.state != TcpState.CLOSED) {
            receive(c, now);
        }
    }

    /** Nothing lies behind a FIN, whatever is said later. */
    void cutBehind(final TcpConnection c, final TcpRepr segment) {
        final int beyond = TcpSeq.diff(segment.seq, c.peerFin) + segment.payloadLength;
        if (c.peerFinKnown && beyond > 0 && segment.payloadLength > 0) {
            engine.counters.increment(StackCounter.TCP_OUT_OF_WINDOW);
            segment.payloadLength = Math.max(0, segment.payloadLength - beyond);
            c.ackNow = true;
            engine.ready(c);
        }
    }

    /** The position up to which there is text, of one up to which all numbers are there. */
    static long before(final TcpConnection c, final long reached) {
        return c.peerFinKnown ? Math.min(reached, c.receivePosition(c.peerFin)) : reached;
    }

    /** A FIN counts unless bytes behind it are here already. */
    void note(final TcpConnection c, final TcpRepr segment) {
        final int fin = segment.seq + segment.payloadLength;
        final boolean early = fin != c.rcvNxt;
        if (!c.peerFinKnown && c.state.canReceive() && !contradicts(c, fin)) {
            c.peerFinKnown = true;
            c.peerFin = fin;
            if (early && !engine.customs().follow(TcpCustom.UNREPORTED_FINS)) {
                final long position = c.receivePosition(fin);
                c.transfer().rangesAhead(engine.now(), engine.spares).add(position, position + 1);
            }
        } else if (early && reported(c, fin)) {
            SeenTwice.report(c, fin, fin + 1);
        }
        if (c.peerFinKnown && fin == c.peerFin && early && segment.payloadLength == 0) {
            c.ackNow = true; // it lies behind a gap, each time that it comes; with text it has been answered
            engine.ready(c);
        }
    }

    /** The FIN that was received last came again (RFC 2883 section 4). */
    void reportRepetition(final TcpConnection c) {
        if (c.peerFinReceived && !engine.customs().follow(TcpCustom.UNREPORTED_FINS)) {
            SeenTwice.report(c, c.peerFin, c.peerFin + 1);
        }
    }

    private static boolean reported(final TcpConnection c, final int fin) {
        final Transfer transfer = c.transferOrNull();
        return fin == c.peerFin
                && transfer != null
                && transfer.ahead != null
                && transfer.ahead.find(c.receivePosition(fin)) >= 0;
    }

    private static boolean contradicts(final TcpConnection c, final int fin) {
        final Transfer transfer = c.transferOrNull();
        final RangeSet ahead = transfer == null ? null : transfer.ahead;
        return ahead != null && ahead.firstOverlap(c.receivePosition(fin), Long.MAX_VALUE) >= 0;
    }

    private void receive(final TcpConnection c, final long now) {
        c.rcvNxt++;
        c.rcvEdge = TcpSeq.max(c.rcvEdge, c.rcvNxt);
        c.peerFinReceived = true;
        engine.fastOpen.client.onOrderlyEnd(c);
        c.ackNow = true;
        engine.events.add(c, EventQueue.READABLE);
        engine.ready(c);
        switch (c.state) {
            case ESTABLISHED -> c.state = TcpState.CLOSE_WAIT;
            case FIN_WAIT_1 -> c.state = TcpState.CLOSING;
            case FIN_WAIT_2 -> engine.closing.enterTimeWait(c, now);
            default -> {
                // Others have received it already.
            }
        }
    }
}
