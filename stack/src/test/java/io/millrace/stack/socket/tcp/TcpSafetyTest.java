package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments that a stranger may have forged: RFC 5961 and its kin. */
class TcpSafetyTest {
    @Test
    @Origin("RFC 5961 3.2")
    void shouldChallengeAResetThatIsNotExact() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.rst(2));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.rst(8192));
            h.expect(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.rst(1));
            assertEquals(TcpState.CLOSED, h.state());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_rst_bad_seq")
    void shouldIgnoreAResetOutsideTheWindow() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.rst(0));
            h.send(Seg.rst(9000));
            h.send(Seg.rst(-100_000));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(4, 1, "def"));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.rst(7)); // behind the gap
            h.expect(Seg.ack(1, 1));
            h.send(Seg.rst(1));
            assertEquals(List.of("closed RESET"), h.events);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 5000, -70_000, 100_000})
    @Origin("RFC 5961 4.2")
    void shouldChallengeEverySyn(final int seq) {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.syn(seq));
            h.expect(Seg.ack(1, 1));
            h.advance(500_000);
            h.send(Seg.synAck(seq, 1));
            h.expect(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_bad_ack")
    @Origin("RFC 5961 5.2")
    void shouldRefuseAnAckOfWhatWasNeverSent() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.queue("def"); // held back by Nagle: queued, never sent
            h.send(Seg.data(1, 5, "evil"));
            h.expect(Seg.ack(4, 1));
            assertEquals(6, h.socket().unacknowledged());
            assertEquals(0, h.socket().readable(), "the text of such a segment does not count");
            h.send(Seg.data(1, -70_000, "evil"));
            h.expect(Seg.ack(4, 1));
            h.send(Seg.data(1, -3000, "evil")); // within the largest window, but before our first number
            h.expect(Seg.ack(4, 1));
            assertEquals(0, h.socket().readable());
            assertEquals(3, h.counters.get(StackCounter.TCP_BAD_ACK));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_no_ack")
    void shouldIgnoreSegmentsWithoutAck() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.of(TcpView.FIN, 1));
            h.send(Seg.of(TcpView.FIN | TcpView.PSH, 1));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals(2, h.counters.get(StackCounter.TCP_NO_ACK));
        }
    }

    @Test
    @Origin("RFC 5961 7")
    void shouldLimitChallengesPerSecond() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().challengeAcks(10).build(), 4096)) {
            final Set<Integer> shares = new HashSet<>();
            for (int second = 0; second < 40; second++) {
                for (int i = 0; i < 50; i++) {
                    h.send(Seg.syn(500));
                }
                final int answers = h.takeSent().size();
                assertTrue(answers >= 5 && answers <= 10, "answered " + answers);
                shares.add(answers);
                h.advance(1_000_000);
            }
            assertTrue(shares.size() > 2, "the share can be foreseen: " + shares);
            assertNotEquals(0, h.counters.get(StackCounter.TCP_CHALLENGE_LIMIT));
        }
    }

    @Test
    void shouldNotLetTwoEndsChallengeEachOtherForEver() {
        try (TcpHarness h = TcpHarness.established()) {
            int answers = 0;
            for (int i = 0; i < 100; i++) {
                h.send(Seg.ack(0, 1)); // an ACK from outside the window
                answers += h.takeSent().size();
            }
            assertTrue(answers <= 10, "answered " + answers);
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                TcpView.SYN | TcpView.RST,
                TcpView.SYN | TcpView.RST | TcpView.ACK,
                TcpView.FIN | TcpView.RST | TcpView.ACK,
                0xFF
            })
    void shouldTakeASegmentForAResetWhateverElseItSays(final int flags) {
        try (TcpHarness h = TcpHarness.established()) {
            h.ports(TcpHarness.LOCAL.port(), 4711);
            h.send(Seg.of(flags, 1));
            h.expectNothing();
            h.ports(9, 4711);
            h.send(Seg.of(flags, 1));
            h.expectNothing();
            h.ports(TcpHarness.LOCAL.port(), TcpHarness.REMOTE.port());
            h.send(Seg.of(flags, 2));
            h.expect(Seg.ack(1, 1)); // within the window is not enough
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.of(flags, 1));
            h.expectNothing();
            assertEquals("closed RESET", h.events.getLast());
        }
    }

    /** RFC 9293 section 3.10.7.1 has a closed port refuse all but resets. */
    @ParameterizedTest
    @ValueSource(ints = {TcpView.SYN | TcpView.FIN, TcpView.SYN | TcpView.FIN | TcpView.PSH | TcpView.URG})
    void shouldRefuseOnlyAtAClosedPortWhenASegmentBeginsAndEnds(final int flags) {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.of(flags, 1).seq(1));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.ports(TcpHarness.LOCAL.port(), 4711);
            h.send(Seg.of(flags, 1).seq(1));
            h.expectNothing();
            assertEquals(2, h.counters.get(StackCounter.TCP_BAD_FLAGS));
            h.ports(9, 4711);
            h.send(Seg.of(flags, 1).text("abc"));
            h.expect(Seg.rstAck(Seg.UNSET, 6));
            h.expectNothing();
        }
    }

    /** RFC 9293 section 3.10.7.3; one that acknowledges nothing of ours is a scan. */
    @Test
    void shouldTakeAFinThatComesWithTheAnswerToOurSyn() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            h.send(Seg.of(TcpView.SYN | TcpView.FIN, 0));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_BAD_FLAGS));
            h.send(Seg.of(TcpView.SYN | TcpView.FIN | TcpView.ACK, 0)
                    .ack(1)
                    .win(1000)
                    .text("abc"));
            h.expect(Seg.ack(1, 5));
            assertEquals(TcpState.CLOSE_WAIT, h.state());
        }
    }

    /** RFC 9293 sections 3.10.7.1 to 3.10.7.4: null scans find a closed port closed, and learn nothing of others. */
    @ParameterizedTest
    @ValueSource(ints = {0, TcpView.PSH | TcpView.URG})
    void shouldRefuseOnlyAtAClosedPortWhenASegmentHasNoFlagThatCounts(final int flags) {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.of(flags, 1).seq(1));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.ports(TcpHarness.LOCAL.port(), 4711);
            h.send(Seg.of(flags, 1).seq(1));
            h.expectNothing();
            h.ports(9, 4711);
            h.send(Seg.of(flags, 1).text("abc"));
            h.expect(Seg.rstAck(Seg.UNSET, 4));
            h.expectNothing();
            assertEquals(0, h.counters.get(StackCounter.TCP_BAD_FLAGS));
        }
    }

    @Test
    void shouldNotAnswerStrangeSources() {
        try (TcpHarness h = new TcpHarness()) {
            h.listen(1);
            final long[] sources = {
                0, 0xFFFF_FFFFL, 0xE000_0001L, TcpHarness.LOCAL.address().lo()
            };
            for (final long source : sources) {
                final TcpRepr header = new TcpRepr();
                header.clear();
                header.srcPort = 80;
                header.dstPort = 80;
                header.flags = TcpView.SYN;
                header.emit(h.wire(), 0);
                final IpRepr ip = new IpRepr();
                ip.family = IpFamily.V4;
                ip.srcLo = source;
                ip.dstLo = TcpHarness.LOCAL.address().lo();
                h.deliverRaw(20, ip);
                h.poll();
                h.expectNothing();
            }
            assertEquals(4, h.counters.get(StackCounter.TCP_BAD_ADDRESS));
            assertEquals(0, h.engine.flows.size());
        }
    }

    @Test
    void shouldDropWhatIsDamaged() {
        try (TcpHarness h = TcpHarness.established()) {
            final TcpRepr header = new TcpRepr();
            header.clear();
            header.srcPort = TcpHarness.REMOTE.port();
            header.dstPort = 0;
            header.flags = TcpView.ACK;
            header.emit(h.wire(), 0);
            h.deliverRaw(20);
            h.deliverRaw(19);
            assertEquals(2, h.counters.get(StackCounter.TCP_MALFORMED));
            final IpRepr ip = new IpRepr();
            ip.family = IpFamily.V4;
            ip.srcLo = TcpHarness.REMOTE.address().lo();
            ip.dstLo = TcpHarness.LOCAL.address().lo();
            TcpView.checksum(h.wire(), 0, 0x1234);
            h.engine.receive(ip, h.wire(), 0, 0, 0, 20, h.now);
            assertEquals(1, h.counters.get(StackCounter.TCP_BAD_CHECKSUM));
        }
    }

    /** As many may be made up for one that is half open as for one that is established. */
    @Test
    @Origin("RFC 5961 7")
    void shouldLimitAnswersOfAHalfOpenConnection() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(1);
            h.send(Seg.syn(0));
            h.expect(Seg.synAck(0, 1));
            for (int i = 0; i < 100; i++) {
                h.send(Seg.syn(2));
                h.send(Seg.rst(2));
                h.send(Seg.ack(100_000 + i, 1));
            }
            final int sent = h.takeSent().size();
            assertTrue(sent > 0 && sent <= h.engine.config.limits().challengeAcks(), "sent: " + sent);
            assertEquals(300 - sent, h.counters.get(StackCounter.TCP_CHALLENGE_LIMIT));
            h.advance(1_000_000);
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.syn(2));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    void shouldLimitResetsPerSecond() {
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().resetsPerSecond(20).build())) {
            for (int i = 0; i < 100; i++) {
                h.send(Seg.syn(i));
            }
            final int sent = h.takeSent().size();
            assertTrue(sent > 0 && sent <= 5, "one source has a quarter: " + sent);
            assertEquals(100 - sent, h.counters.get(StackCounter.TCP_RESET_LIMIT));
            h.advance(1_000_000);
            h.send(Seg.syn(0));
            assertEquals(1, h.takeSent().size());
        }
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().resetsPerSecond(0).build())) {
            h.send(Seg.syn(0));
            h.expectNothing();
        }
    }

    @Test
    void shouldNotTellByTheLimitOfResetsHowManyOthersGot() {
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().resetsPerSecond(4000).build())) {
            final Set<Integer> counts = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                for (int j = 0; j < 30; j++) {
                    h.send(Seg.syn(j));
                }
                final int sent = h.takeSent().size();
                if (i >= 98 || sent < 30) { // what it may have at once is used up
                    assertTrue(sent >= 18 && sent < 30, "sent: " + sent);
                    counts.add(sent);
                }
                h.advance(20_000);
            }
            assertTrue(counts.size() > 1, "not as many each time: " + counts);
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_doesnt_accept_wrong_port")
    void shouldNotTouchAConnectionWithSegmentsOfAnother() {
        try (TcpHarness h = TcpHarness.established()) {
            h.ports(TcpHarness.LOCAL.port(), TcpHarness.REMOTE.port() + 1);
            h.send(Seg.data(1, 1, "evil"));
            h.expect(Seg.rst(1));
            h.ports(TcpHarness.LOCAL.port() + 1, TcpHarness.REMOTE.port());
            h.send(Seg.data(1, 1, "evil"));
            h.expect(Seg.rst(1));
            assertEquals(0, h.socket().readable());
        }
    }
}
