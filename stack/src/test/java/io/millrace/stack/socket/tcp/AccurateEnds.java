package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;

/** Connections with Accurate ECN, and what tests of those have in common. */
final class AccurateEnds {
    static final int MSS = 1000;

    /** Code points. */
    static final int CE = 3;

    static final int ECT_0 = 2;
    static final int ECT_1 = 1;

    private AccurateEnds() {}

    static TcpConfigBuilder settings(final EcnMode mode) {
        return TcpHarness.plain().ecn(mode).sack(true).sendBuffer(100_000).burst(64);
    }

    static TcpConfig config(final EcnMode mode) {
        return settings(mode).build();
    }

    static TcpHarness server() {
        return server(config(EcnMode.ACCEPT_ACCURATE));
    }

    /** The peer asked for it and got it; it sends no options. */
    static TcpHarness server(final TcpConfig config) {
        return server(config, Seg.ack(1, 1).ace(2));
    }

    /** The same, with what ends the handshake. */
    static TcpHarness server(final TcpConfig config, final Seg third) {
        final TcpHarness h = new TcpHarness(config);
        h.listen(1);
        final Seg syn = Seg.syn(0).ace(7).mss(MSS).win(65535).sackOk(true);
        h.send(config.features().timestamps() ? syn.ts(1, 0) : syn);
        h.expect(Seg.synAck(0, 1).ace(2).ecn(0));
        h.advance(10_000);
        h.send(third.win(65535));
        return h;
    }

    /** We asked, and the peer answered so. */
    static TcpHarness client(final Seg answer) {
        final TcpHarness h = new TcpHarness(config(EcnMode.REQUEST_ACCURATE));
        h.connect();
        h.poll();
        h.expect(Seg.syn(0).ace(7).ecn(0).noCounts());
        h.send(answer.mss(MSS).win(65535).sackOk(true));
        return h;
    }

    /** The peer acknowledges up to here, its flags say so much. */
    static Seg ack(final int ack, final int field) {
        return Seg.ack(1, ack).ace(field).ecn(ECT_0).win(65535);
    }

    static TcpInfo info(final TcpHarness h) {
        return h.socket().info(new TcpInfo());
    }

    static String text(final int segments) {
        return "x".repeat(segments * MSS);
    }
}
