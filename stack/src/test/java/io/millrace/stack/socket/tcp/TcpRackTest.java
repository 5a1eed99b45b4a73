package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.socket.tcp.congestion.CongestionControl;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses found by time (RFC 8985), and how much leaves when they are (RFC 9937). */
class TcpRackTest {
    private static final int MSS = 1000;

    /** A connection whose handshake took {@code handshake}. */
    static TcpHarness open(final CongestionAlgorithm algorithm, final boolean sack, final int handshake) {
        final TcpHarness h = new TcpHarness(TcpHarness.plain()
                .sack(sack)
                .congestionControl(algorithm)
                .pacing(false)
                .sendBuffer(200_000)
                .bufferMemory(4 << 20)
                .burst(64)
                .build());
        h.listen(1);
        h.send(Seg.syn(0).mss(MSS).win(65535).sackOk(sack));
        h.expect(Seg.synAck(0, 1).sackOk(sack));
        h.advance(handshake);
        h.send(ack(0));
        return h;
    }

    /** One segment at a time goes to and fro. Returns the number of the next one. */
    static int talk(final TcpHarness h, final int first, final int count, final int roundTrip) {
        for (int i = first; i < first + count; i++) {
            h.write("x".repeat(MSS));
            h.expect(full(i));
            h.advance(roundTrip);
            h.send(ack(i + 1));
        }
        return first + count;
    }

    static void write(final TcpHarness h, final int first, final int count, final int apart) {
        for (int i = first; i < first + count; i++) {
            h.write("x".repeat(MSS));
            h.expect(full(i));
            h.advance(apart);
        }
    }

    static Seg ack(final int segment) {
        return Seg.ack(1, at(segment)).win(65535);
    }

    /** Acknowledges up to {@code segment}, and those between each two of {@code edges}. */
    static Seg sack(final int segment, final int... edges) {
        final int[] blocks = new int[edges.length];
        for (int i = 0; i < edges.length; i++) {
            blocks[i] = at(edges[i]);
        }
        return ack(segment).sack(blocks);
    }

    static int at(final int segment) {
        return 1 + segment * MSS;
    }

    static Seg full(final int segment) {
        return Seg.ack(at(segment), 1).len(MSS);
    }

    @ParameterizedTest
    @EnumSource(CongestionAlgorithm.class)
    @Origin("RFC 8985 6.2")
    @Origin("RFC 9937 6.2")
    void shouldSendBothLostSegmentsAgainAtOnceWhenTwoBehindThemArrived(final CongestionAlgorithm algorithm) {
        try (TcpHarness h = open(algorithm, true, 30_000)) {
            final int first = talk(h, 0, 10, 30_000);
            write(h, first, 4, 1_000);
            h.advance(27_000);
            h.send(sack(first, first + 2, first + 4));
            h.advance(30_000 / 4);
            h.expect(full(first));
            h.expect(full(first + 1));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
        }
    }

    @ParameterizedTest
    @EnumSource(CongestionAlgorithm.class)
    @Origin("RFC 8985 6.2")
    void shouldFindTheNextLossWhenARetransmissionComesSoonerThanDataEverDid(final CongestionAlgorithm algorithm) {
        try (TcpHarness h = open(algorithm, true, 20_000)) {
            final int first = talk(h, 0, 10, 31_000);
            write(h, first, 3, 1_000);
            h.advance(28_000);
            h.send(sack(first, first + 1, first + 2));
            h.advance(20_000 / 4);
            h.expect(full(first));
            h.advance(30_000);
            h.send(ack(first + 2)); // less than data ever took, but not less than the handshake
            h.expect(full(first + 2));
        }
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldTakeTheLeastRoundTripFromTheHandshake() {
        try (TcpHarness h = open(CongestionAlgorithm.CUBIC, true, 20_000)) {
            assertEquals(20_000, h.socket().info(new TcpInfo()).leastRtt);
            talk(h, 0, 1, 31_000);
            assertEquals(20_000, h.socket().info(new TcpInfo()).leastRtt);
        }
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect();
            h.poll();
            h.takeSent();
            h.advance(12_000);
            h.send(Seg.synAck(0, 1).mss(MSS));
            assertEquals(12_000, h.socket().info(new TcpInfo()).leastRtt);
        }
    }

