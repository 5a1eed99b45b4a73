package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not fit into the window, or not into the buffer any more. */
class TcpRefusalTest {
    private static final int WINDOW = 8192;

    private static Seg beyond(final int flags) {
        return Seg.of(flags, 1 + WINDOW + 1).withAck(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {TcpView.ACK, TcpView.ACK | TcpView.PSH, TcpView.ACK | TcpView.ECE})
    @Origin("RFC 5961 7")
    void shouldAnswerWhatIsOutOfTheWindowOnceInHalfASecond(final int flags) {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(beyond(flags));
            h.expect(Seg.ack(1, 1));
            h.send(beyond(flags));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_CHALLENGE_LIMIT));
            h.advance(499_999);
            h.send(beyond(flags));
            h.expectNothing();
            h.advance(1);
            h.send(beyond(flags));
            h.expect(Seg.ack(1, 1));
        }
    }

    /** As those within the window. */
    @ParameterizedTest
    @ValueSource(ints = {TcpView.SYN, TcpView.SYN | TcpView.ACK})
    @Origin("RFC 5961 4.2")
    void shouldAnswerSynsOutOfTheWindowAFewTimesASecond(final int flags) {
        try (TcpHarness h = TcpHarness.established()) {
            int answered = 0;
            for (int i = 0; i < 100; i++) {
                h.send(beyond(flags));
                answered += h.takeSent().size();
            }
            assertTrue(answered > 1 && answered < 20, answered + " answers");
            assertEquals(100 - answered, h.counters.get(StackCounter.TCP_CHALLENGE_LIMIT));
            h.advance(1_000_000);
            h.send(beyond(flags));
            h.expect(Seg.ack(1, 1));
        }
    }

    @Test
    @Origin("RFC 9293 3.10.7.4")
    void shouldAnswerTextThatIsOutOfTheWindowEachTime() {
        try (TcpHarness h = TcpHarness.established()) {
            for (int i = 0; i < 3; i++) {
                h.send(Seg.data(1 + WINDOW + i, 1, "abc123"));
                h.expect(Seg.ack(1, 1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, WINDOW, WINDOW + 1, -5})
    @Origin("RFC 9293 3.10.7.4")
    void shouldIgnoreWhatHasNoAckWhereverItLies(final int offset) {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.of(TcpView.FIN, 1 + offset));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_NO_ACK));
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    @Origin("RFC 9293 3.10.7.4")
    void shouldTakeAFinWhereTheWindowEnds() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.fin(1 + WINDOW, 1));
            h.expect(Seg.ack(1, 1)); // it came ahead
            assertEquals(0, h.counters.get(StackCounter.TCP_OUT_OF_WINDOW));
            h.send(Seg.data(1, 1, "x".repeat(WINDOW)));
            assertEquals(TcpState.CLOSE_WAIT, h.state());
        }
    }

    @Test
    @Origin("RFC 9293 3.8.6")
    void shouldDropWhatABufferThatWasMadeSmallerHasNoRoomFor() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().receiveBuffer(1000);
            h.send(Seg.data(1, 1, "x".repeat(700)));
            h.advance(40_000);
            h.expect(Seg.ack(1, 701));
            h.send(Seg.data(701, 1, "x".repeat(700))); // what is begun is taken
            h.advance(40_000);
            h.expect(Seg.ack(1, 1401));
            h.send(Seg.data(1401, 1, "x".repeat(700)));
            h.expect(Seg.ack(1, 1401));
            assertEquals(1400, h.socket().readable());
            assertEquals(1400, h.read().length());
            h.takeSent();
            h.send(Seg.data(1401, 1, "x".repeat(700)));
            assertEquals(700, h.socket().readable());
        }
    }

    @Test
    @Origin("RFC 9293 3.8.6.2.2")
    void shouldOpenTheWindowOnlyForASegmentWhenItIsNotScaled() {
        final TcpConfig config = TcpHarness.plain()
                .receiveBuffer(256 * 1024)
                .receiveBufferLimit(1 << 20)
                .bufferMemory(1 << 21)
                .delayedAck(0)
                .build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            int seq = 1;
            int left = 0xFFFF;
            while (left > 0) {
                final int length = Math.min(1460, left);
                h.send(Seg.data(seq, 1, "x".repeat(length)));
                seq += length;
                left -= length;
                h.expect(Seg.ack(1, seq).win(left));
            }
            h.socket().consume(1459);
            h.poll();
            h.send(Seg.ack(seq - 1, 1));
            h.expect(Seg.ack(1, seq).win(0));
            h.socket().consume(1);
            h.poll();
            h.send(Seg.data(seq - 1, 1, "x"));
            h.expect(Seg.ack(1, seq).win(1460));
        }
    }

    @Test
    @Origin("RFC 9293 3.9.1.2")
    void shouldPushWhatThePeersWindowCutsShort() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 10)) {
            h.socket().options().noDelay(true);
            h.write("Sample Data");
            h.expect(Seg.data(1, 1, "Sample Dat").flags(TcpView.PSH));
            h.send(Seg.ack(1, 11).win(10));
            h.expect(Seg.data(11, 1, "a").flags(TcpView.PSH));
        }
    }
}
