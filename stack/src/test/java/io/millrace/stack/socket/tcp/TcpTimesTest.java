package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Frames;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Times of what was sent, acknowledged and received. Time begins at 1,000,000 microseconds. */
class TcpTimesTest {
    private static final int STEP = 1_000;

    private static TcpHarness asked(final int stages) {
        final TcpHarness h = TcpHarness.established();
        h.socket().options().times().stages(stages);
        return h;
    }

    @Test
    void shouldTellOfTheLastByteWhenItPassesEachStage() {
        try (TcpHarness h = asked(SendStage.ALL)) {
            h.link.portHolds = true;
            h.queue("hello");
            h.advance(0);
            h.now += STEP;
            h.link.portTakes();
            h.now += STEP;
            h.send(Seg.ack(1, 6));
            h.poll();
            assertEquals(List.of("SCHEDULED 4 1000000", "SENT 4 1001000", "ACKNOWLEDGED 4 1002000"), times(h));
        }
    }

    @Test
    void shouldTellOfEachSendWhenOneSegmentCarriesSeveral() {
        try (TcpHarness h = asked(SendStage.ALL)) {
            h.queue("abc");
            h.queue("de");
            h.poll();
            h.poll();
            assertEquals(
                    List.of("SCHEDULED 2 1000000", "SCHEDULED 4 1000000", "SENT 2 1000000", "SENT 4 1000000"),
                    times(h));
            h.now += STEP;
            h.send(Seg.ack(1, 5)); // all but the last byte
            h.poll();
            assertEquals(List.of("ACKNOWLEDGED 2 1001000"), times(h));
            h.send(Seg.ack(1, 6));
            h.poll();
            assertEquals(List.of("ACKNOWLEDGED 4 1001000"), times(h));
        }
    }

