package io.millrace.bench.control;

import io.millrace.stack.socket.tcp.TcpSnapshot;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;

/**
 * A socket of a running server.
 *
 * @param protocol {@code tcp} or {@code udp}
 * @param state as Linux's ss writes it
 * @param receiveQueue bytes, or connections of a listener, that wait for the application
 * @param sendQueue bytes that are not acknowledged, or the backlog of a listener
 * @param local our end
 * @param remote the peer's end
 * @param shard whose socket it is
 * @param info what a TCP connection looks like inside, if that was asked for; else empty
 */
public record SocketRow(
        String protocol,
        String state,
        long receiveQueue,
        long sendQueue,
        String local,
        String remote,
        int shard,
        String info) {
    /** Without a look inside. */
    SocketRow(
            String protocol, String state, long receiveQueue, long sendQueue, String local, String remote, int shard) {
        this(protocol, state, receiveQueue, sendQueue, local, remote, shard, "");
    }

    static SocketRow of(TcpSnapshot snapshot, long now, int shard) {
        final String state = switch (snapshot.state()) {
            case CLOSED -> "CLOSED";
            case LISTEN -> "LISTEN";
            case SYN_SENT -> "SYN-SENT";
            case SYN_RECEIVED -> "SYN-RECV";
            case ESTABLISHED -> "ESTAB";
            case FIN_WAIT_1 -> "FIN-WAIT-1";
            case FIN_WAIT_2 -> "FIN-WAIT-2";
            case CLOSE_WAIT -> "CLOSE-WAIT";
            case CLOSING -> "CLOSING";
            case LAST_ACK -> "LAST-ACK";
            case TIME_WAIT -> "TIME-WAIT";
        };
        final Endpoint<? extends IpAddress> remote = snapshot.remote();
        return new SocketRow(
                "tcp",
                state,
                snapshot.receiveQueue(),
                snapshot.sendQueue(),
                snapshot.local().toString(),
                remote == null ? any(snapshot.local()) : remote.toString(),
                shard,
                InfoText.of(snapshot, now));
    }

    static SocketRow bound(Endpoint<? extends IpAddress> local, int shard) {
        return new SocketRow("udp", "UNCONN", 0, 0, local.toString(), any(local), shard);
    }

    private static String any(Endpoint<? extends IpAddress> local) {
        return local.address().family() == IpFamily.V4 ? "0.0.0.0:*" : "[::]:*";
    }
}
