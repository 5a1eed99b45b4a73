package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

class TcpHandshakeTest {
    @Test
    @Origin("smoltcp:socket::tcp::test_three_way_handshake")
    @Origin("smoltcp:socket::tcp::test_listen_syn")
    void shouldEstablishWhenPeerConnects() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1).mss(1460).win(8192).ws(-1).sackOk(false).noTs());
            h.send(Seg.ack(1, 1));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals(List.of("connected"), h.events);
            assertEquals(1, h.engine.connections());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_connect")
    @Origin("smoltcp:socket::tcp::test_syn_sent_syn_ack")
    void shouldEstablishWhenWeConnect() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).mss(1460).win(8192));
            assertEquals(TcpState.SYN_SENT, h.state());
            h.send(Seg.synAck(0, 1).mss(1460));
            h.expect(Seg.ack(1, 1));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    void shouldOfferEverythingWhenConfigured() {
        try (TcpHarness h = new TcpHarness(TcpConfig.builder().build())) {
            h.connect();
            h.poll();
            final Seg syn = h.takeSent().get(0);
            assertEquals(1460, syn.mss);
            assertEquals(7, syn.windowShift); // for what the buffer may grow to
            assertEquals(65535, syn.window);
            assertEquals(true, syn.sackPermitted);
            assertEquals(true, syn.timestamps);
            h.send(Seg.synAck(0, 1).mss(1460).ws(7).sackOk(true).ts(5, syn.tsVal));
            h.expect(Seg.ack(1, 1).ts(syn.tsVal, 5));
            h.write("hello");
            h.expect(Seg.data(1, 1, "hello"));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_closed_reject")
    void shouldResetWhenNobodyListens() {
        try (TcpHarness h = new TcpHarness()) {
            h.send(Seg.syn(0));
            h.expect(Seg.rstAck(0, 1));
            h.send(Seg.ack(5, 7));
            h.expect(Seg.rst(7));
            h.send(Seg.rst(5));
            h.expectNothing();
            assertEquals(3, h.counters.get(StackCounter.TCP_NO_LISTENER));
        }
    }

    @Test
    void shouldPassDataBothWaysAndClose() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("abc", h.read());
            h.write("defg");
            h.expect(Seg.data(1, 4, "defg"));
            h.send(Seg.ack(4, 5));
            h.send(Seg.fin(4, 5));
            h.expect(Seg.ack(5, 5));
            assertEquals(TcpState.CLOSE_WAIT, h.state());
            h.closeSocket();
            h.expect(Seg.fin(5, 5));
            assertEquals(TcpState.LAST_ACK, h.state());
            h.send(Seg.ack(5, 6));
            h.expectNothing();
            assertEquals(TcpState.CLOSED, h.state());
            assertEquals(List.of("readable", "readable", "closed NORMAL"), h.events);
            assertEquals(0, h.engine.connections());
        }
    }

    @Test
    void shouldEnterTimeWaitWhenWeCloseFirst() {
        try (TcpHarness h = TcpHarness.established()) {
            h.closeSocket();
            h.expect(Seg.fin(1, 1));
            assertEquals(TcpState.FIN_WAIT_1, h.state());
            h.send(Seg.ack(1, 2));
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            assertEquals(1, h.engine.timeWaits());
            assertEquals("closed NORMAL", h.events.getLast());
            h.advance(61_000_000);
            assertEquals(0, h.engine.timeWaits());
            h.expectNothing();
        }
    }

    @Test
    void shouldRetransmitWhenNotAcknowledged() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.advance(150_000);
            h.expectNothing();
            h.advance(100_000);
            h.expect(Seg.data(1, 1, "abcdef"));
            h.send(Seg.ack(1, 7));
            h.advance(10_000_000);
            h.expectNothing();
            assertNotEquals(0, h.counters.get(StackCounter.TCP_RTO));
        }
    }
}
