package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;

/** What a reset within the window does to a connection. */
final class ResetIngress {
    private final TcpEngine engine;
    private final TcpIngress ingress;

    ResetIngress(final TcpEngine engine, final TcpIngress ingress) {
        this.engine = engine;
        this.ingress = ingress;
    }

    /** RFC 5961 section 3: only the very number expected resets the connection. */
    void process(final TcpConnection c, final TcpRepr segment, final long now) {
        if (segment.seq != c.rcvNxt && !isAtFin(c, segment) && !engine.customs().follow(TcpCustom.BLIND_RESETS)) {
            ingress.challenge(c, now);
            return;
        }
        engine.counters.increment(StackCounter.TCP_RESETS_RECEIVED);
        c.forgetReported();
        final boolean refused = c.state == TcpState.SYN_RECEIVED && FastOpenPending.of(c) == null;
        engine.closing.finish(c, refused ? CloseReason.REFUSED : CloseReason.RESET, now);
    }

    /**
     * Whether a segment is a reset with the number of the peer's FIN, which came before, and by custom that is enough.
     */
    boolean isAtFin(final TcpConnection c, final TcpRepr segment) {
        return segment.has(TcpView.RST)
                && c.peerFinReceived
                && segment.seq == c.rcvNxt - 1
                && engine.customs().follow(TcpCustom.RESETS_AT_THE_FIN);
    }
}
