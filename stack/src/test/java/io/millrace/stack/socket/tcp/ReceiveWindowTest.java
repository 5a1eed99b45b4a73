package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** A window that is offered in units, to a peer that fills it while nobody reads. */
class ReceiveWindowTest {
    private static final int BUFFER = 64 << 10;
    private static final int SHIFT = 7;

    private int edge = 0xFFFF + 1;
    private int acknowledged = 1;

    @Test
    @Origin("RFC 7323 2.4")
    void shouldTakeAllThatItOffered() {
        try (TcpHarness h = scaled()) {
            while (edge > acknowledged) {
                final int before = acknowledged;
                fill(h, 1428);
                assertTrue(acknowledged > before, "nothing was taken of the " + (edge - before) + " offered");
            }
            assertEquals(0, h.counters.get(StackCounter.TCP_NO_MEMORY));
            assertTrue(
                    h.socket().readable() >= BUFFER - 1428,
                    "closed after " + h.socket().readable());
        }
    }

    @Test
    @Origin("RFC 7323 2.4")
    void shouldNotOpenByRoundingWithoutEnd() {
        try (TcpHarness h = scaled()) {
            for (int i = 0; i < 3 * BUFFER && edge > acknowledged; i++) {
                fill(h, 1);
            }
            assertEquals(edge, acknowledged, "the window is closed");
            assertEquals(0, h.counters.get(StackCounter.TCP_NO_MEMORY));
            assertTrue(
                    h.socket().readable() <= BUFFER + BUFFER / 8 + (1 << SHIFT),
                    "holds " + h.socket().readable());
        }
    }

    private static TcpHarness scaled() {
        return scaled(TcpHarness.plain().quickAcks(Short.MAX_VALUE), SHIFT, BUFFER);
    }

    /** A connection whose receiver's window is told in units of {@code 1 << shift} bytes. */
    static TcpHarness scaled(final TcpConfigBuilder config, final int shift, final int buffer) {
        final TcpHarness h = new TcpHarness(config.windowScaling(true)
                .receiveBuffer(buffer)
                .receiveBufferLimit(0xFFFF << shift)
                .build());
        h.listen(1);
        h.send(Seg.syn(0).mss(1428).ws(7));
        assertEquals(shift, h.takeSent().getFirst().windowShift);
        h.send(Seg.ack(1, 1));
        return h;
    }

    /** The peer sends what fits, at most {@code length}, and believes the last that it hears of the window. */
    private void fill(final TcpHarness h, final int length) {
        h.send(Seg.ack(acknowledged, 1).len(Math.min(length, edge - acknowledged)));
        h.advance(40_000);
        for (final Seg ack : h.takeSent()) {
            acknowledged = ack.ack;
            edge = ack.ack + (ack.window << SHIFT);
        }
    }
}
