package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** Data Center TCP: RFC 8257 section 3. */
class TcpDctcpTest {
    private static final int ECE = TcpView.ECE;
    private static final int CWR = TcpView.CWR;
    private static final int MSS = 1000;
    private static final int CONGESTED = 3;
    private static final int CAPABLE = 2;

    private static TcpHarness agreed() {
        final TcpHarness h = new TcpHarness(TcpHarness.plain()
                .congestionControl(CongestionAlgorithm.DCTCP)
                .sack(true)
                .sendBuffer(200_000)
                .bufferMemory(4 << 20)
                .burst(64)
                .build());
        h.listen(1);
        h.send(Seg.syn(0).flags(ECE | CWR).mss(MSS).win(65535).sackOk(true));
        h.expect(Seg.synAck(0, 1).flags(ECE));
        h.advance(1_000); // a short path, where nothing is paced
        h.send(Seg.ack(1, 1).win(65535));
        return h;
    }

    @Test
    @Origin("RFC 8257 3.2")
    void shouldTellOfEachSegmentWhetherItWasMarked() {
        try (TcpHarness h = agreed()) {
            h.send(Seg.data(1, 1, "abc").ecn(CAPABLE));
            h.expectNothing();
            h.send(Seg.data(4, 1, "def").ecn(CONGESTED));
            h.expect(Seg.ack(1, 4)); // what came before was not marked
            h.expect(Seg.ack(1, 7).flags(ECE)); // this was
            h.send(Seg.data(7, 1, "ghi").ecn(CONGESTED));
            h.expectNothing(); // as before: in its own time
            h.send(Seg.data(10, 1, "jkl").ecn(CAPABLE));
            h.expect(Seg.ack(1, 10).flags(ECE));
            h.expect(Seg.ack(1, 13)); // without waiting for a CWR
        }
    }

    @Test
    @Origin("RFC 8257 3.3")
    void shouldReduceTheWindowByTheShareOfMarks() {
        try (TcpHarness h = agreed()) {
            int acknowledged = 0;
            int sent = 0;
            for (int round = 0; round < 40; round++) { // unmarked: the estimate falls from 1 to nearly 0
                final int burst = 10;
                h.write("x".repeat(burst * MSS));
                sent += burst;
                h.takeSent();
                h.advance(1_000);
                for (; acknowledged < sent; acknowledged++) {
                    h.send(Seg.ack(1, 1 + (acknowledged + 1) * MSS).win(65535));
                }
            }
            final int before = h.window();
            h.write("x".repeat(10 * MSS));
            h.takeSent();
            h.advance(1_000);
            h.send(Seg.ack(1, 1 + (acknowledged + 1) * MSS).win(65535).flags(ECE));
            assertTrue(h.window() < before && h.window() > before * 0.9, before + " to " + h.window());
        }
    }

    @Test
    @Origin("RFC 8257 3.3")
    void shouldHalveTheWindowWhenTheFirstOfAllIsMarked() {
        try (TcpHarness h = agreed()) {
            h.write("x".repeat(10 * MSS));
            h.takeSent();
            h.advance(1_000);
            final int before = h.window();
            h.send(Seg.ack(1, 1 + MSS).win(65535).flags(ECE));
            assertEquals(before / 2, h.window());
        }
    }

    @Test
    @Origin("RFC 8257 3.5")
    void shouldHalveTheWindowAtALossAsReno() {
        try (TcpHarness h = agreed()) {
            h.write("x".repeat(10 * MSS));
            h.takeSent();
            h.advance(1_000);
            h.send(Seg.ack(1, 1).win(65535).sack(1 + MSS, 1 + 10 * MSS));
            h.send(Seg.ack(1, 1 + 10 * MSS).win(65535));
            assertEquals(6 * MSS, h.window(), "half, and one more for the round trip");
        }
    }

    @Test
    void shouldSendAllThatThePeerTakesWithoutCongestionControl() {
        final TcpConfig config = TcpHarness.plain()
                .congestionControl(CongestionAlgorithm.NONE)
                .sendBuffer(200_000)
                .bufferMemory(4 << 20)
                .burst(64)
                .build();
        try (TcpHarness h = TcpHarness.established(config, 65_535)) {
            h.write("x".repeat(60_000));
            assertEquals(42, h.takeSent().size());
            h.advance(3_000_000); // even after a timeout
            assertTrue(h.takeSent().size() >= 42);
            h.socket().options().congestion(CongestionAlgorithm.CUBIC);
            assertEquals(12_400, h.window(), "an initial window, of the smaller segments that are tried by now");
        }
    }

    @Test
    void shouldKnowTheNamesOfOtherSystems() {
        assertEquals(CongestionAlgorithm.CUBIC, CongestionAlgorithm.named("cubic"));
        assertEquals(CongestionAlgorithm.DCTCP, CongestionAlgorithm.named("dctcp"));
        assertNull(CongestionAlgorithm.named("vegas"));
    }
}
