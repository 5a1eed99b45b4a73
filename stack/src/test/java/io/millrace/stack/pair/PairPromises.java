package io.millrace.stack.pair;

import io.millrace.stack.Stack;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.EcnCounts;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import org.jspecify.annotations.Nullable;

/** What holds at any time of each side of a {@link PairConnection}, and what never happens to a stack. */
final class PairPromises {
    private static final StackCounter[] NEVER = {
        StackCounter.RX_FAILED,
        StackCounter.HANDLER_FAILURES,
        StackCounter.TX_NO_HEADROOM,
        StackCounter.TX_NO_ROUTE,
        StackCounter.TCP_BAD_FLAGS,
        StackCounter.TCP_BAD_ADDRESS,
        StackCounter.TCP_SIGNATURE_MALFORMED,
        StackCounter.TCP_MD5_FAILURE,
        StackCounter.TCP_MD5_NOT_FOUND,
        StackCounter.TCP_MD5_UNEXPECTED,
        StackCounter.TCP_AO_REQUIRED,
        StackCounter.TCP_AO_KEY_NOT_FOUND,
        StackCounter.TCP_OTHER_ENCAPSULATION,
        StackCounter.TCP_TOO_FAR,
        StackCounter.TCP_NO_TIMESTAMP,
        StackCounter.TCP_TIMED_OUT,
        StackCounter.TCP_SYN_TIMEOUTS,
        StackCounter.TCP_FIN_WAIT_2_TIMEOUTS,
    };

    /** Nor this, unless a flipped bit of an IPv6 header, which has no checksum, makes a segment shorter. */
    private static final StackCounter NEVER_IF_INTACT = StackCounter.TCP_MALFORMED;

    private final PairRound round;
    private final TcpInfo info = new TcpInfo();
    private final TcpInfo peerInfo = new TcpInfo();

    PairPromises(final PairRound round) {
        this.round = round;
    }

    /** Nothing is counted that never happens. */
    void check(final Stack stack, final String name) {
        for (final StackCounter counter : NEVER) {
            check(stack, name, counter);
        }
        if (!round.drawn.spoils()) {
            check(stack, name, NEVER_IF_INTACT);
        }
    }

    private void check(final Stack stack, final String name, final StackCounter counter) {
        final long count = stack.counters().get(counter);
        round.promise(count == 0, "has no reason to count", () -> counter.key() + " is " + count + " at " + name);
    }

    /** Both sides agree with themselves and with each other. */
    void check(final PairConnection connection) {
        final TcpInfo client = look(connection.client, info);
        final TcpInfo server = look(connection.server, peerInfo);
        if (client != null && server != null) {
            compare(connection, client, server);
            compare(connection, server, client);
        }
    }

    /** What arrived at one side lies between what the other knows of and what it sent. */
    private void compare(final PairConnection connection, final TcpInfo sender, final TcpInfo receiver) {
        final boolean ok = sender.bytesAcknowledged <= receiver.bytesReceived
                && receiver.bytesReceived <= sender.bytesAcknowledged + sender.unacknowledged;
        round.promise(
                ok,
                "acknowledges what arrived",
                () -> connection + ": received " + receiver.bytesReceived + ", acknowledged " + sender.bytesAcknowledged
                        + ", on their way " + sender.unacknowledged);
        final EcnCounts told = sender.ecnSent;
        final EcnCounts counted = receiver.ecnReceived;
        round.promise(
                told.ect0Bytes <= counted.ect0Bytes
                        && told.ceBytes <= counted.ceBytes
                        && told.ect1Bytes <= counted.ect1Bytes,
                "hears of no more marks than there were",
                () -> connection + ": counted " + counted.ect0Bytes + ", " + counted.ceBytes + ", " + counted.ect1Bytes
                        + ", heard " + told.ect0Bytes + ", " + told.ceBytes + ", " + told.ect1Bytes);
    }

    private @Nullable TcpInfo look(final PairApplication side, final TcpInfo into) {
        final TcpSocket<?> socket = side.socket;
        if (socket == null || side.over() || socket.state() == TcpState.CLOSED) {
            return null;
        }
        final TcpInfo i = socket.info(into);
        final int queued = socket.unacknowledged();
        say(side, i, i.unacknowledged >= 0 && i.sacked >= 0 && i.lost >= 0 && i.notSent >= 0, "nothing is negative");
        say(side, i, i.sacked + i.lost <= i.unacknowledged, "what is sacked or lost is in flight");
        say(side, i, i.notSent <= queued, "what is not sent is queued");
        say(side, i, i.bytesAcknowledged + queued == side.written, "what is written is acknowledged or queued");
        say(side, i, i.bytesReceived == side.read + socket.readable(), "what is received is read or readable");
        say(side, i, i.bytesSent >= i.bytesAcknowledged, "what is acknowledged was sent");
        say(side, i, i.bytesRetransmitted <= i.bytesSent, "what was sent again was sent");
        say(side, i, i.unacknowledged <= queued - i.notSent + 1, "what is in flight is queued");
        say(side, i, i.congestionWindow >= 1 && i.sendMss >= 1, "windows and segments are not empty");
        say(side, i, i.rto > 0 && i.rto <= Math.max(round.drawn.maxRto, 3_000_000), "the timeout is within its limits");
        say(side, i, i.lastSentAt <= round.now() && i.lastReceivedAt <= round.now(), "nothing is yet to come");
        say(side, i, i.windowLimitedTime + i.bufferLimitedTime <= i.busyTime + 1_000, "it is limited while busy");
        say(side, i, i.busyTime <= round.now() - round.begin() + 1_000, "it is busy while it lives");
        say(side, i, i.pathMtu == 0 || i.sendMss < i.pathMtu, "segments fit the path");
        say(side, i, i.rtt >= 0 && i.rttVariation >= 0 && i.leastRtt >= 0, "time goes on");
        say(side, i, i.retransmitted >= 0 && i.lostSegments >= 0, "no segments are negative");
        say(side, i, i.unacknowledged > 0 || (i.sacked == 0 && i.lost == 0 && i.retransmitted == 0), "nothing lingers");
        say(side, i, socket.writable() >= 0, "there is room or not");
        return i;
    }

    private void say(final PairApplication side, final TcpInfo i, final boolean holds, final String what) {
        round.promise(
                holds,
                "shows what makes sense",
                () -> what + ", not so at " + side + ": " + i + "; sent " + i.bytesSent + ", again "
                        + i.bytesRetransmitted + " in " + i.retransmitted + " segments, limited by window "
                        + i.windowLimitedTime + " and buffer " + i.bufferLimitedTime);
    }
}
