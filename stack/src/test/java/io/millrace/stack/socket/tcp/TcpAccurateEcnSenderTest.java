package io.millrace.stack.socket.tcp;

import static io.millrace.stack.socket.tcp.AccurateEnds.CE;
import static io.millrace.stack.socket.tcp.AccurateEnds.ECT_0;
import static io.millrace.stack.socket.tcp.AccurateEnds.MSS;
import static io.millrace.stack.socket.tcp.AccurateEnds.ack;
import static io.millrace.stack.socket.tcp.AccurateEnds.info;
import static io.millrace.stack.socket.tcp.AccurateEnds.server;
import static io.millrace.stack.socket.tcp.AccurateEnds.settings;
import static io.millrace.stack.socket.tcp.AccurateEnds.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Accurate ECN of a sender: what it makes of what the peer counts. RFC 9768 sections 3.2.2 and 3.2.3, appendix A. */
class TcpAccurateEcnSenderTest {
    private static TcpHarness sending(final int segments) {
        final TcpHarness h = server();
        h.write(text(segments));
        assertEquals(segments, h.takeSent().size());
        h.advance(10_000);
        return h;
    }

    private static int marked(final TcpHarness h) {
        return info(h).ecnSent.cePackets;
    }

    private static long reductions(final TcpHarness h) {
        return h.counters.get(StackCounter.TCP_CONGESTION_ECHOES);
    }

    @Test
    @Origin("RFC 3168 6.1.2")
    @Origin("RFC 9768 3.2.2")
    void shouldReduceTheWindowOnceForARoundTrip() {
        try (TcpHarness h = sending(10)) {
            final int before = h.window();
            h.send(ack(1 + MSS, 6));
            final int after = h.window();
            assertTrue(after <= before * 0.86 && after >= before * 0.8, "Cubic, RFC 8511: " + before + " " + after);
            for (int i = 2; i <= 10; i++) {
                h.send(ack(1 + i * MSS, 5 + i & 7));
            }
            assertEquals(after, h.window(), "neither reduced again nor grown");
            assertEquals(1, reductions(h));
            h.write(text(2));
            h.expect(Seg.ack(1 + 10 * MSS, 1).len(MSS).ace(5).ecn(ECT_0)); // it has no word for that
            h.expect(Seg.ack(1 + 11 * MSS, 1).len(MSS).ace(5).ecn(ECT_0));
            h.advance(10_000);
            h.send(ack(1 + 12 * MSS, 1)); // two more, behind the reduction
            assertTrue(h.window() < after);
            assertEquals(2, reductions(h));
            assertEquals(12, marked(h));
            assertEquals(12, info(h).congestionEchoes);
        }
    }

    @Test
    @Origin("RFC 9768 3.2.2")
    void shouldNotReduceTheWindowWhenTheCounterStandsStill() {
        try (TcpHarness h = sending(10)) {
            final int before = h.window();
            for (int i = 1; i <= 5; i++) {
                h.send(ack(1 + i * MSS, 5));
            }
            assertTrue(h.window() > before);
            h.send(ack(1 + 6 * MSS, 6));
            final int reduced = h.window();
            h.write(text(1));
            h.advance(100_000);
            for (int i = 7; i <= 11; i++) {
                h.send(ack(1 + i * MSS, 6)); // nothing new
            }
            assertEquals(1, marked(h));
            assertEquals(1, reductions(h));
            assertTrue(h.window() >= reduced);
        }
    }

    /** Flags of the classic kind mean nothing: 5 has the one that would be an echo. */
    @Test
    @Origin("RFC 9768 3.2.2")
    void shouldNeitherEchoNorHearEchoesOfTheClassicKind() {
        try (TcpHarness h = sending(2)) {
            h.send(ack(1 + 2 * MSS, 5));
            assertEquals(0, reductions(h));
            h.send(Seg.data(1, 1 + 2 * MSS, "abc").ace(5).ecn(CE).win(65535));
            h.expect(Seg.ack(1 + 2 * MSS, 4).ace(6));
            h.send(Seg.data(4, 1 + 2 * MSS, "abc").ace(5).ecn(ECT_0).win(65535));
            h.expect(Seg.ack(1 + 2 * MSS, 7).ace(6));
            h.send(Seg.data(7, 1 + 2 * MSS, "abc").ace(5).ecn(ECT_0).win(65535));
            h.advance(40_000);
            h.expect(Seg.ack(1 + 2 * MSS, 10).ace(6)); // for good
        }
    }

