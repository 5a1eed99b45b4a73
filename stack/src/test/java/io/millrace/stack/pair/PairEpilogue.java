package io.millrace.stack.pair;

import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One more connection between the two ends, when all others are over and the wire is a good one: its server's application
 * reads nothing until the window is shut, then everything, and never closes.
 */
final class PairEpilogue implements TcpHandler {
    private static final int BLOCK = 32 * 1024;

    /** Longer than an end may take to send what is due, microseconds; most probes of the window come later. */
    private static final long AT_ONCE = 1_000;

    /** Longer than a timer is late, microseconds. */
    private static final long LATE = 100_000;

    private final PairRound round;
    private final long latency;
    private final long patience;
    private final MemorySegment memory = Arena.ofAuto().allocate(BLOCK);
    private final TcpInfo info = new TcpInfo();

    private @Nullable TcpSocket<?> server;

    private @Nullable CloseReason reason;

    /**
     * Begins nothing yet.
     *
     * @param latency of the wire, one way
     * @param patience longest time in which nothing moves
     */
    PairEpilogue(final PairRound round, final long latency, final long patience) {
        this.round = round;
        this.latency = latency;
        this.patience = patience;
    }

    /** The server's side of it was accepted. */
    void accepted(final TcpSocket<?> socket) {
        server = socket;
        socket.handler(new TcpHandler() {});
        PairOptions.calm(socket.options(), false);
        socket.options().keepAlive(0, 1_000_000, 1); // no sign of life, when our end waits for it to close
    }

    /** Plays it, from a connection that begins. */
    void play(final TcpSocket<?> client) {
        PairOptions.calm(client.options(), false);
        client.options().sendBuffer(BLOCK).noDelay(true);
        until(client, () -> client.send(memory, 0, 1) == 1, "takes a byte");
        until(client, () -> server != null, "is accepted");
        final TcpSocket<?> peer = server;
        if (peer == null) {
            throw new AssertionError();
        }
        opensItsWindow(client, peer);
        goesWithoutItsPeer(client, peer);
        peer.abort();
    }

    /** Who reads says so, when there is room again: nobody has to ask (RFC 9293 section 3.8.6.2.2). */
    private void opensItsWindow(final TcpSocket<?> client, final TcpSocket<?> peer) {
        final boolean shut = fill(client);
        while (peer.receive(memory, 0, BLOCK) > 0) {
            // to the end
        }
        round.tell("all", "is read");
        final long before = client.acknowledged();
        round.run(latency + AT_ONCE); // the handshake showed that the neighbour is there, it is not looked for
        round.promise(
                !shut || client.info(info).sendWindow > 0 || client.acknowledged() > before,
                "tells of a window that opens",
                () -> "all is read, and the other end has not heard of it: " + info);
        until(
                client,
                () -> {
                    while (peer.receive(memory, 0, BLOCK) > 0) {
                        // to the end
                    }
                    return client.unacknowledged() == 0;
                },
                "sends all");
    }

    /**
     * Sends until the window is shut. Returns false if something else stops it: the memory of all connections may be less
     * than the window of one.
     */
    private boolean fill(final TcpSocket<?> client) {
        long since = round.now();
        long reached = -1;
        while (client.info(info).sendWindow > 0) {
            client.send(memory, 0, BLOCK);
            round.run(20_000);
            if (client.acknowledged() != reached) {
                reached = client.acknowledged();
                since = round.now();
            } else if (round.now() - since > patience / 4) {
                return false;
            }
        }
        return true;
    }

    /** A peer that does not close is waited for only as long as is set. */
    private void goesWithoutItsPeer(final TcpSocket<?> client, final TcpSocket<?> peer) {
        final long wait = 100_000L + round.random.nextInt(20_000_000);
        client.options().finWait2(wait);
        round.tell("closes and waits for", wait);
        client.close();
        until(client, () -> client.state() == TcpState.FIN_WAIT_2, "closes");
        round.run(wait - LATE);
        round.promise(reason == null, "waits for its peer to close", () -> "it is over, " + reason);
        round.run(latency + 20_000 + 2 * LATE);
        round.promise(
                reason == CloseReason.TIMEOUT,
                "goes without a peer that does not close",
                () -> "after " + wait + " it is " + (reason == null ? client.state() : reason));
        round.promise(
                peer.state() == TcpState.CLOSE_WAIT, "does not reset a slow peer", () -> "it is in " + peer.state());
    }

    private void until(final TcpSocket<?> client, final BooleanSupplier condition, final String what) {
        long since = round.now();
        long reached = client.acknowledged();
        while (!condition.getAsBoolean()) {
            round.run(20_000);
            if (client.acknowledged() > reached) {
                reached = client.acknowledged();
                since = round.now();
            }
            round.promise(
                    round.now() - since < patience, what, () -> "not so: " + client.info(info) + " and " + server);
        }
    }

    @Override
    public void onClosed(final TcpSocket<?> over, final CloseReason why) {
        reason = why;
    }
}
