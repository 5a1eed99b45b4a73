package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /**
     * Round after round, of whose segments some are marked, each acknowledged by itself: a share is of a window of data, from
     * one acknowledgment to the one of all that was sent by then, and the window is reduced once in a round.
     */
    @ParameterizedTest
    @CsvSource({
        "false, 1000000000 1000000000 1000000000 1000000000",
        "true, 1000000000 1000000000 1000000000 1000000000",
        "false, 1111111111 1111111111 0000000000 1111111111 0000000000 0000000000 1111111111",
        "true, 1111111111 1111111111 0000000000 1111111111 0000000000 0000000000 1111111111",
        "false, 0000011111 1010101010 0000000001 0110000000 0000000000 1111100000 1000000001 1110111",
        "true, 0000011111 1010101010 0000000001 0110000000 0000000000 1111100000 1000000001 1110111"
    })
    @Origin("RFC 8257 3.3")
    @Origin("RFC 9768 3.2.2")
    void shouldReduceTheWindowByTheShareOfEachRound(final boolean accurate, final String rounds) {
        try (TcpHarness h = accurate ? agreedOnAccurate() : agreed()) {
            int una = 1;
            int count = 5;
            double share = 1;
            double acknowledged = 0;
            double marked = 0;
            int windowEnd = 1;
            int reducedUpTo = 1;
            int reductions = 0;
            final String unmarked = "0000000000 ".repeat(30); // the estimate falls from 1
            for (final String round : (unmarked + rounds).split(" ", -1)) {
                h.write("x".repeat(10 * MSS));
                int max = una;
                for (final Seg segment : h.takeSent()) {
                    max = Math.max(max, segment.seq + segment.payload.length);
                }
                h.advance(1_000);
                for (int i = 0; una < max; i++) {
                    final int before = h.window();
                    final boolean mark = round.charAt(i % round.length()) == '1';
                    una += MSS;
                    count += mark ? 1 : 0;
                    final Seg ack = Seg.ack(1, una).win(65535);
                    h.send(accurate ? ack.ace(count & 7) : ack.flags(mark ? ECE : 0));
                    for (final Seg segment : h.takeSent()) {
                        max = Math.max(max, segment.seq + segment.payload.length);
                    }
                    acknowledged += MSS;
                    marked += mark ? MSS : 0;
                    if (una > windowEnd) {
                        share += (marked / acknowledged - share) / 16;
                        acknowledged = 0;
                        marked = 0;
                        windowEnd = max;
                    }
                    if (mark && una > reducedUpTo) {
                        assertEquals(Math.max(before * (1 - share / 2), 2 * MSS), h.window(), 2, "round " + round);
                        reducedUpTo = max;
                        reductions++;
                    } else if (mark) {
                        assertEquals(before, h.window(), "neither reduced again nor grown");
                    }
                }
            }
            assertTrue(reductions >= 4, "reduced " + reductions + " times");
            assertEquals(reductions, h.counters.get(StackCounter.TCP_CONGESTION_ECHOES));
        }
    }

    private static TcpHarness agreedOnAccurate() {
        final TcpHarness h = AccurateEnds.server(AccurateEnds.settings(EcnMode.ACCEPT_ACCURATE)
                .congestionControl(CongestionAlgorithm.DCTCP)
                .sendBuffer(200_000)
                .bufferMemory(4 << 20)
                .build());
        h.advance(1_000);
        return h;
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