    /** An acknowledgment of 10 segments, after some of one: the counter, the bytes, what that tells. */
    @ParameterizedTest
    @CsvSource({
        "5, -1, 8",
        "6, -1, 9",
        "7, -1, 10",
        "0, -1, 3",
        "4, -1, 7",
        "5, 0, 0",
        "5, 3000, 8",
        "5, 7904, 8",
        "6, 988, 1",
        "6, 989, 9",
        "6, 8892, 9",
        "7, 1976, 2",
        "0, 2964, 3"
    })
    @Origin("RFC 9768 A.2")
    void shouldTellFromTheBytesWhetherTheCounterWentRound(final int field, final int bytes, final int marked) {
        final int size = MSS - 12; // beside the option
        try (TcpHarness h = server(
                settings(EcnMode.ACCEPT_ACCURATE).build(), Seg.ack(1, 1).ace(2).e0(1, 0, 1))) {
            h.write("x".repeat(12 * size));
            h.send(ack(1 + size, 5));
            h.send(ack(1 + 2 * size, 5));
            assertEquals(12, h.takeSent().size(), "none again");
            final Seg large = ack(1 + 12 * size, field);
            h.send(bytes < 0 ? large : large.e0(1, bytes, 1));
            assertEquals(marked, marked(h));
            assertEquals(Math.max(0, bytes), info(h).ecnSent.ceBytes);
        }
    }

    /** If acknowledgments of many segments are usual, it is not taken for granted that each hides a round. */
    @Test
    @Origin("RFC 9768 A.2")
    void shouldNotTakeEachLargeAcknowledgmentForARoundWhereTheyAreUsual() {
        try (TcpHarness h = sending(10)) {
            h.send(ack(1 + 10 * MSS, 5));
            assertEquals(0, marked(h));
            h.write(text(10));
            h.advance(100_000);
            h.takeSent();
            h.send(ack(1 + 20 * MSS, 6));
            assertEquals(1, marked(h));
        }
    }

    @Test
    @Origin("RFC 9768 3.2.3")
    void shouldHearWhatArrivedWithEachCodePoint() {
        try (TcpHarness h = sending(6)) {
            h.send(ack(1 + MSS, 5).e0(1001, 0, 1));
            h.send(ack(1 + 2 * MSS, 6).e1(1, 1000, 1001));
            h.send(ack(1 + 3 * MSS, 6).e1(1001));
            h.send(ack(1 + 4 * MSS, 6).e0(2001));
            h.send(ack(1 + 5 * MSS, 7).e1(1001, 2000));
            h.send(ack(1 + 6 * MSS, 7).e0());
            final TcpInfo info = info(h);
            assertTrue(info.accurateEcnOption);
            assertArrayEquals(new int[] {2, 2000, 1000, 2000}, new int[] {
                info.ecnSent.cePackets, info.ecnSent.ect0Bytes, info.ecnSent.ect1Bytes, info.ecnSent.ceBytes
            });
            assertEquals(2, info.congestionEchoes);
        }
    }

    @Test
    @Origin("RFC 9768 3.2.3")
    void shouldGoRoundWith24Bits() {
        try (TcpHarness h = sending(6)) {
            h.send(ack(1 + MSS, 5).e0(0x70_0000, 0x7F_FFFF, 1));
            h.send(ack(1 + 2 * MSS, 5).e0(0xE0_0000, 0xFF_FFFE, 1));
            h.send(ack(1 + 3 * MSS, 5).e0(0x10, 0x20, 1));
            assertEquals(0x100_000F, info(h).ecnSent.ect0Bytes);
            assertEquals(0x100_0020, info(h).ecnSent.ceBytes);
        }
    }

