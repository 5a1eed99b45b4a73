package io.millrace.stack.socket.tcp;

import static io.millrace.stack.socket.tcp.AccurateEnds.CE;
import static io.millrace.stack.socket.tcp.AccurateEnds.ECT_0;
import static io.millrace.stack.socket.tcp.AccurateEnds.ECT_1;
import static io.millrace.stack.socket.tcp.AccurateEnds.MSS;
import static io.millrace.stack.socket.tcp.AccurateEnds.client;
import static io.millrace.stack.socket.tcp.AccurateEnds.config;
import static io.millrace.stack.socket.tcp.AccurateEnds.info;
import static io.millrace.stack.socket.tcp.AccurateEnds.server;
import static io.millrace.stack.socket.tcp.AccurateEnds.settings;
import static io.millrace.stack.socket.tcp.AccurateEnds.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpRuns;
import io.millrace.testkit.Origin;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Accurate ECN of a receiver: what it counts, and how it tells. RFC 9768 section 3.2. */
class TcpAccurateEcnCountsTest {
    /** The peer sends the option, so that we do. */
    private static TcpHarness withOption() {
        return server(config(EcnMode.ACCEPT_ACCURATE), Seg.ack(1, 1).ace(2).e0(1, 0, 1));
    }

    private static Seg data(final int seq, final int codePoint) {
        return Seg.data(seq, 1, "abc").ace(5).ecn(codePoint).win(65535);
    }

    @Test
    @Origin("RFC 9768 3.2.2.5.1")
    void shouldTellOfMarksOnWhatIsNoTextAfterSix() {
        try (TcpHarness h = server()) {
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abcdef").ace(5));
            for (int acknowledged = 1; acknowledged <= 5; acknowledged++) {
                h.send(Seg.ack(1, 1 + acknowledged).ace(5).ecn(CE).win(65535));
                h.expectNothing();
            }
            h.send(Seg.ack(1, 7).ace(5).ecn(CE).win(65535));
            h.expect(Seg.ack(7, 1).ace(3));
            h.expectNothing();
        }
    }

    /** Without blocks nobody takes it for a duplicate acknowledgment, though text is missing here, too. */
    @Test
    @Origin("RFC 9768 3.2.2.5.1")
    void shouldAnswerWhatIsNoTextWithoutBlocks() {
        try (TcpHarness h = server()) {
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abcdef").ace(5));
            h.send(data(11, 0));
            h.expect(Seg.ack(7, 1).ace(5).sack(11, 14));
            for (int acknowledged = 1; acknowledged <= 6; acknowledged++) {
                h.send(Seg.ack(1, 1 + acknowledged).ace(5).ecn(CE).win(65535));
            }
            h.expect(Seg.ack(7, 1).ace(3).sack());
            h.send(data(21, 0));
            h.expect(Seg.ack(7, 1).ace(3).sack(21, 24, 11, 14));
        }
    }