    /** There was reordering; of eight segments that left 1 ms after one another the last has arrived, 33 ms later. */
    private static void loseSevenAfterReordering(final TcpHarness h) {
        write(h, 0, 2, 0);
        h.advance(40_000);
        h.send(sack(0, 1, 2));
        h.advance(1_000);
        h.send(ack(2)); // that was reordering
        h.expectNothing();
        write(h, 2, 8, 1_000);
        h.advance(32_000);
        h.send(sack(2, 9, 10));
    }

    /** Seven are found to be lost by time, since there is reordering: together, when the last of them is due. */
    @Test
    @Origin("RFC 8985 6.2")
    void shouldWaitForAllThatMayBeLostTogether() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, 40_000)) {
            loseSevenAfterReordering(h);
            h.advance(7_249); // the last left 41,249 us before: a round trip of 33 ms and almost a quarter of that
            h.expectNothing();
            h.advance(1);
            h.expect(full(2));
            assertEquals(7 * MSS, h.socket().info(new TcpInfo()).lost + MSS, "the first is on its way again");
        }
    }

    /** Some are found to be lost one after the other, by time, since there is reordering. */
    @Test
    @Origin("RFC 9937 6.2")
    void shouldMakeRoomForWhatIsFoundToBeLostByTimeAmidRecovery() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, 40_000)) {
            loseSevenAfterReordering(h);
            h.advance(2_000);
            h.send(sack(2, 9, 10));
            h.expect(full(2)); // sent 42 ms before: a round trip of 33 ms and more than a quarter of that
            for (int i = 3; i < 9; i++) {
                h.advance(1_000);
                h.send(sack(2, 9, 10)); // nothing new, but a look at the clock
                h.expect(full(i));
            }
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
        }
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldHearOfAnOriginalThatArrivesTogetherWithAnother() {
        try (TcpHarness h = open(CongestionAlgorithm.CUBIC, true, 40_000)) {
            write(h, 0, 6, 0);
            h.advance(40_000);
            h.send(sack(0, 1, 4));
            h.expect(full(0));
            h.write("x".repeat(3 * MSS));
            h.takeSent();
            h.advance(5_000);
            // The first was only late, as its round trip of 5 ms shows; the sixth says that the fifth is lost.
            h.send(sack(4, 5, 6));
            h.expect(full(4));
        }
    }

    @ParameterizedTest
    @EnumSource(value = CongestionAlgorithm.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    @Origin("RFC 8985 6.3")
    void shouldNotLoseWhatWasSentShortlyBeforeTheTimeout(final CongestionAlgorithm algorithm) {
        try (TcpHarness h = open(algorithm, true, 100_000)) {
            final int first = talk(h, 0, 4, 100_000);
            write(h, first, 2, 0);
            h.advance(200_000);
            h.expect(full(first + 1)); // the probe
            h.advance(250_000);
            h.write("x".repeat(MSS));
            h.takeSent();
            h.advance(100_000);
            h.expect(full(first));
            h.expectNothing();
            final TcpInfo info = h.socket().info(new TcpInfo());
            assertEquals(1, info.timeouts);
            assertEquals(MSS, info.lost, "the second; the third left less than a round trip before");
            assertTrue(info.congestionWindow >= 2 * MSS, "room beside what is on its way");
            h.advance(100_000);
            h.send(ack(first + 3));
            h.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource(CongestionAlgorithm.class)
    @Origin("RFC 6675 6")
    void shouldGiveARetransmissionTimeToBeAcknowledged(final CongestionAlgorithm algorithm) {
        for (final boolean sack : new boolean[] {true, false}) {
            try (TcpHarness h = open(algorithm, sack, 300_000)) {
                final int first = talk(h, 0, 8, 300_000);
                write(h, first, 4, 10_000);
                h.advance(260_000);
                for (int i = 1; i < 4; i++) {
                    h.send(sack ? sack(first, first + 1, first + 1 + i) : ack(first));
                }
                h.expect(full(first));
                h.advance(300_000);
                h.send(ack(first + 4));
                h.expectNothing();
                assertEquals(0, h.counters.get(StackCounter.TCP_RTO), "SACK " + sack);
            }
        }
    }

    @Test
    @Origin("RFC 5681 3.2")
    void shouldNotCountLimitedTransmitAsFlight() {
        for (final boolean sack : new boolean[] {true, false}) {
            try (TcpHarness h = open(CongestionAlgorithm.RENO, sack, 40_000)) {
                h.write("x".repeat(20 * MSS));
                assertEquals(10, h.takeSent().size());
                h.advance(40_000);
                for (int i = 1; i < 4; i++) {
                    h.send(sack ? sack(0, 1, 1 + i) : ack(0));
                }
                final List<Seg> sent = h.takeSent();
                assertEquals(3, sent.size(), "two by limited transmit, and the lost one: " + sent);
                assertEquals(5 * MSS, h.window(), "half of ten");
            }
        }
    }

    @Test
    @Origin("RFC 8985 7.3")
    void shouldNotProbeAgainBeforeARoundTripWasMeasured() {
        try (TcpHarness h = open(CongestionAlgorithm.CUBIC, true, 40_000)) {
            write(h, 0, 2, 0);
            h.advance(40_000);
            h.send(ack(1));
            h.advance(280_000);
            h.expect(full(1));
            h.advance(40_000);
            h.send(ack(2)); // it was sent twice: nothing is measured by that
            h.send(ack(2)); // the probe came, too: it was needless
            write(h, 2, 2, 0);
            h.advance(150_000);
            h.expectNothing();
            h.send(ack(4));
            write(h, 4, 2, 0);
            h.advance(200_000);
            h.expect(full(5));
            assertEquals(2, h.counters.get(StackCounter.TCP_TAIL_PROBES));
        }
    }

    @Test
    @Origin("RFC 8985 7.4")
    void shouldTakeHalfOfWhatWasInFlightWhenAProbeRepairedALoss() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, 40_000)) {
            write(h, 0, 9, 0);
            h.advance(80_000);
            h.expect(full(8));
            write(h, 9, 1, 0);
            h.advance(40_000);
            h.send(ack(10));
            assertEquals(6 * MSS, h.window(), "half of ten, and grown by this acknowledgment");
        }
    }

    /** However little follows, with whose acknowledgment that is known. */
    @Test
    @Origin("RFC 8985 7.4")
    void shouldTakeHalfOfWhatWasInFlightWithTheProbeWhenLittleFollows() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, 40_000)) {
            write(h, 0, 9, 0);
            h.advance(80_000);
            h.expect(full(8));
            h.advance(40_000);
            h.send(ack(9));
            write(h, 9, 1, 0);
            h.advance(40_000);
            h.send(ack(10));
            assertEquals(4500, h.socket().info(new TcpInfo()).slowStartThreshold);
        }
    }

    /** The first acknowledgment is of the original, and nothing is in flight when the second comes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Origin("RFC 8985 7.4")
    void shouldNotSlowDownWhenAProbeWasNeedless(final boolean reported) {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, 40_000)) {
            write(h, 0, 9, 0);
            h.advance(80_000);
            h.expect(full(8));
            h.send(ack(9));
            final int window = h.window();
            h.send(reported ? sack(9, 8, 9) : ack(9));
            write(h, 9, 2, 0);
            h.advance(40_000);
            h.send(ack(11));
            assertTrue(h.window() >= window, "from " + window + " to " + h.window());
        }
    }

    /** Even if the connection has been silent for long meanwhile, and holds nothing that it can do without. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Origin("RFC 8985 7.4")
    void shouldRestWhenAProbeIsNotKnownToHaveRepairedALoss(final boolean reported) {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, 40_000)) {
            write(h, 0, 8, 0);
            h.advance(80_000);
            h.expect(full(7));
            h.send(ack(8));
            assertEquals(CongestionControl.UNLIMITED, h.socket().info(new TcpInfo()).slowStartThreshold);
            h.advance(2 * Transfers.SILENCE);
            assertEquals(0, h.engine.transfers.held());
            if (reported) {
                h.send(sack(8, 7, 8));
            }
            write(h, 8, 4, 0);
            h.advance(40_000);
            h.send(ack(12));
            assertEquals(
                    reported ? CongestionControl.UNLIMITED : 2 * MSS,
                    h.socket().info(new TcpInfo()).slowStartThreshold,
                    "half of four");
        }
    }
}
