package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Urgent data is in line, and both sides know where it ends. */
class TcpUrgentTest {
    private static TcpHarness established(final int window) {
        return TcpHarness.established(TcpHarness.plain().build(), window);
    }

    @Test
    @Origin("RFC 9293 3.8.5")
    @Origin("RFC 6093 3.1")
    void shouldPointBehindTheLastUrgentByteUntilItIsAcknowledged() {
        try (TcpHarness h = established(4096)) {
            h.queue("abc");
            h.socket().markUrgent();
            h.poll();
            h.expect(Seg.data(1, 1, "abc").urg(3));
            h.write("de"); // Nagle's algorithm holds back nothing that is urgent, nor what follows it
            h.expect(Seg.data(4, 1, "de"));
            h.advance(1_000_000);
            h.expect(Seg.data(1, 1, "abc").urg(3)); // sent again
            h.takeSent();
            h.send(Seg.ack(1, 6));
            h.write("f");
            h.expect(Seg.data(6, 1, "f"));
            h.expectNothing();
        }
    }

    /** All segments up to the last urgent byte say so, and those that follow do not. */
    @Test
    @Origin("RFC 9293 3.8.5")
    void shouldSayInEverySegmentHowFarUrgentDataGoes() {
        try (TcpHarness h = established(60_000)) {
            h.queue("x".repeat(3000));
            h.socket().markUrgent();
            h.queue("y".repeat(1380));
            h.poll();
            h.expect(Seg.ack(1, 1).len(1460).urg(3000));
            h.expect(Seg.ack(1461, 1).len(1460).urg(1540));
            h.expect(Seg.ack(2921, 1).len(1460).urg(80));
            h.expectNothing();
        }
    }

    /** The peer learns of it though there is no room for the data. */
    @Test
    @Origin("RFC 9293 3.8.5")
    void shouldTellOfUrgentDataWhenThePeersWindowIsClosed() {
        try (TcpHarness h = established(3)) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.send(Seg.ack(1, 4).win(0));
            h.queue("hurry");
            h.socket().markUrgent();
            h.poll();
            h.expect(Seg.ack(4, 1).urg(5));
            h.expectNothing();
            h.send(Seg.ack(1, 4).win(4096));
            h.expect(Seg.data(4, 1, "hurry").urg(5));
        }
    }

    @Test
    void shouldMarkNothingWhenNothingIsQueued() {
        try (TcpHarness h = established(4096)) {
            h.socket().markUrgent();
            h.poll();
            h.expectNothing();
        }
    }

    /** The field has 16 bits; segments farther on say more. */
    @Test
    void shouldPointAsFarAsItCanWhenUrgentDataEndsFarther() {
        final TcpConfig config = TcpHarness.plain()
                .sendBuffer(1 << 20)
                .bufferMemory(4 << 20)
                .windowScaling(true)
                .build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).ws(7).win(60_000));
            h.send(Seg.ack(1, 1).win(1000));
            h.takeSent();
            h.queue("x".repeat(70_000));
            h.socket().markUrgent();
            h.poll();
            h.expect(Seg.ack(1, 1).len(1460).urg(0xFFFF));
            final List<Seg> more = h.takeSent();
            assertEquals(0xFFFF, more.getFirst().urgent);
            for (int acknowledged = 0; acknowledged < 60_000; ) {
                acknowledged += 1460;
                h.send(Seg.ack(1, 1 + acknowledged).win(1000));
            }
            final Seg last = h.takeSent().getLast();
            assertEquals(70_001, last.seq + last.urgent);
        }
    }

    /** The application hears of it before the data comes, again only if there is more, and until it has read so far. */
    @Test
    @Origin("RFC 9293 3.8.5")
    @Origin("RFC 9293 3.10.7.4")
    void shouldTellTheApplicationHowMuchIsUrgentWheneverThatIsMore() {
        try (TcpHarness h = established(4096)) {
            h.send(Seg.ack(1, 1).urg(10)); // the data is still to come
            assertEquals(List.of("urgent 10"), h.events);
            h.send(Seg.data(1, 1, "abcd").urg(10));
            h.send(Seg.ack(5, 1).urg(6));
            assertEquals(List.of("urgent 10", "readable"), h.events);
            assertEquals("abcd", h.read());
            assertEquals(6, h.socket().urgentLeft());
            h.send(Seg.data(5, 1, "efgh").urg(8));
            assertEquals(List.of("urgent 10", "readable", "urgent 8", "readable"), h.events);
            assertEquals("efgh", h.read());
            assertEquals(4, h.socket().urgentLeft());
            h.send(Seg.data(9, 1, "ijklmn"));
            assertEquals("ijklmn", h.read());
            assertEquals(0, h.socket().urgentLeft());
            h.send(Seg.ack(15, 1).urg(0));
            assertEquals(0, h.socket().urgentLeft());
        }
    }

    @Test
    @Origin("RFC 9293 3.10.7.4")
    void shouldCountFromWhereASegmentBeginsWhenPartOfItCameBefore() {
        try (TcpHarness h = established(4096)) {
            h.send(Seg.data(1, 1, "abcd"));
            assertEquals("abcd", h.read());
            h.send(Seg.data(1, 1, "abcdef").urg(3)); // all that is urgent was read
            assertEquals(0, h.socket().urgentLeft());
            h.send(Seg.data(3, 1, "cdefgh").urg(5));
            assertEquals(3, h.socket().urgentLeft());
            assertEquals("efgh", h.read());
            assertEquals(0, h.socket().urgentLeft());
        }
    }

    /** Nobody reads on, so that nothing is kept for that. */
    @Test
    void shouldKeepNothingOfAConnectionThatEndsBeforeItsUrgentData() {
        for (final boolean reset : new boolean[] {true, false}) {
            try (TcpHarness h = established(4096)) {
                h.send(Seg.ack(1, 1).urg(10));
                if (reset) {
                    h.send(Seg.rst(1));
                } else {
                    h.socket().abort();
                    h.poll();
                }
                assertEquals(0, h.engine.transfers.held());
            }
        }
    }

    /** What was called urgent never comes. */
    @Test
    void shouldEndAtTheFinWhenThePeerClosesBeforeThat() {
        try (TcpHarness h = established(4096)) {
            h.send(Seg.data(1, 1, "ab").urg(100));
            h.send(Seg.fin(3, 1));
            assertEquals(2, h.socket().urgentLeft());
            assertEquals("ab", h.read());
            assertEquals(0, h.socket().urgentLeft());
        }
    }

    @Test
    void shouldNotCallMoreUrgentWhenASegmentComesAgainThatAcknowledgesMore() {
        try (TcpHarness h = established(4096)) {
            h.write("xyz");
            h.send(Seg.data(1, 1, "abc").urg(5));
            assertEquals(5, h.socket().urgentLeft());
            h.events.clear();
            h.send(Seg.data(1, 4, "abc").urg(5)); // our acknowledgment got lost
            assertEquals(5, h.socket().urgentLeft());
            assertEquals(List.of(), h.events);
        }
    }
}
