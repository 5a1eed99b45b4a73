package io.millrace.stack.socket.tcp;

import static io.millrace.stack.socket.tcp.TcpRackTest.ack;
import static io.millrace.stack.socket.tcp.TcpRackTest.open;
import static io.millrace.stack.socket.tcp.TcpRackTest.sack;
import static io.millrace.stack.socket.tcp.TcpRackTest.talk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** How the congestion window of a connection moves by what its application and its peer do. */
class TcpCongestionTest {
    private static final int MSS = 1000;
    private static final int RTT = 50_000;

    @Test
    @Origin("RFC 9438 5.8")
    void shouldNotGrowByTheTimeInWhichTheApplicationSentLittle() {
        try (TcpHarness h = open(CongestionAlgorithm.CUBIC, true, RTT)) {
            h.write("x".repeat(10 * MSS));
            h.advance(RTT);
            h.send(sack(0, 1, 10));
            h.advance(RTT);
            h.send(ack(10));
            h.write("x".repeat(7 * MSS));
            h.advance(RTT);
            h.send(ack(17));
            final int window = h.window();
            assertTrue(window < 10 * MSS, "window: " + window);
            h.takeSent();
            int next = talk(h, 17, 600, RTT);
            assertEquals(window, h.window());
            h.write("x".repeat(7 * MSS));
            h.advance(RTT);
            for (int i = 0; i < 7; i++) {
                h.send(ack(++next));
            }
            assertTrue(h.window() <= window + MSS, window + " became " + h.window());
        }
    }
}
