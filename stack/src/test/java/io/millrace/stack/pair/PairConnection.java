package io.millrace.stack.pair;

import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;

/** A connection between two ends of ours. */
final class PairConnection {
    final int index;
    final PairApplication client;
    final PairApplication server;

    private final PairRound round;

    PairConnection(final PairRound round, final int index) {
        this.round = round;
        this.index = index;
        client = new PairApplication(round, this, true, round.drawn.bytes(0));
        server = new PairApplication(round, this, false, round.drawn.bytes(1));
    }

    PairApplication other(final PairApplication one) {
        return one == client ? server : client;
    }

    /** What one side says. */
    long stream(final PairApplication one) {
        return ((round.drawn.seed * 64 + index) * 2 + (one == client ? 0 : 1)) << 20;
    }

    /** Not everything may arrive. */
    boolean isRude() {
        return client.ending.isRude() || server.ending.isRude();
    }

    /** Whether a socket of the server's end is of this one. */
    boolean isOf(final TcpSocket<?> accepted) {
        final TcpSocket<?> own = client.socket;
        return own != null && own.local().port() == accepted.remote().port();
    }

    /** Whether both sides are there and not done. */
    boolean isOpen() {
        final TcpSocket<?> own = client.socket;
        return own != null && own.state() != TcpState.SYN_SENT && server.socket != null && !over();
    }

    /** Whether both sides are done. */
    boolean over() {
        return client.over() && (server.over() || (server.socket == null && isRude()));
    }

    /** What moved so far. */
    long reached() {
        return client.read
                + server.read
                + client.acknowledged()
                + server.acknowledged()
                + (client.over() ? 1 : 0)
                + (server.over() ? 1 : 0)
                + (server.socket == null ? 0 : 1);
    }

    @Override
    public String toString() {
        return client + "; " + server;
    }
}
