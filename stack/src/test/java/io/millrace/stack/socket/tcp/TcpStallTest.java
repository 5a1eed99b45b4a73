package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.storage.ByteQueue;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that go on, though nothing is lost and nobody is away, where it would be easy for them to stand still. */
class TcpStallTest {
    private static final long SECOND = TcpEngine.SECOND;

    // ---- the window that we offer --------------------------------------------------------------------------------

    /** The peer sends all that fits while the application reads all that comes; returns how much that is. */
    private static int exchange(
            final TcpHarness h, final int from, final int end, final int shift, final int most, final int rounds) {
        int acknowledged = from;
        int edge = end;
        for (int i = 0; i < rounds; i++) {
            final int length = Math.min(most, edge - acknowledged);
            h.send(Seg.ack(acknowledged, 1).len(length));
            h.read();
            h.advance(100_000);
            for (final Seg ack : h.takeSent()) {
                acknowledged = ack.ack;
                edge = ack.ack + (ack.window << shift);
            }
        }
        return acknowledged - from;
    }

    private static TcpHarness scaled(final int shift, final int buffer) {
        return ReceiveWindowTest.scaled(TcpHarness.plain(), shift, buffer);
    }

    @ParameterizedTest
    @ValueSource(ints = {600, 1000, 1024, 1500})
    void shouldOfferAWindowWhenTheBufferIsMadeSmallerThanItsUnit(final int buffer) {
        try (TcpHarness h = scaled(10, 65_536)) {
            h.socket().options().receiveBuffer(buffer);
            assertTrue(exchange(h, 1, 65_536, 10, 1000, 1000) > 300_000);
        }
    }

