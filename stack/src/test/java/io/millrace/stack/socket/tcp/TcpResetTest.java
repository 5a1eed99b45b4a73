package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/**
 * The sequence number of resets that we send. A peer that follows RFC 5961 only takes one that fits its window exactly,
 * or answers with a challenge; one outside of the window is lost on it, and the peer keeps half a connection.
 */
class TcpResetTest {
    private static final int MSS = 1000;

    /** A connection whose peer offered {@code window} bytes, with as much data in flight as that allows. */
    private static TcpHarness inFlight(final int segments, final int window) {
        final TcpHarness h =
                new TcpHarness(TcpHarness.plain().sendBuffer(100_000).burst(64).build());
        h.listen(1);
        h.send(Seg.syn(0).mss(MSS).win(window));
        h.expect(Seg.synAck(0, 1));
        h.send(Seg.ack(1, 1).win(window));
        h.write("x".repeat(segments * MSS));
        return h;
    }

    @Test
    @Origin("RFC 9293 3.10.5")
    void shouldResetBehindWhatWasSentWhenThatIsWithinTheWindow() {
        try (TcpHarness h = inFlight(4, 8000)) {
            assertEquals(4, h.takeSent().size());
            h.socket().abort();
            h.expect(Seg.rstAck(4001, 1));
        }
    }

    @Test
    @Origin("RFC 9293 3.10.5")
    void shouldResetAtTheRightEdgeWhenTheWindowIsFull() {
        try (TcpHarness h = inFlight(4, 4000)) {
            assertEquals(4, h.takeSent().size());
            h.socket().abort();
            h.expect(Seg.rstAck(4001, 1));
        }
    }

    @Test
    @Origin("RFC 5961 3.2")
    void shouldResetWithinTheWindowWhenThePeerTookPartOfItBack() {
        try (TcpHarness h = inFlight(4, 8000)) {
            assertEquals(4, h.takeSent().size());
            h.send(Seg.ack(1, 1001).win(1500));
            h.takeSent();
            h.socket().abort();
            h.expect(Seg.rstAck(2501, 1));
        }
    }

    @Test
    @Origin("RFC 5961 3.2")
    void shouldResetAtTheFirstUnacknowledgedByteAfterProbingAClosedWindow() {
        try (TcpHarness h = inFlight(1, 1000)) {
            assertEquals(1, h.takeSent().size());
            h.send(Seg.ack(1, 1001).win(0));
            h.write("y".repeat(MSS));
            h.advance(1_000_000);
            h.expect(Seg.ack(1001, 1).len(1)); // the probe, of which the peer took nothing
            h.takeSent();
            h.socket().abort();
            h.expect(Seg.rstAck(1001, 1));
        }
    }

    @Test
    @Origin("RFC 9293 3.10.7.4")
    void shouldAcknowledgeWithinTheWindowWhenThePeerTookPartOfItBack() {
        try (TcpHarness h = inFlight(4, 8000)) {
            assertEquals(4, h.takeSent().size());
            h.send(Seg.data(1, 1001, "abc").win(1500));
            h.advance(100_000);
            h.expect(Seg.ack(2501, 4));
        }
    }
}
