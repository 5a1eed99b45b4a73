package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A link that takes no packets, for a while or for ever: a cable that is out, a device whose ring stays full. */
class TcpStuckLinkTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static final long SECOND = 1_000_000;

    private static TcpHarness stuck(final TcpHarness h, final boolean tells) {
        h.link.room = 0;
        h.link.tells = tells;
        return h;
    }

    /** Lets time pass in steps much longer than those in which the link is tried. */
    private static void pass(final TcpHarness h, final long micros) {
        final long until = h.now + micros;
        while (h.now < until) {
            h.now = Math.min(h.now + 20_000, until);
            h.poll();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveUpConnectingWhenTheLinkTakesNoSyn(final boolean tells) {
        try (TcpHarness h =
                stuck(new TcpHarness(TcpHarness.plain().synRetries(1).build()), tells)) {
            h.connect();
            pass(h, 2_900_000);
            assertEquals(TcpState.SYN_SENT, h.state());
            pass(h, 200_000); // after 1 + 2 s, as if each had been lost
            assertEquals("closed TIMEOUT", h.events.getLast());
            assertEquals(1, h.counters.get(StackCounter.TCP_TIMED_OUT));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendTheSynAsSoonAsTheLinkTakesIt(final boolean tells) {
        try (TcpHarness h = stuck(new TcpHarness(TcpHarness.plain().build()), tells)) {
            h.connect();
            pass(h, 500_000);
            h.link.room = ALL;
            pass(h, 1000);
            h.expect(Seg.syn(0).mss(1460));
            h.expectNothing();
            pass(h, 998_000);
            h.expectNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveUpAfterTheUserTimeoutWhenTheLinkTakesNoData(final boolean tells) {
        try (TcpHarness h =
                stuck(TcpHarness.established(TcpHarness.plain().dataRetries(3).build(), 4096), tells)) {
            h.socket().options().userTimeout(2 * SECOND);
            h.write("abc");
            pass(h, 2 * SECOND - 1);
            assertEquals(TcpState.ESTABLISHED, h.state());
            pass(h, 1);
            assertEquals("closed TIMEOUT", h.events.getLast());
            h.link.room = ALL;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveUpAfterAsManyTimeoutsWhenTheLinkTakesNoData(final boolean tells) {
        try (TcpHarness h =
                stuck(TcpHarness.established(TcpHarness.plain().dataRetries(3).build(), 4096), tells)) {
            h.write("abc");
            pass(h, 2_900_000);
            assertEquals(TcpState.ESTABLISHED, h.state());
            pass(h, 200_000); // after 0.2 + 0.4 + 0.8 + 1.6 s
            assertEquals("closed TIMEOUT", h.events.getLast());
            h.link.room = ALL;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendDataWhenTheLinkTakesItAgain(final boolean tells) {
        try (TcpHarness h =
                stuck(TcpHarness.established(TcpHarness.plain().dataRetries(3).build(), 4096), tells)) {
            h.write("abc");
            pass(h, 2 * SECOND);
            h.link.room = ALL;
            pass(h, 1000);
            h.expect(Seg.data(1, 1, "abc"));
            h.expectNothing();
            final TcpInfo info = h.socket().info(new TcpInfo());
            assertEquals(10 * info.sendMss, info.congestionWindow);
            assertEquals(0, info.retransmits);
            h.send(Seg.ack(1, 4));
            h.write("def");
            h.expect(Seg.data(4, 1, "def"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveUpClosingWhenTheLinkTakesNoFin(final boolean tells) {
        try (TcpHarness h =
                stuck(TcpHarness.established(TcpHarness.plain().dataRetries(3).build(), 4096), tells)) {
            h.closeSocket();
            pass(h, 2_900_000);
            assertEquals(TcpState.FIN_WAIT_1, h.state());
            pass(h, 200_000); // after 0.2 + 0.4 + 0.8 + 1.6 s
            assertEquals("closed TIMEOUT", h.events.getLast());
            h.link.room = ALL;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveUpAFastOpenWhoseAnswerTheLinkDoesNotTake(final boolean tells) {
        final TcpConfig config = TcpHarness.plain()
                .fastOpen(fastOpen -> fastOpen.withQueue(2))
                .synAckRetries(1)
                .build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(8);
            h.send(Seg.syn(0).mss(1460).fo(""));
            final String cookie = h.takeSent().getFirst().cookie;
            h.send(Seg.rst(1));
            h.localIssKnown = false;
            stuck(h, tells).send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            pass(h, 2_900_000);
            assertEquals(TcpState.SYN_RECEIVED, h.state());
            pass(h, 200_000); // after 1 + 2 s
            assertEquals("closed TIMEOUT", h.events.getLast());
            h.link.room = ALL;
        }
    }

    @Test
    void shouldNotSendAgainWhatTheLinkStillHolds() {
        try (TcpHarness h = TcpHarness.established(
                TcpHarness.plain().sack(true).dataRetries(3).build(), 4096)) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.link.holds = true;
            pass(h, SECOND);
            h.expectNothing();
            h.link.holds = false;
            h.send(Seg.ack(1, 4));
            final TcpInfo info = h.socket().info(new TcpInfo());
            assertEquals(0, info.retransmits);
            assertEquals(0, h.counters.get(StackCounter.TCP_RTO));
            assertEquals(10 * info.sendMss, info.congestionWindow);
            h.write("def");
            h.expect(Seg.data(4, 1, "def"));
            pass(h, SECOND);
            h.expect(Seg.data(4, 1, "def")); // lost at once, not after another wait
        }
    }

    @Test
    void shouldGiveWhatTheLinkTookLateItsTimeBeforeItIsLost() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().dataRetries(3).build(), 4096)) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.link.holds = true;
            pass(h, 550_000); // 0.2 + 0.4 s without the last part
            h.link.holds = false;
            pass(h, 240_000); // the timer expires, and begins anew
            h.expectNothing();
            pass(h, 100_000);
            h.expect(Seg.data(1, 1, "abc"));
            assertEquals(1, h.counters.get(StackCounter.TCP_RTO));
        }
    }

    @Test
    void shouldGiveUpWhatTheLinkHoldsForEver() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().dataRetries(3).build(), 4096)) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.link.holds = true;
            pass(h, 2_900_000);
            assertEquals(TcpState.ESTABLISHED, h.state());
            pass(h, 200_000); // after 0.2 + 0.4 + 0.8 + 1.6 s
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    /** A run loop that is told of work does not pause, and asks again at once. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCallItNoWorkWhenTheLinkTakesNothingOfWhatIsSentAgain(final boolean tells) {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 4096)) {
            h.write("abc");
            h.takeSent();
            stuck(h, tells);
            pass(h, 300_000); // the timeout is over
            assertEquals(0, h.engine.poll(h.now, 256));
            h.link.room = ALL;
            h.poll();
            h.expect(Seg.data(1, 1, "abc"));
        }
    }

    /** An application that writes whenever it is told to would be told without end. */
    @Test
    void shouldNotCallForMoreToSendWhenTheLinkTakesNothingAndMemoryIsScarce() {
        final TcpConfig config = TcpHarness.plain()
                .sendBuffer(65_536)
                .bufferMemory(16 * 1024)
                .chunkSize(1024)
                .build();
        try (TcpHarness h = TcpHarness.established(config, 65_535)) {
            h.socket().options(); // from now on it has its own
            stuck(h, false);
            assertEquals(15 * 1024, h.queue("x".repeat(60_000)));
            for (int i = 0; i < 3; i++) {
                h.poll();
                assertEquals(List.of(), h.events);
                assertEquals(0, h.queue("x"));
            }
            h.link.room = ALL;
        }
    }
}