    @Test
    void shouldOfferAWindowWhenTheBufferIsConfiguredSmallerThanItsUnit() {
        try (TcpHarness h = scaled(14, 8192)) {
            assertTrue(exchange(h, 1, 8193, 14, 1000, 1000) > 300_000);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 300, 700})
    void shouldOfferAWindowWhenItIsClampedBelowASegment(final int clamp) {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.ack(1, 1).len(1460)); // longer than the window will be
            h.read();
            h.socket().options().windowClamp(clamp);
            h.takeSent();
            final int got = exchange(h, 1461, 8193, 0, 1460, 200);
            assertTrue(got > 8192 - 1460 + 100 * clamp, "got " + got);
        }
    }

    /** Who holds all memory but the reserve. */
    private static ByteQueue hog(final TcpHarness h) {
        final ByteQueue hog = new ByteQueue(h.engine.chunks());
        final MemorySegment bytes = Frames.ofBytes(new byte[1024]);
        while (!h.engine.chunks().scarce()) {
            hog.append(bytes, 0, 1024);
        }
        return hog;
    }

    @Test
    void shouldTellOfTheWindowWhenThereIsMemoryAgain() {
        try (TcpHarness h = TcpHarness.established()) {
            final ByteQueue hog = hog(h);
            int sent = 0;
            while (sent < 8192) {
                final int length = Math.min(1460, 8192 - sent);
                h.send(Seg.ack(1 + sent, 1).len(length));
                h.read();
                sent += length;
            }
            h.advance(SECOND);
            assertTrue(h.takeSent().getLast().window < 4096);
            hog.clear();
            h.advance(SECOND);
            assertEquals(8192, h.takeSent().getLast().window);
        }
    }

    @Test
    void shouldGoOnToReceiveWhileOthersHoldTheMemory() {
        try (TcpHarness h = TcpHarness.established()) {
            final ByteQueue hog = hog(h);
            final int got = exchange(h, 1, 8193, 0, 1460, 200);
            assertTrue(got > 100_000, "got " + got);
            hog.clear();
        }
    }

    @Test
    void shouldTellOfLittleTextWhenThereIsNoMemoryForMore() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().receiveLowWater(4000);
            final ByteQueue hog = hog(h);
            h.send(Seg.ack(1, 1).len(1000));
            assertEquals(List.of("readable"), h.events);
            h.read();
            hog.clear();
        }
    }

    @Test
    void shouldTellOfTheWindowWhenItsClampIsTakenOff() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().windowClamp(1);
            exchange(h, 1, 8193, 0, 1460, 10);
            h.socket().options().windowClamp(8192);
            h.poll();
            assertEquals(8192, h.takeSent().getLast().window);
        }
    }

    // ---- closed windows of the peer ------------------------------------------------------------------------------

    /** The peer answers whatever asks it for an answer with its closed window, for so long; it takes nothing. */
    private static void answer(final TcpHarness h, final int seq, final int ack, final long micros) {
        for (long until = h.now + micros; h.now < until; ) {
            h.advance(100_000);
            if (!h.takeSent().isEmpty()) {
                h.send(Seg.ack(seq, ack).win(0));
                h.takeSent();
            }
        }
    }

    @Test
    void shouldNotTakeAPeerForDeadThatHasItsWindowClosedAndWasNotAsked() {
        try (TcpHarness h = TcpHarness.established(
                TcpHarness.plain()
                        .keepAliveIdle(10 * SECOND)
                        .keepAliveInterval(5 * SECOND)
                        .keepAliveProbes(3)
                        .build(),
                4096)) {
            h.send(Seg.ack(1, 1).win(0));
            h.queue("abc");
            h.poll();
            answer(h, 1, 1, 600 * SECOND);
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.ack(1, 1).win(4096));
            h.expect(Seg.data(1, 1, "abc"));
        }
    }

    @Test
    void shouldWaitForAClosedWindowAsLongAsTheApplicationDoes() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.ack(1, 1).win(0));
            h.queue("abc");
            h.socket().shutdownOutput();
            h.poll();
            answer(h, 1, 1, 3600 * SECOND);
            assertEquals(TcpState.FIN_WAIT_1, h.state());
        }
    }

    @Test
    void shouldProbeLessAndLessOftenThoughAThinStreamDoesNot() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().timers().thinLinearTimeouts(true);
            h.send(Seg.ack(1, 1).win(0));
            h.queue("abc");
            h.poll();
            answer(h, 1, 1, 60 * SECOND);
            final long probes = h.counters.get(StackCounter.TCP_WINDOW_PROBES);
            assertTrue(probes <= 10, "probed " + probes + " times");
        }
    }

    @Test
    void shouldSendWhatFillsTheBufferThoughMoreFollows() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().sendBuffer(1000).build(), 4096)) {
            h.socket().options().cork(true);
            h.queue("a".repeat(2000));
            h.poll();
            h.advance(50_000);
            assertEquals(1000, h.takeSent().getFirst().payload.length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 32, 33, 34, 99, 100, 200})
    void shouldAskForMoreWhenAllIsAcknowledgedThoughTheWindowClosed(final int lowWater) {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().sendBuffer(100).build(), 4096)) {
            h.socket().options().notSentLowWater(lowWater);
            final int taken = h.queue("a".repeat(200));
            h.poll();
            h.events.clear();
            h.send(Seg.ack(1, 1 + taken).win(0));
            h.poll();
            assertEquals(List.of("writable"), h.events);
        }
    }

    // ---- time ----------------------------------------------------------------------------------------------------

    @Test
    void shouldNotRepeatASynAtOnceWhenThereIsAUserTimeout() {
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().userTimeout(30 * SECOND).build())) {
            h.now = 3600 * SECOND;
            h.poll();
            h.connect();
            h.poll();
            h.advance(500_000);
            assertEquals(1, h.takeSent().size());
        }
    }

    @Test
    void shouldCountTheUserTimeoutFromWhenTheWindowOpened() {
        try (TcpHarness h = TcpHarness.established(
                TcpHarness.plain().userTimeout(30 * SECOND).build(), 4096)) {
            h.send(Seg.ack(1, 1).win(0));
            h.queue("abc");
            h.poll();
            answer(h, 1, 1, 29 * SECOND);
            h.send(Seg.ack(1, 1).win(4096)); // what goes out now is lost
            h.advance(10 * SECOND);
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.advance(21 * SECOND);
            assertEquals(TcpState.CLOSED, h.state());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotTakeAJumpOfTheClockForARoundTrip(final boolean timestamps) {
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().timestamps(timestamps).build())) {
            h.listen(1);
            h.send(timestamps ? Seg.syn(0).mss(1460).ts(1, 0) : Seg.syn(0).mss(1460));
            final Seg synAck = h.takeSent().getFirst();
            h.send(timestamps ? Seg.ack(1, 1).ts(1, synAck.tsVal) : Seg.ack(1, 1));
            h.write("a");
            final Seg first = h.takeSent().getFirst();
            h.now += 5 * 3600 * SECOND; // the machine was suspended; what had arrived before is taken first
            h.send(timestamps ? Seg.ack(1, 2).ts(2, first.tsVal) : Seg.ack(1, 2));
            h.takeSent();
            h.write("b");
            h.takeSent();
            h.advance(2 * SECOND);
            assertTrue(h.takeSent().size() >= 1, "a loss is noticed");
        }
    }

    @Test
    void shouldCountTheUserTimeoutThroughARest() {
        try (TcpHarness h = TcpHarness.established(
                TcpHarness.plain().userTimeout(30 * SECOND).build(), 4096)) {
            h.advance(60 * SECOND);
            h.link.room = 0;
            h.closeSocket();
            h.advance(25 * SECOND);
            assertEquals(TcpState.FIN_WAIT_1, h.state());
            h.advance(6 * SECOND);
            assertEquals(TcpState.CLOSED, h.state());
        }
    }

    @Test
    void shouldSendAgainWhenItIsTimeHoweverSlowlyItMaySend() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().sendBuffer(60_000).build(), 65_535)) {
            h.socket().options().maxPacingRate(100);
            h.write("a".repeat(14_600));
            assertEquals(10, h.takeSent().size());
            h.advance(SECOND / 2);
            assertEquals(1, h.takeSent().size());
            h.advance(SECOND / 2); // 0.2 and 0.4 s after what went before
            assertFalse(h.takeSent().isEmpty());
        }
    }

    @Test
    void shouldSendAtOnceWhenItNeedNotBeSlowAnyMore() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().sendBuffer(60_000).build(), 65_535)) {
            h.socket().options().maxPacingRate(100);
            h.write("a".repeat(14_600));
            h.send(Seg.ack(1, 14_601).win(65_535));
            h.write("a".repeat(29_200));
            h.send(Seg.ack(1, 14_601 + 14_600).win(65_535));
            h.takeSent();
            h.socket().options().maxPacingRate(TcpOptions.UNLIMITED);
            h.poll();
            assertTrue(h.takeSent().size() >= 5);
        }
    }

    @Test
    void shouldHeedAUserTimeoutThatIsSetWhileItWaits() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("abc");
            h.advance(20 * SECOND); // the next timeout is after 25.4 s
            h.socket().options().userTimeout(21 * SECOND);
            h.advance(2 * SECOND);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    void shouldAnswerASynAtItsPaceHoweverOftenItMay() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().synAckRetries(127).build())) {
            h.listen(1);
            for (int i = 0; i < 44; i++) {
                h.send(Seg.syn(0));
            }
            assertEquals(44, h.takeSent().size());
            h.advance(59 * SECOND);
            assertEquals(1, h.takeSent().size()); // the timer that began with the first
        }
    }

    @Test
    void shouldNotGiveUpForTheTimeThatItStoodStillItself() {
        try (TcpHarness h = TcpHarness.established(
                TcpHarness.plain().userTimeout(30 * SECOND).build(), 4096)) {
            h.write("abc");
            h.takeSent();
            h.now += 5 * 3600 * SECOND;
            h.poll();
            h.expect(Seg.data(1, 1, "abc"));
            h.advance(28 * SECOND);
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.advance(3 * SECOND);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    // ---- sequence numbers that wrap ------------------------------------------------------------------------------

    private static TcpConnection connection(final TcpHarness h) {
        return (TcpConnection) h.engine.flows.toArray()[0];
    }

    @Test
    void shouldNotHoldBackForASmallSegmentOfLongAgo() {
        try (TcpHarness h = TcpHarness.established()) {
            final TcpConnection c = connection(h);
            c.transfer().smallEnd = c.una + (1 << 30); // as after 3 GiB of full segments
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
        }
    }

    @Test
    void shouldFindALossByDuplicatesAfterManyBytesWithoutOne() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 16_384)) {
            final TcpConnection c = connection(h);
            c.recover = c.una + Integer.MIN_VALUE + 2000; // as after nearly 2 GiB without a loss
            h.queue("a".repeat(8192));
            h.poll();
            h.send(Seg.ack(1, 1461).win(16_384));
            h.send(Seg.ack(1, 2921).win(16_384));
            for (int i = 0; i < 3; i++) {
                h.send(Seg.ack(1, 2921).win(16_384));
            }
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
        }
    }

    @Test
    void shouldSlowDownForAMarkAfterManyBytesWithoutOne() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().sendBuffer(60_000).build(), 65_535)) {
            final TcpConnection c = connection(h);
            c.ecn = new Ecn(c.una + Integer.MIN_VALUE + 2000); // as after nearly 2 GiB without a mark
            h.write("a".repeat(14_600));
            h.send(Seg.ack(1, 1461).win(65_535));
            h.send(Seg.ack(1, 2921).win(65_535));
            h.send(Seg.ack(1, 4381).win(65_535).flags(TcpView.ECE));
            assertEquals(1, h.counters.get(StackCounter.TCP_CONGESTION_ECHOES));
        }
    }

    // ---- smaller segments and windows ----------------------------------------------------------------------------

    @Test
    void shouldSendWhatFitsWhenBothThePathAndTheWindowShrank() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("a".repeat(1460));
            h.takeSent();
            h.send(Seg.ack(1, 1).win(1200)); // its edge moved back a little: by rounding, say
            final IcmpErrorRepr error = new IcmpErrorRepr();
            error.family = IpFamily.V4;
            error.kind = IcmpErrorRepr.PACKET_TOO_BIG;
            error.mtu = 600;
            error.protocol = TcpView.PROTOCOL;
            error.srcLo = TcpHarness.LOCAL.address().lo();
            error.dstLo = TcpHarness.REMOTE.address().lo();
            error.srcPort = h.socket().local().port();
            error.dstPort = h.socket().remote().port();
            error.tcpSequence = Integer.toUnsignedLong(1 + h.localIss);
            h.link.mtu = 600;
            h.engine.icmpError(error, h.now);
            h.advance(5 * SECOND);
            assertTrue(h.takeSent().size() >= 1);
        }
    }

    @Test
    void shouldBelieveTheWindowOfAnAcknowledgmentOfNewsWhateverItsNumber() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("a".repeat(1000));
            h.takeSent();
            h.send(Seg.ack(101, 1).win(0).len(100)); // ahead of a gap
            h.queue("b".repeat(1000));
            h.poll();
            h.takeSent();
            h.send(Seg.ack(1, 1001).win(4096).len(100)); // what was lost, sent again
            h.advance(50_000);
            assertTrue(h.takeSent().stream().anyMatch(seg -> seg.payload.length == 1000));
        }
    }

    // ---- memory --------------------------------------------------------------------------------------------------

    @Test
    void shouldKeepOneWhoAsksForMemoryOnce() {
        try (TcpHarness h = TcpHarness.established()) {
            final ByteQueue hog = hog(h);
            assertEquals(1024, h.queue("x".repeat(2000)));
            for (int i = 0; i < 100; i++) {
                assertEquals(0, h.queue("abc"));
            }
            assertEquals(1, h.engine.events.awaitingMemory());
            hog.clear();
            h.poll();
            assertEquals(List.of("writable"), h.events);
        }
    }

    /**
     * With its scale a peer cannot say how much of its window is left, and says that it is closed: what lies within the
     * part that it left out was taken, and both sides would refuse what the other acknowledges.
     */
    @Test
    @Origin("RFC 7323 2.4")
    void shouldAcknowledgeBehindWhatWasSentWhenTheScaleOfTheWindowHidesWhatIsLeftOfIt() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain()
                .windowScaling(true)
                .noDelay(true)
                .delayedAck(0)
                .build())) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1000).win(65_535).ws(4));
            h.takeSent();
            h.send(Seg.ack(1, 1).win(1));
            h.write("x".repeat(11));
            h.expect(Seg.ack(1, 1).len(11));
            h.send(Seg.data(1, 1, "abcd").win(0)); // it had not come by then
            h.expect(Seg.ack(12, 5));
            h.advance(300_000);
            assertEquals(1, h.counters.get(StackCounter.TCP_RTO));
            h.takeSent();
            h.send(Seg.data(5, 1, "e").win(0));
            h.expect(Seg.ack(1, 6)); // by now it may be lost
            h.send(Seg.ack(6, 12).win(0));
            assertEquals(0, h.socket().unacknowledged());
        }
    }
}
