package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpOffer;
import io.millrace.stack.wire.TcpView;
import org.junit.jupiter.api.Test;

/** What handshakes offer, changed while there are connections. */
class TcpOfferTest {
    private static final int ECE = TcpView.ECE;
    private static final int CWR = TcpView.CWR;
    private static final TcpOffer NOTHING = new TcpOffer(false, false, false, EcnMode.OFF, false);
    private static final TcpOffer ALL = new TcpOffer(true, true, true, EcnMode.REQUEST, true);

    private static TcpInfo info(final TcpHarness h) {
        final TcpInfo info = new TcpInfo();
        h.socket().info(info);
        return info;
    }

    private static Seg syn() {
        return Seg.syn(0).mss(1000).win(65535).ts(1, 0).sackOk(true).ws(2);
    }

    private static void assertHasAll(final Seg syn) {
        assertEquals(ECE, syn.flags & ECE);
        assertEquals(true, syn.sackPermitted);
        assertEquals(true, syn.timestamps);
        assertEquals(0, syn.windowShift);
    }

    @Test
    void shouldOfferWhatIsConfiguredUntilToldOtherwise() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().sack(true).build())) {
            assertEquals(new TcpOffer(false, true, false, EcnMode.ACCEPT, true), h.engine.offer());
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).sackOk(true));
            h.engine.offer(NOTHING);
            assertEquals(NOTHING, h.engine.offer());
            h.send(Seg.synAck(0, 1).mss(1000).win(65535).sackOk(true));
            assertTrue(info(h).sack, "it was offered when the SYN left");
        }
    }

    @Test
    void shouldOfferTheRestWhenItIsChanged() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.engine.offer(ALL);
            h.connect();
            h.poll();
            assertHasAll(h.takeSent().getFirst());
        }
    }

    @Test
    void shouldTakeNoEcnThatItDidNotAskForWhenItWouldNow() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            h.engine.offer(ALL);
            h.send(Seg.synAck(0, 1).flags(ECE).mss(1000).win(65535));
            assertFalse(info(h).ecn);
        }
    }

    @Test
    void shouldAcceptOfSynsWhatIsOfferedThen() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(4);
            h.send(syn());
            h.expect(Seg.synAck(0, 1));
            h.engine.offer(ALL);
            h.ports(80, 4001);
            h.send(syn().flags(ECE | CWR));
            assertHasAll(h.takeSent().getFirst());
        }
    }
}
