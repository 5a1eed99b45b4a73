package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Connections on their way out, each led there by the segments that lead there. */
final class ClosingStates {
    private ClosingStates() {}

    static TcpHarness finWait1() {
        final TcpHarness h = TcpHarness.established();
        h.closeSocket();
        h.expect(Seg.fin(1, 1));
        return h;
    }

    static TcpHarness finWait2() {
        final TcpHarness h = finWait1();
        h.send(Seg.ack(1, 2));
        h.expectNothing();
        assertEquals(TcpState.FIN_WAIT_2, h.state());
        return h;
    }

    /** Only the output was shut, an hour ago, and the peer has said nothing since it acknowledged that. */
    static TcpHarness hourWithOutputShut() {
        final TcpHarness h = TcpHarness.established();
        h.socket().shutdownOutput();
        h.poll();
        h.expect(Seg.fin(1, 1));
        h.send(Seg.ack(1, 2));
        h.advance(3_600_000_000L);
        return h;
    }

    static TcpHarness closeWait() {
        final TcpHarness h = TcpHarness.established();
        h.send(Seg.fin(1, 1));
        h.expect(Seg.ack(1, 2));
        assertEquals(TcpState.CLOSE_WAIT, h.state());
        return h;
    }

    static TcpHarness lastAck() {
        final TcpHarness h = closeWait();
        h.closeSocket();
        h.expect(Seg.fin(1, 2));
        assertEquals(TcpState.LAST_ACK, h.state());
        return h;
    }

    static TcpHarness timeWait() {
        final TcpHarness h = finWait2();
        h.send(Seg.fin(1, 2));
        h.expect(Seg.ack(2, 2));
        assertEquals(1, h.engine.timeWaits());
        return h;
    }
}
