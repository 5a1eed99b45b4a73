package io.millrace.bench.ping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.ScopedAddress;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PingSessionTest {
    private static final IpAddress TARGET = IpAddress.parse("192.0.2.1");
    private static final long SECOND = 1_000_000;

    private final StringWriter text = new StringWriter();
    private final PrintWriter out = new PrintWriter(text);

    private static PingSettings settings(long count) {
        return new PingSettings(ScopedAddress.of(TARGET), count, SECOND, 56, false, 10_000, false, 10 * SECOND, 0);
    }

    private static PingSettings flood(boolean quiet) {
        return new PingSettings(ScopedAddress.of(TARGET), 0, SECOND, 56, true, 1_000, quiet, 10 * SECOND, 0);
    }

    private PingSession session(PingSettings settings) {
        final PingSession session = new PingSession(settings, out);
        session.begin("", 0);
        return session;
    }

    @Test
    void shouldSayWhatLinuxSaysWhenEveryRequestIsAnswered() {
        final PingSession session = session(settings(3));
        final long[] times = {45, 1_234, 12_345};
        for (int i = 0; i < 3; i++) {
            final long now = i * SECOND;
            assertTrue(session.wantsToSend(now));
            session.sent(now);
            assertFalse(session.wantsToSend(now + SECOND - 1));
            assertFalse(session.over(now));
            session.replied(i + 1, 56, 64, TARGET, -1, now + times[i]);
        }
        assertTrue(session.over(2 * SECOND + 12_345));
        assertEquals(0, session.end(2 * SECOND + 12_345));
        assertEquals("""
            PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
            64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.045 ms
            64 bytes from 192.0.2.1: icmp_seq=2 ttl=64 time=1.23 ms
            64 bytes from 192.0.2.1: icmp_seq=3 ttl=64 time=12.3 ms

            --- 192.0.2.1 ping statistics ---
            3 packets transmitted, 3 received, 0% packet loss, time 2012ms
            rtt min/avg/max/mdev = 0.045/4.541/12.345/5.539 ms
            """, text.toString());
    }

    @Test
    void shouldExitWithOneWhenNobodyAnswers() {
        final PingSession session = session(settings(2));
        session.sent(0);
        session.sent(SECOND);
        assertFalse(session.over(11 * SECOND - 1), "waits ten seconds for a first answer");
        assertTrue(session.over(11 * SECOND));
        assertEquals(1, session.end(11 * SECOND));
        assertTrue(
                text.toString().endsWith("2 packets transmitted, 0 received, 100% packet loss, time 11000ms\n\n"),
                text::toString);
    }

    @Test
    void shouldWaitForTwoRoundTripsWhenSomeAnswered() {
        final PingSession session = session(settings(3));
        session.sent(0);
        session.replied(1, 56, 64, TARGET, -1, 700_000);
        session.sent(SECOND);
        session.sent(2 * SECOND);
        assertFalse(session.over(2 * SECOND + 1_399_999));
        assertTrue(session.over(2 * SECOND + 1_400_000));
        assertEquals(0, session.end(4 * SECOND));
        assertTrue(text.toString().contains("3 packets transmitted, 1 received, 66.6667% packet loss"), text::toString);
    }

    @Test
    void shouldTellDuplicatesAndDamageWhenAnswersAreOdd() {
        final PingSession session = session(settings(1));
        session.sent(0);
        session.replied(2, 56, 64, TARGET, -1, 100);
        session.replied(1, 56, 64, TARGET, -1, 200);
        session.replied(1, 56, 63, TARGET, -1, 300);
        session.replied(1, 40, 64, TARGET, 16, 400);
        session.end(500);
        assertEquals("""
            PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
            64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.200 ms
            64 bytes from 192.0.2.1: icmp_seq=1 ttl=63 time=0.300 ms (DUP!)
            48 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.400 ms (DUP!) (truncated) (wrong data byte #16)

            --- 192.0.2.1 ping statistics ---
            1 packets transmitted, 1 received, +2 duplicates, +1 corrupted, 0% packet loss, time 0ms
            rtt min/avg/max/mdev = 0.200/0.200/0.200/0.000 ms
            """, text.toString());
    }

    @Test
    void shouldNotWaitForAnswersWhenErrorsCameInstead() {
        final PingSession session = session(settings(2));
        session.sent(0);
        session.errorReported(1, IpAddress.parse("192.0.2.254"), PingText.error(true, 3, 1, 0));
        session.refused("message too long", SECOND);
        assertTrue(session.over(SECOND));
        assertEquals(1, session.end(SECOND));
        assertTrue(text.toString().contains("From 192.0.2.254 icmp_seq=1 Destination Host Unreachable\n"));
        assertTrue(text.toString().contains("ping: local error: message too long\n"));
        assertTrue(text.toString().contains("2 packets transmitted, 0 received, +2 errors, 100% packet loss"));
    }

    @Test
    void shouldFailWhenTheDeadlineComesBeforeEnoughAnswers() {
        final PingSession session = session(
                new PingSettings(ScopedAddress.of(TARGET), 5, SECOND, 56, false, 1, true, 10 * SECOND, 2 * SECOND));
        session.sent(0);
        session.replied(1, 56, 64, TARGET, -1, 10);
        assertFalse(session.over(2 * SECOND - 1));
        assertTrue(session.over(2 * SECOND));
        assertEquals(1, session.end(2 * SECOND));
        assertFalse(text.toString().contains("icmp_seq"), "quiet");
    }

    /** As Linux does: a late answer is not taken for a lost one. */
    @Test
    void shouldAskUntilThereAreEnoughAnswersWhenThereIsADeadline() {
        final PingSession session = session(
                new PingSettings(ScopedAddress.of(TARGET), 2, SECOND, 56, false, 1, true, 10 * SECOND, 60 * SECOND));
        session.sent(0);
        session.replied(1, 56, 64, TARGET, -1, 10);
        session.sent(SECOND);
        assertFalse(session.over(3 * SECOND), "the second answer may still come");
        assertTrue(session.wantsToSend(2 * SECOND));
        session.sent(2 * SECOND);
        session.replied(2, 56, 64, TARGET, -1, 3 * SECOND);
        assertTrue(session.over(3 * SECOND));
        assertEquals(0, session.end(3 * SECOND));
        assertTrue(text.toString().contains("3 packets transmitted, 2 received"), text::toString);
    }

    @Test
    void shouldEndWithTheFirstErrorWhenThereIsADeadline() {
        final PingSession session = session(
                new PingSettings(ScopedAddress.of(TARGET), 2, SECOND, 56, false, 1, true, 10 * SECOND, 60 * SECOND));
        session.sent(0);
        assertFalse(session.over(SECOND));
        session.errorReported(1, TARGET, "Destination Host Unreachable");
        assertTrue(session.over(SECOND));
        assertEquals(1, session.end(SECOND));
    }

    @Test
    void shouldAskAgainAtOnceButNotBeyondTheRateWhenItFloods() {
        final PingSession session = session(flood(false));
        session.sent(0);
        assertFalse(session.wantsToSend(9_999), "an answer is missing");
        assertTrue(session.wantsToSend(10_000), "a hundred a second at least");
        session.replied(1, 56, 64, TARGET, -1, 300);
        assertFalse(session.wantsToSend(999), "a thousand a second at most");
        assertTrue(session.wantsToSend(1_000));
        session.sent(1_000);
        assertFalse(session.over(1_000));
        session.stop();
        assertTrue(session.over(1_000));
        assertEquals(0, session.end(1_000));
        final String said = text.toString();
        assertTrue(said.contains(".\b \b."), said);
        assertTrue(said.contains("rtt min/avg/max/mdev = 0.300/0.300/0.300/0.000 ms, ipg/ewma 1.000/0.300 ms"), said);
    }

    @Test
    void shouldTellRequestsApartWhenSequenceNumbersBeginAgain() {
        final PingSession session = session(flood(true));
        for (int i = 0; i < 65_537; i++) {
            session.sent(i);
        }
        session.replied(1, 56, 64, TARGET, -1, 65_536 + 7);
        session.end(70_000);
        assertTrue(text.toString().contains("rtt min/avg/max/mdev = 0.007/0.007"), text::toString);
    }

    @Test
    void shouldWriteTheHeaderOfIpv6WhenTheTargetIs() {
        final PingSession session = new PingSession(
                new PingSettings(
                        ScopedAddress.of(IpAddress.parse("2001:db8::1")), 1, SECOND, 8, false, 1, false, SECOND, 0),
                out);
        session.begin("2001:db8::2", 0);
        assertEquals("PING 2001:db8::1(2001:db8::1) from 2001:db8::2 8 data bytes\n", text.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "true, 3, 3, 0, Destination Port Unreachable",
        "true, 3, 4, 1400, Frag needed and DF set (mtu = 1400)",
        "true, 3, 77, 0, 'Dest Unreachable, Bad Code: 77'",
        "true, 11, 0, 0, Time to live exceeded",
        "true, 11, 1, 0, Frag reassembly time exceeded",
        "false, 1, 0, 0, Destination unreachable: No route",
        "false, 1, 3, 0, Destination unreachable: Address unreachable",
        "false, 2, 0, 1280, Packet too big: mtu=1280",
        "false, 3, 0, 0, Time exceeded: Hop limit",
    })
    void shouldWordErrorsAsLinuxDoes(boolean v4, int type, int code, long mtu, String expected) {
        assertEquals(expected, PingText.error(v4, type, code, mtu));
    }
}