    @Test
    void shouldTellOnceWhenASendTakesManySegments() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 60_000)) {
            h.socket().options().times().stages(SendStage.ALL);
            h.queue("x".repeat(4000));
            h.poll();
            h.poll();
            assertEquals(List.of("SCHEDULED 3999 1000000", "SENT 3999 1000000"), times(h));
            h.send(Seg.ack(1, 2921).win(60_000));
            h.poll();
            assertEquals(List.of(), times(h));
            h.send(Seg.ack(1, 4001).win(60_000));
            h.poll();
            assertEquals(List.of("ACKNOWLEDGED 3999 1000000"), times(h));
        }
    }

    @Test
    void shouldTellOfASingleSendWhenOnlyThatWasAskedFor() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("abc");
            h.send(Seg.ack(1, 4));
            h.queue("def");
            assertEquals(5, h.socket().stamp(SendStage.ACKNOWLEDGED.bit()));
            h.queue("ghi");
            h.poll();
            h.send(Seg.ack(1, 10));
            h.poll();
            assertEquals(List.of("ACKNOWLEDGED 5 1000000"), times(h));
            assertEquals(-1, h.socket().stamp(SendStage.ALL));
            assertThrows(IllegalArgumentException.class, () -> h.socket().stamp(8));
        }
    }

    @Test
    void shouldTellTheFirstTimeWhenASegmentIsSentAgain() {
        try (TcpHarness h = asked(SendStage.ALL)) {
            h.write("abc");
            h.advance(2_000_000);
            h.send(Seg.ack(1, 4));
            h.poll();
            assertEquals(List.of("SCHEDULED 2 1000000", "SENT 2 1000000", "ACKNOWLEDGED 2 3000000"), times(h));
        }
    }

    /** A packet that never got to the port is followed by one that does. */
    @Test
    void shouldTellThatItWasSentWhenTheFirstPacketGotLostOnOurSide() {
        try (TcpHarness h = asked(SendStage.SENT.bit())) {
            h.link.portHolds = true;
            h.write("abc");
            h.link.forgetWatched();
            h.link.portHolds = false;
            h.advance(2_000_000);
            final List<String> told = times(h);
            assertEquals(1, told.size(), told::toString);
            assertEquals("SENT 2", told.getFirst().substring(0, 6));
        }
    }

    @Test
    void shouldTellOfPiecesAsOfOneSendWhenTheyAreGathered() {
        try (TcpHarness h = asked(SendStage.SCHEDULED.bit())) {
            final MemorySegment bytes = Frames.ofBytes("abcdef".getBytes(StandardCharsets.US_ASCII));
            h.socket().sendGather(new MemorySegment[] {bytes, bytes}, new long[] {0, 3}, new int[] {3, 3}, 0, 2);
            h.poll();
            h.poll();
            assertEquals(List.of("SCHEDULED 5 1000000"), times(h));
        }
    }

    @Test
    void shouldCountWhatItCannotKeepInMind() {
        final TcpConfig config =
                TcpHarness.plain().sendBuffer(1 << 16).noDelay(true).build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            h.socket().options().times().stages(SendStage.ACKNOWLEDGED.bit());
            for (int i = 0; i <= SendMarks.MOST; i++) {
                h.queue("x");
            }
            assertEquals(1, h.counters.get(StackCounter.SEND_STAGES_LOST));
        }
    }

    @Test
    void shouldTellHowMuchIsAcknowledgedWhenAskedTo() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().times().acknowledgments(true);
            h.write("abcdef");
            assertEquals(6, h.socket().queuedInAll());
            h.deliver(Seg.ack(1, 4));
            h.deliver(Seg.ack(1, 5));
            h.poll();
            h.poll();
            h.send(Seg.ack(1, 7));
            h.poll();
            assertEquals(List.of("acknowledged 4", "acknowledged 6"), times(h));
            assertEquals(6, h.socket().acknowledged());
            assertEquals(6, h.socket().queuedInAll());
        }
    }

    @Test
    void shouldTellOfTheLastAcknowledgmentWhenItEndsTheConnection() {
        try (TcpHarness h = asked(SendStage.ACKNOWLEDGED.bit())) {
            h.send(Seg.fin(1, 1));
            h.events.clear();
            h.queue("abc");
            h.socket().close();
            h.poll();
            h.send(Seg.ack(2, 5));
            h.poll();
            assertEquals(List.of("ACKNOWLEDGED 2 1000000", "closed NORMAL"), h.events);
        }
    }

    /** What the port takes after the end of a connection is nobody's business any more. */
    @Test
    void shouldTellNothingAfterTheEnd() {
        try (TcpHarness h = asked(SendStage.SENT.bit())) {
            h.link.portHolds = true;
            h.write("abc");
            h.send(Seg.ack(1, 3));
            h.send(Seg.rstAck(1, 3));
            h.link.portTakes();
            h.poll();
            assertEquals(List.of("closed RESET"), h.events);
            assertEquals(2, h.socket().acknowledged());
        }
    }

    @Test
    void shouldKnowWhenTheByteCameThatWasReadLast() {
        try (TcpHarness h = TcpHarness.established()) {
            assertEquals(TcpTimes.UNKNOWN, h.socket().receivedAt());
            h.socket().options().times().receives(true);
            h.send(Seg.data(1, 1, "abc"));
            h.now += STEP;
            h.send(Seg.data(4, 1, "de"));
            h.now += STEP;
            h.send(Seg.data(7, 1, "g")); // ahead of a gap
            h.now += STEP;
            h.socket().consume(2);
            assertEquals(1_000_000, h.socket().receivedAt());
            h.socket().consume(1);
            assertEquals(1_000_000, h.socket().receivedAt());
            h.socket().consume(1);
            assertEquals(1_001_000, h.socket().receivedAt());
            h.socket().consume(1);
            h.send(Seg.data(6, 1, "f"));
            assertEquals(1_001_000, h.socket().receivedAt());
            h.socket().consume(2);
            assertEquals(1_003_000, h.socket().receivedAt());
        }
    }

    @Test
    void shouldBeginAsItsListenerSaysWhenAccepted() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(1).options().times().stages(SendStage.ACKNOWLEDGED.bit()).receives(true);
            h.send(Seg.syn(0).mss(1460).win(4096));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1).win(4096));
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("abc", h.read());
            assertEquals(1_000_000, h.socket().receivedAt());
            h.write("x");
            h.send(Seg.ack(4, 2));
            h.poll();
            assertEquals(List.of("ACKNOWLEDGED 0 1000000"), times(h));
        }
    }

    @Test
    void shouldKeepNothingWhenNobodyAsked() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("abc");
            h.send(Seg.ack(1, 4));
            h.poll();
            assertEquals(List.of(), times(h));
            for (final var flow : h.engine.flows.toArray()) {
                assertNull(((TcpConnection) flow).options);
            }
        }
    }

    private static List<String> times(final TcpHarness h) {
        final List<String> told = h.events.stream()
                .filter(event -> event.matches("[A-Zac].* [0-9]+"))
                .toList();
        h.events.clear();
        return told;
    }
}
