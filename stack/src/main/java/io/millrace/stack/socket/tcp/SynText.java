package io.millrace.stack.socket.tcp;

import io.millrace.stack.storage.RangeSet;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;

/**
 * Text that comes with the peer's SYN on a connection that we open: taken at once with the answer to ours, kept until the
 * connection is established if both sides open at once (RFC 9293 section 3.10.7.3).
 */
final class SynText {
    private SynText() {}

    /** Takes what came along with a SYN that changed the state. */
    static void receive(final TcpConnection c, final TcpRepr segment, final MemorySegment memory, final long now) {
        if (c.state == TcpState.ESTABLISHED) {
            segment.seq++; // the sixth step and those after it: text and a FIN may come with the answer to our SYN
            segment.flags &= ~TcpView.SYN;
            if (segment.payloadLength > c.receiveWindow()) {
                segment.payloadLength = c.receiveWindow();
                segment.flags &= ~TcpView.FIN;
            }
            c.engine.ingress.receiveText(c, segment, memory, now);
            c.engine.ingress.fins.take(c, segment, now);
        } else if (c.state == TcpState.SYN_RECEIVED && segment.payloadLength > 0) {
            keep(c, segment, memory);
        }
    }

    /** Nothing of it is acknowledged yet: the peer may be none of ours. */
    private static void keep(final TcpConnection c, final TcpRepr syn, final MemorySegment memory) {
        final int length = Math.min(syn.payloadLength, c.receiveWindow());
        if (length <= 0 || ReceiveWindow.isOverfull(c)) {
            return; // it comes again
        }
        final Transfer transfer = c.transfer();
        final long position = transfer.receive.tail();
        final int written = transfer.receive.write(position, memory, syn.payloadOffset, length, false);
        if (written > 0) {
            transfer.rangesAhead(c.engine.now(), c.engine.spares).add(position, position + written);
        }
    }

    /** Whether what comes next is here, and to be delivered. */
    static boolean isKept(final Transfer transfer) {
        final RangeSet ahead = transfer.ahead;
        return ahead != null && ahead.find(transfer.receive.tail()) >= 0;
    }

    /** The connection is established, and what of its text came since is taken: what was kept follows. */
    static void deliver(final TcpConnection c, final long now) {
        final Transfer transfer = c.transferOrNull();
        if (transfer != null && transfer.ahead != null && c.state.canReceive()) {
            final long position = transfer.receive.tail();
            final boolean due = c.ackNow;
            c.engine.ingress.advance(c, transfer, position, position, now);
            c.ackNow = due || transfer.ahead != null; // else no gap was filled
        }
    }
}