    @Test
    @Origin("RFC 9768 3.2.2.2")
    void shouldCountMarkedPacketsThatAcknowledgeOnly() {
        try (TcpHarness h = withOption()) {
            for (int i = 0; i < 2; i++) {
                h.send(Seg.ack(1, 1).ace(5).ecn(CE).win(65535));
            }
            h.expectNothing();
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(7).e1(1, 0, 1));
            assertEquals(2, info(h).ecnReceived.cePackets);
            assertEquals(0, info(h).ecnReceived.ceBytes);
            assertEquals(0, info(h).congestionMarks);
        }
    }

    @Test
    @Origin("RFC 9768 3.2.2.2")
    void shouldGoRoundWithThreeBits() {
        try (TcpHarness h = withOption()) {
            for (int i = 1; i <= 10; i++) {
                h.send(data(3 * i - 2, CE));
                h.advance(40_000);
                h.expect(Seg.ack(1, 1 + 3 * i).ace(5 + i & 7).e1(1, 3 * i, 1));
            }
            assertEquals(10, info(h).ecnReceived.cePackets);
            assertEquals(30, info(h).ecnReceived.ceBytes);
            assertEquals(10, info(h).congestionMarks);
            assertEquals(10, h.counters.get(StackCounter.TCP_CONGESTION_MARKS));
        }
    }

    /** Which of the segments are answered at once. */
    @ParameterizedTest
    @CsvSource({
        "2222, 1000",
        "2233322, 1010110",
        "22112, 10101",
        "3333333, 1010101",
        "0000, 0000",
        "0200, 0110",
        "2 1 3 0, 1111"
    })
    @Origin("RFC 9768 3.2.2.5.1")
    void shouldAcknowledgeAtOnceWhatIsNew(final String codePoints, final String answered) {
        try (TcpHarness h = server()) {
            final StringBuilder answers = new StringBuilder();
            int seq = 1;
            for (final char digit : codePoints.replace(" ", "").toCharArray()) {
                h.send(data(seq, digit - '0'));
                answers.append(h.takeSent().size());
                seq += 3;
            }
            assertEquals(answered, answers.toString());
        }
    }

    /** Acknowledgments are not acknowledged, or the two ends would never be silent. */
    @Test
    @Origin("RFC 9768 3.2.2.5.1")
    void shouldNotAcknowledgeMarkedAcknowledgments() {
        try (TcpHarness h = server()) {
            for (int i = 0; i < 10; i++) {
                h.send(Seg.ack(1, 1).ace(5).ecn(i % 4).win(65535));
            }
            h.advance(1_000_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 9768 3.2.3")
    void shouldCountBytesByCodePoint() {
        try (TcpHarness h = withOption()) {
            h.send(data(1, ECT_0));
            h.expect(Seg.ack(1, 4).ace(5).e1(1, 0, 4));
            h.send(data(4, ECT_1));
            h.expect(Seg.ack(1, 7).ace(5).e1(4, 0, 4));
            h.send(data(7, CE));
            h.expect(Seg.ack(1, 10).ace(6).e1(4, 3, 4));
            h.send(data(10, 0));
            h.expect(Seg.ack(1, 13).ace(6).e1(4, 3, 4));
            h.write("abc");
            h.expect(Seg.data(1, 13, "abc").ace(6).e1(4, 3, 4));
            final TcpInfo info = info(h);
            assertTrue(info.accurateEcnOption);
            assertArrayEquals(
                    new int[] {3, 3, 3},
                    new int[] {info.ecnReceived.ect0Bytes, info.ecnReceived.ect1Bytes, info.ecnReceived.ceBytes});
        }
    }

    @Test
    @Origin("RFC 9768 3.2.2.2")
    @Origin("RFC 9768 3.2.3")
    void shouldCountWhatComesTwiceAndOutOfOrder() {
        try (TcpHarness h = withOption()) {
            h.send(data(4, CE));
            h.expect(Seg.ack(1, 1).ace(6).e1(1, 3, 1).sack(4, 7));
            h.send(data(4, CE));
            h.expect(Seg.ack(1, 1).ace(7).e1(1, 6, 1).sack(4, 7, 4, 7));
            h.send(data(1, ECT_0));
            h.expect(Seg.ack(1, 7).ace(7).e1(1, 6, 4));
            h.send(data(1, CE));
            h.expect(Seg.ack(1, 7).ace(0).e1(1, 9, 4));
        }
    }

    @Test
    @Origin("RFC 9768 3.2.2.2")
    void shouldNotCountWhatIsOutsideTheWindow() {
        try (TcpHarness h = withOption()) {
            h.send(data(60_000, CE));
            h.expect(Seg.ack(1, 1).ace(2 + 3).e1(1, 0, 1));
            assertEquals(0, info(h).ecnReceived.cePackets);
        }
    }

    /** It is as wide as the largest header, so that a segment with it is no longer than one may be. */
    @Test
    @Origin("RFC 9768 3.2.3")
    void shouldLeaveRoomForTheOptionInEverySegment() {
        try (TcpHarness h = withOption()) {
            h.write(text(2));
            h.expect(Seg.ack(1, 1).len(MSS - 12).ace(5).e1(1, 0, 1));
            assertEquals(MSS - 12, info(h).sendMss);
        }
        try (TcpHarness h = server()) {
            h.write(text(2));
            h.expect(Seg.ack(1, 1).len(MSS).ace(5).noCounts());
        }
    }

    @Test
    @Origin("RFC 9768 3.2.3.2.1")
    void shouldSendTheOptionFromTheOneOfTheAnswerOn() {
        try (TcpHarness h = client(Seg.synAck(0, 1).ace(2).e0(1, 0, 1))) {
            h.expect(Seg.ack(1, 1).ace(2).e1(1, 0, 1));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(5).e1(1, 0, 1));
        }
    }

    @Test
    @Origin("RFC 9768 3.2.3.2.4")
    void shouldSendTheOptionFromTheFirstThatComesOn() {
        try (TcpHarness h = server()) {
            h.send(data(1, ECT_0));
            h.expect(Seg.ack(1, 4).ace(5).noCounts());
            h.send(data(4, ECT_1).e1());
            h.expect(Seg.ack(1, 7).ace(5).e1(4, 0, 4));
        }
    }

    @Test
    @Origin("RFC 9768 3.2.3.2")
    void shouldSendNoOptionWhereThatIsSwitchedOff() {
        try (TcpHarness h = new TcpHarness(
                settings(EcnMode.ACCEPT_ACCURATE).accurateEcnOption(false).build())) {
            h.listen(1);
            h.send(Seg.syn(0).ace(7).mss(MSS));
            h.expect(Seg.synAck(0, 1).ace(2).noCounts());
            h.send(Seg.ack(1, 1).ace(2).e0(1, 0, 1).win(65535));
            h.send(data(1, CE));
            h.expect(Seg.ack(1, 4).ace(6).noCounts());
            assertTrue(info(h).accurateEcnOption, "of the peer's");
        }
    }

    /**
     * Segments ahead with these code points: how many blocks and counts are told of the last, and which count first. There is
     * room for 40 bytes, or 30 beside timestamps; where padding of options takes too much of it, there is none.
     */
    @ParameterizedTest
    @CsvSource({
        "false, 2, 1, 174, 3",
        "false, 02, 2, 174, 3",
        "false, 002, 3, 174, 3",
        "false, 0002, 4, 172, 1",
        "false, 0003, 3, 174, 3",
        "false, 0001, 4, 174, 1",
        "false, 0012, 3, 174, 3",
        "false, 2220, 4, 172, 1",
        "false, 2210, 4, 0, 0",
        "false, 0000, 4, 0, 0",
        "true, 2, 1, 174, 3",
        "true, 01, 2, 174, 2",
        "true, 03, 2, 174, 2",
        "true, 02, 2, 172, 2",
        "true, 23, 2, 172, 2",
        "true, 13, 2, 174, 2",
        "true, 12, 2, 174, 3",
        "true, 21, 2, 174, 3",
        "true, 121, 2, 174, 3",
        "true, 001, 2, 174, 2",
        "true, 003, 2, 174, 2",
        "true, 002, 2, 172, 2",
        "true, 223, 2, 172, 2",
        "true, 210, 3, 0, 0",
        "true, 000, 3, 0, 0",
        "true, 00, 2, 0, 0"
    })
    @Origin("RFC 9768 3.2.3.3")
    void shouldMakeRoomForWhatIsNewAmongBlocks(
            final boolean timestamps, final String codePoints, final int blocks, final int kind, final int counts) {
        final Seg third = Seg.ack(1, 1).ace(2).e0(1, 0, 1);
        try (TcpHarness h = server(
                settings(EcnMode.ACCEPT_ACCURATE).timestamps(timestamps).build(),
                timestamps ? third.ts(1, 0) : third)) {
            final int[] bytes = new int[4];
            for (int i = 1; i <= codePoints.length(); i++) {
                h.takeSent();
                final int codePoint = codePoints.charAt(i - 1) - '0';
                bytes[codePoint] += 3;
                final Seg segment = data(1 + 10 * i, codePoint);
                h.send(timestamps ? segment.ts(1 + i, 0) : segment);
            }
            final Seg answer = h.takeSent().getLast();
            assertEquals(blocks, answer.sacks.length / 2);
            assertEquals(1 + 10 * codePoints.length(), answer.sacks[0], "the latest");
            if (kind == 0) {
                assertNull(answer.counts);
            } else {
                final boolean zeroFirst = kind == 172;
                final int[] all = {kind, 1 + bytes[zeroFirst ? 2 : 1], bytes[3], 1 + bytes[zeroFirst ? 1 : 2]};
                assertArrayEquals(Arrays.copyOf(all, 1 + counts), answer.counts);
            }
        }
    }

    /** What is told already takes no room from blocks. */
    @Test
    @Origin("RFC 9768 3.2.3.3")
    void shouldLeaveTheRoomToBlocksWhenNothingIsNew() {
        try (TcpHarness h = withOption()) {
            h.send(data(11, ECT_0));
            h.expect(Seg.ack(1, 1).ace(5).e1(1, 0, 4).sack(11, 14));
            h.send(data(21, 0));
            h.send(data(31, 0));
            h.takeSent();
            h.send(data(41, 0));
            h.expect(Seg.ack(1, 1).ace(5).e0(4).sack(41, 44, 31, 34, 21, 24, 11, 14));
        }
    }

    /** What there was no room for is told as soon as there is some. */
    @Test
    @Origin("RFC 9768 3.2.3.3")
    void shouldTellLaterWhatFoundNoRoom() {
        try (TcpHarness h = server(
                settings(EcnMode.ACCEPT_ACCURATE).timestamps(true).build(),
                Seg.ack(1, 1).ace(2).e0(1, 0, 1).ts(1, 0))) {
            h.send(data(11, 0).ts(2, 0));
            h.send(data(21, ECT_0).ts(3, 0));
            h.takeSent();
            h.send(data(1, 0).ts(4, 0).len(20));
            h.expect(Seg.ack(1, 24).ace(5).e1(1, 0, 4));
        }
    }

    @Test
    @Origin("RFC 9768 3.2.3.2.2")
    void shouldStopTheOptionWhenItDoesNotComeThrough() {
        try (TcpHarness h = withOption()) {
            h.send(data(1, ECT_0));
            h.expect(Seg.ack(1, 4).ace(5).e1(1, 0, 4));
            h.send(data(1, ECT_0));
            h.expect(Seg.ack(1, 4).ace(5).e1(1, 0, 7).sack(1, 4));
            h.send(data(1, ECT_0));
            h.expect(Seg.ack(1, 4).ace(5).noCounts().sack(1, 4));
            h.send(data(4, CE));
            h.expect(Seg.ack(1, 7).ace(6).noCounts());
            h.write("abc");
            h.expect(Seg.data(1, 7, "abc").ace(6).noCounts());
        }
    }

    @Test
    @Origin("RFC 9768 3.2.3.2.2")
    void shouldKeepTheOptionWhenNewTextShowsThatItCameThrough() {
        try (TcpHarness h = withOption()) {
            for (int i = 0; i < 3; i++) {
                h.send(data(1 + 3 * i, ECT_0));
                h.send(data(1 + 3 * i, ECT_0)); // its acknowledgment was lost
                h.takeSent();
            }
            h.send(data(10, CE));
            h.expect(Seg.ack(1, 13).ace(6).e1(1, 3, 19));
        }
    }

    /** Neither what is left of a connection nor what is not one yet may tell of marks that there were none of. */
    @Test
    @Origin("RFC 9768 3.2.2")
    void shouldCountInAnswersOfTimeWait() {
        try (TcpHarness h = withOption()) {
            h.send(data(1, CE));
            h.expect(Seg.ack(1, 4).ace(6));
            h.closeSocket();
            h.expect(Seg.fin(1, 4).ace(6));
            h.send(Seg.ack(4, 2).ace(5).win(65535));
            h.send(Seg.fin(4, 2).ace(5).ecn(CE).win(65535));
            h.expect(Seg.ack(2, 5).ace(7));
            h.advance(1_000_000);
            h.send(Seg.fin(4, 2).ace(5).win(65535));
            h.expect(Seg.ack(2, 5).ace(7).ecn(0));
        }
    }

    @Test
    @Origin("RFC 9768 3.2.2")
    void shouldCountInAnswersBeforeTheHandshakeEnds() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.ACCEPT_ACCURATE))) {
            h.listen(1);
            h.send(Seg.syn(0).ace(7).mss(1000).win(65535));
            h.expect(Seg.synAck(0, 1).ace(2));
            h.send(Seg.ack(100_000, 1).ace(5).win(65535));
            h.expect(Seg.ack(1, 1).ace(5));
        }
    }

    /** Segments of one burst that say the same are one to the connection: all their bytes count. */
    @ParameterizedTest
    @CsvSource({
        "2 2 2 2, 5 5 5 5, 3, 12, 0",
        "1 1 1 1, 5 5 5 5, 3, 0, 12",
        "2 1 1 2, 5 5 5 5, 1, 6, 6",
        "2 2 2 2, 5 5 6 6, 2, 12, 0",
        "2 2 3 2, 5 5 5 5, 1, 9, 0"
    })
    @Origin("RFC 9768 3.2.3")
    void shouldCountAllOfARun(
            final String codePoints, final String fields, final int coalesced, final int ect0, final int ect1) {
        try (TcpHarness h = server(
                settings(EcnMode.ACCEPT_ACCURATE).runs(TcpRuns.ON).build(),
                Seg.ack(1, 1).ace(2).e0(1, 0, 1))) {
            for (int i = 0; i < 4; i++) {
                h.deliver(Seg.data(1 + 3 * i, 1, "abc")
                        .ace(fields.charAt(2 * i) - '0')
                        .ecn(codePoints.charAt(2 * i) - '0')
                        .win(65535)
                        .e0(1, 0, 1));
            }
            h.poll();
            assertEquals(coalesced, h.counters.get(StackCounter.TCP_SEGMENTS_COALESCED));
            final EcnCounts counts = info(h).ecnReceived;
            assertEquals(ect0, counts.ect0Bytes);
            assertEquals(ect1, counts.ect1Bytes);
            assertEquals(12 - ect0 - ect1, counts.ceBytes);
            assertEquals((12 - ect0 - ect1) / 3, counts.cePackets);
        }
    }

    /** Those that tell other counts are not one. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Origin("RFC 9768 3.2.3")
    void shouldHearEachSegmentThatCountsOtherwise(final int which) {
        try (TcpHarness h = server(
                settings(EcnMode.ACCEPT_ACCURATE).runs(TcpRuns.ON).build(),
                Seg.ack(1, 1).ace(2).e0(1, 0, 1))) {
            final int[] counts = {1, 0, 1};
            h.deliver(data(1, ECT_0).e0(counts));
            counts[which] += 3;
            h.deliver(data(4, ECT_0).e0(counts));
            h.deliver(data(7, ECT_0).e1(counts));
            h.deliver(data(10, ECT_0));
            h.poll();
            assertEquals(0, h.counters.get(StackCounter.TCP_SEGMENTS_COALESCED));
            assertEquals(12, info(h).ecnReceived.ect0Bytes);
        }
    }
}
