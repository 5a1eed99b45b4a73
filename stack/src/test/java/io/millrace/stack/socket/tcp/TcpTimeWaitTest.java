package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.StackCounter;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left of a connection when both sides are closed or ours is: FIN-WAIT-2, TIME-WAIT, and how long they last. */
class TcpTimeWaitTest {
    private static final String NORMAL = "closed NORMAL";

    @Test
    @Origin("smoltcp:socket::tcp::test_time_wait_retransmit")
    void shouldAcknowledgeTheFinAgainInTimeWait() {
        try (TcpHarness h = ClosingStates.timeWait()) {
            h.advance(30_000_000);
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            h.advance(59_000_000);
            assertEquals(1, h.engine.timeWaits(), "the time starts anew");
            h.advance(2_000_000);
            assertEquals(0, h.engine.timeWaits());
        }
    }

    /** Whoever guesses at numbers must not keep it for ever, nor have an answer to each guess; as on FreeBSD. */
    @ParameterizedTest
    @CsvSource({"0, ''", "2, ''", "-1000000, ''", "1, x", "1000000, x"})
    @Origin("RFC 9293 3.10.7.4")
    void shouldNotStayInTimeWaitForAFinThatIsNotThePeers(final int seq, final String text) {
        try (TcpHarness h = ClosingStates.timeWait()) {
            for (int i = 0; i < 6; i++) {
                h.advance(10_000_000 - 1);
                h.send(Seg.fin(seq, 2).text(text));
                h.send(Seg.fin(seq, 2).text(text));
                h.expect(Seg.ack(2, 2));
                h.expectNothing();
            }
            h.advance(6);
            assertEquals(0, h.engine.timeWaits());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_time_wait_timeout")
    @Origin("smoltcp:socket::tcp::test_time_wait_close")
    void shouldLeaveTimeWaitAfterTwiceTheLifetime() {
        try (TcpHarness h = ClosingStates.timeWait()) {
            h.closeSocket();
            h.advance(59_999_999);
            assertEquals(1, h.engine.timeWaits());
            h.advance(1);
            assertEquals(0, h.engine.timeWaits());
            h.send(Seg.fin(1, 2));
            h.expect(Seg.rst(2));
        }
    }

    @Test
    @Origin("RFC 1337 3")
    void shouldNotLeaveTimeWaitForAReset() {
        try (TcpHarness h = ClosingStates.timeWait()) {
            h.send(Seg.rst(2));
            h.send(Seg.rst(3));
            h.expectNothing();
            assertEquals(1, h.engine.timeWaits());
        }
    }

    @Test
    @Origin("RFC 9293 3.6.1")
    void shouldTakeANewConnectionOutOfTimeWait() {
        try (TcpHarness h = ClosingStates.timeWait()) {
            h.send(Seg.syn(1));
            h.expect(Seg.ack(2, 2)); // not beyond what the old one used
            h.localIssKnown = false;
            h.send(Seg.syn(2).mss(1460));
            final Seg synAck = h.takeSent().get(0);
            assertEquals(0, synAck.seq);
            assertEquals(3, synAck.ack);
            assertEquals(0, h.engine.timeWaits());
            h.send(Seg.ack(3, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    /** Segments of the old one have none, and so cannot be taken for the new one's, whatever its numbers are. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    @Origin("RFC 6191 2")
    void shouldLeaveTimeWaitForTheFirstTimestamps(final boolean offered, final boolean sent) {
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().timestamps(offered).build())) {
            h.listen(1);
            h.send(Seg.syn(0));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            h.closeSocket();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            final Seg syn = Seg.syn(-1_000_000);
            h.localIssKnown = !(offered && sent);
            h.send(sent ? syn.ts(7, 0) : syn);
            h.expect(offered && sent ? Seg.synAck(0, -999_999) : Seg.ack(2, 2));
            assertEquals(offered && sent ? 0 : 1, h.engine.timeWaits());
        }
    }

    @Test
    @Origin("RFC 9293 3.6.1")
    void shouldStayInTimeWaitWhileThereIsNoRoomForTheNextConnection() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<Ipv4Address> listener = h.engine.listen(TcpHarness.LOCAL, 1, false, null);
            h.send(Seg.syn(0));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            h.socket = listener.accept(h);
            h.closeSocket();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            h.ports(80, 1111);
            h.localIssKnown = false;
            h.send(Seg.syn(0));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1)); // which fills the backlog
            h.ports(80, TcpHarness.REMOTE.port());
            h.send(Seg.syn(1000));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_ACCEPT_QUEUE_FULL));
            assertEquals(1, h.engine.timeWaits());
        }
    }

    @Test
    void shouldGiveUpInFinWait2WhenThePeerIsSilent() {
        try (TcpHarness h = ClosingStates.finWait2()) {
            h.advance(30_000_000);
            h.send(Seg.data(1, 2, "abc"));
            h.advance(59_000_000);
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.takeSent();
            h.advance(1_000_001);
            assertEquals("closed TIMEOUT", h.events.getLast());
            assertEquals(1, h.counters.get(StackCounter.TCP_FIN_WAIT_2_TIMEOUTS));
            h.expectNothing(); // a reset may take from the peer what it has not read yet
            h.send(Seg.fin(4, 2));
            h.expect(Seg.rst(2));
        }
    }

    @Test
    void shouldWaitAsLongAsThePeerLikesWhenOnlyTheOutputIsShut() {
        try (TcpHarness h = ClosingStates.hourWithOutputShut()) {
            h.expectNothing();
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.send(Seg.data(1, 2, "at last"));
            assertEquals("at last", h.read());
        }
    }

    @Test
    void shouldGiveUpWhenAllIsClosedAfterTheOutputWasShut() {
        try (TcpHarness h = ClosingStates.hourWithOutputShut()) {
            h.socket().closeBoth();
            h.advance(59_999_999);
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.advance(1);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    void shouldWaitWithClosedUntilEverythingWasRead() {
        try (TcpHarness h = ClosingStates.finWait2()) {
            h.send(Seg.fin(1, 2).text("late"));
            h.expect(Seg.ack(2, 6));
            assertEquals(List.of("readable"), h.events);
            assertEquals(TcpState.TIME_WAIT, h.state());
            assertEquals("late", h.read());
            assertEquals(List.of("readable", NORMAL), h.events);
            assertEquals(TcpState.CLOSED, h.state());
        }
        try (TcpHarness h = ClosingStates.finWait2()) {
            h.send(Seg.fin(1, 2).text("late"));
            h.advance(60_000_001);
            assertEquals(List.of("readable", NORMAL), h.events);
            assertEquals(0, h.socket().readable());
        }
    }
}