    /** A count that is behind the one before is of an option that was overtaken. */
    @Test
    @Origin("RFC 9768 3.2.3")
    void shouldNotCountBackwards() {
        try (TcpHarness h = sending(6)) {
            h.send(ack(1 + MSS, 6).e0(1, 1000, 1001));
            h.send(ack(1 + 2 * MSS, 6).e0(1, 500, 501));
            assertEquals(1000, info(h).ecnSent.ceBytes);
            assertEquals(1000, info(h).ecnSent.ect1Bytes);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 0, 8", "false, 0, 8", "true, 1, 0", "false, 1, 0"})
    @Origin("RFC 9768 3.2.3.2.3")
    void shouldNotBelieveAnOptionThatIsBlank(final boolean zeroFirst, final int first, final int marked) {
        try (TcpHarness h = sending(10)) {
            final Seg small = ack(1 + MSS, 5);
            h.send(zeroFirst ? small.e0(first, 0, 0) : small.e1(first, 0, 0));
            h.write(text(1));
            h.advance(100_000);
            h.takeSent();
            final Seg large = ack(1 + 11 * MSS, 5);
            h.send(zeroFirst ? large.e0(first, 0, 0) : large.e1(first, 0, 0));
            assertEquals(marked, marked(h)); // as without
        }
    }

    @Test
    @Origin("RFC 9768 A.1")
    void shouldNotHearWhatWasOvertaken() {
        try (TcpHarness h = sending(8)) {
            h.send(ack(1 + 4 * MSS, 7));
            assertEquals(2, marked(h));
            h.send(ack(1 + 2 * MSS, 6));
            h.send(ack(1 + 3 * MSS, 5));
            h.send(ack(1 + 4 * MSS, 6)); // of the same number: nothing tells which was first
            h.send(ack(1 + 3 * MSS, 6).sack(1 + 5 * MSS, 1 + 6 * MSS));
            assertEquals(2, marked(h));
            h.send(ack(1 + 5 * MSS, 0));
            assertEquals(3, marked(h));
        }
    }

    /** Of acknowledgments of the same number a later timestamp tells which was first. */
    @ParameterizedTest
    @CsvSource({"9, 1", "10, 1", "11, 2"})
    @Origin("RFC 9768 A.1")
    void shouldHearALaterTimestampThatAcknowledgesNothing(final int timestamp, final int marked) {
        try (TcpHarness h = server(
                settings(EcnMode.ACCEPT_ACCURATE).timestamps(true).build(),
                Seg.ack(1, 1).ace(2).ts(2, 0))) {
            h.write(text(8));
            h.takeSent();
            h.advance(10_000);
            h.send(ack(1 + 3 * (MSS - 12), 6).ts(10, 0));
            h.send(ack(1 + 3 * (MSS - 12), 7).ts(timestamp, 0));
            assertEquals(marked, marked(h));
        }
    }

    private static TcpHarness withTimestamps(final int segments) {
        final TcpHarness h = server(
                settings(EcnMode.ACCEPT_ACCURATE).timestamps(true).build(),
                Seg.ack(1, 1).ace(2).ts(2, 0));
        h.write("x".repeat(segments * (MSS - 12)));
        assertEquals(segments, h.takeSent().size());
        h.advance(10_000);
        return h;
    }

    /** Its answer to marked acknowledgments would look like one more duplicate acknowledgment. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Origin("RFC 9768 3.2.2.5.1")
    void shouldNotLetAcknowledgmentsBeMarkedWithoutSack(final boolean sack) {
        try (TcpHarness h = server(settings(EcnMode.ACCEPT_ACCURATE).sack(sack).build())) {
            h.send(Seg.data(1, 1, "abc").ace(5).ecn(CE).win(65535));
            h.expect(Seg.ack(1, 4).ace(6).ecn(sack ? ECT_0 : 0));
            h.write("abc");
            h.expect(Seg.data(1, 4, "abc").ace(6).ecn(ECT_0));
        }
    }

    /** Acknowledgments and what came late may be marked, too, while nothing is in flight. */
    @Test
    @Origin("RFC 9768 3.2.2.5.1")
    @Origin("RFC 9768 A.2")
    void shouldHearWhatIsReportedWhileNothingIsInFlight() {
        try (TcpHarness h = withTimestamps(10)) {
            final int end = 1 + 10 * (MSS - 12);
            h.send(ack(end, 5).ts(10, 0));
            final int before = h.window();
            h.send(ack(end, 0).ts(11, 0));
            assertEquals(3, marked(h));
            assertEquals(1, reductions(h));
            final int after = h.window();
            assertTrue(after <= before * 0.86 && after >= before * 0.8, "Cubic, RFC 8511: " + before + " " + after);
            h.send(ack(end, 1).ts(12, 0));
            h.send(Seg.data(1, end, "abc").ace(2).ts(13, 0).ecn(ECT_0).win(65535));
            assertEquals(5, marked(h));
            assertEquals(1, reductions(h), "once until something else was sent");
            h.advance(10_000_000);
            h.takeSent();
            h.send(Seg.ack(4, end).ace(3).ts(10_000, 0).ecn(ECT_0).win(65535)); // after a rest
            assertEquals(6, marked(h));
            assertEquals(after, h.window());
            h.write("abc");
            h.takeSent();
            h.send(Seg.ack(4, end + 3).ace(4).ts(10_001, 0).ecn(ECT_0).win(65535));
            assertEquals(7, marked(h));
            assertEquals(2, reductions(h));
        }
    }

    /** BBR sets a rate by what arrives: a mark is noted, once in a round trip, and takes nothing off the window by itself. */
    @Test
    @Origin("RFC 9768 3.1.5")
    void shouldNoteMarksOnceForARoundTripWithBbr() {
        try (TcpHarness h = server(settings(EcnMode.ACCEPT_ACCURATE)
                .congestionControl(CongestionAlgorithm.BBR)
                .build())) {
            h.write(text(10));
            for (int i = 0; i < 100 && info(h).notSent > 0; i++) {
                h.advance(1_000); // it is paced
            }
            final int sent = h.takeSent().size();
            assertEquals(10, sent);
            final int before = h.window();
            for (int i = 1; i <= sent; i++) {
                h.send(ack(1 + i * MSS, 5 + i & 7));
            }
            assertEquals(10, marked(h));
            assertEquals(1, reductions(h));
            assertTrue(h.window() >= before, before + " to " + h.window());
            h.write(text(1));
            h.advance(10_000);
            h.takeSent();
            h.send(ack(1 + (sent + 1) * MSS, 0));
            assertEquals(11, marked(h));
            assertEquals(2, reductions(h));
        }
    }

    /** The window that nothing of is in flight is not taken for an empty one. */
    @Test
    @Origin("RFC 9768 3.1.5")
    void shouldReduceTheWindowByItsShareForAcknowledgmentsOnly() {
        try (TcpHarness h = server(
                settings(EcnMode.ACCEPT_ACCURATE)
                        .timestamps(true)
                        .congestionControl(CongestionAlgorithm.RENO)
                        .build(),
                Seg.ack(1, 1).ace(2).ts(2, 0))) {
            assertEquals(10 * (MSS - 12), h.window());
            h.send(ack(1, 6).ts(11, 0));
            assertEquals(8 * (MSS - 12), h.window());
            assertEquals(1, marked(h));
        }
    }

    @Test
    @Origin("RFC 9768 A.1")
    void shouldHearWhatTextReportsThatAcknowledgesNothing() {
        try (TcpHarness h = withTimestamps(4)) {
            h.send(Seg.data(1, 1, "abc").ace(6).ts(10, 0).ecn(ECT_0).win(65535));
            assertEquals(1, marked(h));
            h.send(Seg.data(7, 1, "ghi").ace(0).ts(12, 0).ecn(ECT_0).win(65535)); // ahead, so that 10 is what is echoed
            assertEquals(3, marked(h));
            h.send(Seg.data(4, 1, "def").ace(7).ts(11, 0).ecn(ECT_0).win(65535)); // overtaken
            assertEquals(3, marked(h));
            h.send(Seg.ack(10, 1 + MSS - 12).ace(1).ts(13, 0).ecn(ECT_0).win(65535));
            assertEquals(4, marked(h));
        }
    }

    /** The flags of the handshake's end are no counter, however often they come. */
    @Test
    @Origin("RFC 9768 3.2.2.1")
    void shouldNotCountWithTheEndOfTheHandshakeWhenThatComesAgain() {
        try (TcpHarness h = sending(4)) {
            h.send(ack(1, 2));
            h.send(ack(1 + MSS, 2));
            assertEquals(0, marked(h));
            h.send(ack(1 + 2 * MSS, 5));
            assertEquals(0, marked(h));
            h.send(ack(1 + 3 * MSS, 6));
            assertEquals(1, marked(h));
        }
    }

    @Test
    @Origin("RFC 9768 3.2.2")
    @Origin("RFC 9768 3.3")
    void shouldLetRetransmissionsAndAcknowledgmentsBeMarked() {
        try (TcpHarness h = sending(8)) {
            h.send(ack(1, 5).sack(1 + MSS, 1 + 8 * MSS));
            h.expect(Seg.ack(1, 1).len(MSS).ace(5).ecn(ECT_0));
            h.advance(500_000);
            h.expect(Seg.ack(1, 1).len(MSS).ace(5).ecn(ECT_0));
            h.send(Seg.data(1, 1, "abc").ace(5).ecn(CE).win(65535));
            h.expect(Seg.ack(1 + 8 * MSS, 4).ace(6).ecn(ECT_0));
        }
    }

    @Test
    @Origin("RFC 9768 3.3")
    void shouldLetProbesOfAClosedWindowBeMarked() {
        try (TcpHarness h = sending(1)) {
            h.send(Seg.ack(1, 1 + MSS).ace(5).win(0));
            h.write("abc");
            h.expectNothing();
            h.advance(1_000_000);
            final Seg probe = h.takeSent().getFirst();
            assertEquals(ECT_0, probe.ecn);
            assertEquals(5, (probe.flags & AccurateEcn.FLAGS) >>> 6);
        }
    }

    /** Neither a SYN nor a reset. */
    @Test
    @Origin("RFC 9768 3.2.2")
    void shouldNotLetAResetBeMarked() {
        try (TcpHarness h = sending(1)) {
            h.socket().abort();
            h.poll();
            h.expect(Seg.rstAck(1 + MSS, 1).ace(0).ecn(0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 7})
    @Origin("RFC 8257 3.3")
    @Origin("RFC 9768 3.2.2")
    void shouldReduceTheWindowByTheShareOfMarks(final int marked) {
        try (TcpHarness h = server(settings(EcnMode.ACCEPT_ACCURATE)
                .congestionControl(CongestionAlgorithm.DCTCP)
                .pacing(false)
                .bufferMemory(4 << 20)
                .build())) {
            int acknowledged = 1;
            double share = 1;
            for (int round = 0; round < 40; round++) { // unmarked: the estimate falls from 1 to nearly 0
                h.write(text(10));
                h.takeSent();
                h.advance(1_000);
                acknowledged += 10 * MSS;
                h.send(ack(acknowledged, 5));
                share *= 15 / 16.0;
            }
            final int before = h.window();
            h.write(text(10));
            h.takeSent();
            h.advance(1_000);
            h.send(ack(acknowledged + 7 * MSS, 5 + marked & 7));
            share += (marked / 7.0 - share) / 16;
            assertEquals(share / 2, 1 - (double) h.window() / before, 0.004, before + " to " + h.window());
            assertEquals(marked, marked(h));
        }
    }
}
