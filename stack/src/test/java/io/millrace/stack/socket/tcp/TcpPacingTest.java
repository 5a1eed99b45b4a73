package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** When segments leave that the windows allow. */
class TcpPacingTest {
    private static final int MSS = 1000;

    private static TcpHarness connected(final long roundTrip) {
        final TcpHarness h = new TcpHarness(TcpHarness.plain()
                .sack(true)
                .sendBuffer(200_000)
                .bufferMemory(4 << 20)
                .burst(64)
                .build());
        h.listen(1);
        h.send(Seg.syn(0).mss(MSS).win(65535).sackOk(true));
        h.expect(Seg.synAck(0, 1));
        h.advance(roundTrip);
        h.send(Seg.ack(1, 1).win(65535));
        return h;
    }

    @Test
    void shouldSpreadTheWindowOverTheRoundTripAfterTheFirst() {
        try (TcpHarness h = connected(100_000)) {
            h.write("x".repeat(40 * MSS));
            assertEquals(10, h.takeSent().size(), "an initial window, at once");
            h.advance(100_000);
            h.send(Seg.ack(1, 1 + 8 * MSS).win(65535));
            final int atOnce = h.takeSent().size();
            assertTrue(atOnce <= 4, () -> atOnce + " segments in a burst");
            h.advance(20_000);
            final List<Seg> later = h.takeSent();
            assertTrue(!later.isEmpty() && later.size() < 12, () -> later.size() + " after 20 ms");
            h.advance(60_000);
            assertEquals(16, atOnce + later.size() + h.takeSent().size(), "as many as the window allows, in time");
        }
    }

    @Test
    void shouldNotSpreadWhatAShortPathCarries() {
        try (TcpHarness h = connected(100)) {
            h.write("x".repeat(40 * MSS));
            assertEquals(10, h.takeSent().size());
            h.advance(100);
            h.send(Seg.ack(1, 1 + 8 * MSS).win(65535));
            assertEquals(16, h.takeSent().size());
        }
    }
}
