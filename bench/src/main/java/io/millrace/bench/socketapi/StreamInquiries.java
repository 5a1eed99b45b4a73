package io.millrace.bench.socketapi;

import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.socket.tcp.TcpTimes;
import java.io.IOException;

/** What calls ask a connection, in Linux's terms. */
final class StreamInquiries {
    private static final byte[] NOTHING = {};

    private StreamInquiries() {}

    /** SIOCOUTQ: bytes that were not acknowledged; SIOCOUTQNSD: those that were never sent. */
    static int unsent(TcpChannel<?> channel, boolean neverSentOnly) throws IOException {
        if (channel.remote() == null) {
            return 0;
        }
        final TcpInfo info = new TcpInfo();
        final Integer queued = channel.ask(socket -> {
            socket.info(info);
            return socket.unacknowledged();
        });
        if (queued == null || info.state == TcpState.SYN_SENT || info.state == TcpState.SYN_RECEIVED) {
            return 0;
        }
        if (neverSentOnly) {
            return info.notSent;
        }
        final boolean fin =
                info.state == TcpState.FIN_WAIT_1 || info.state == TcpState.CLOSING || info.state == TcpState.LAST_ACK;
        return queued + (fin ? 1 : 0); // a FIN takes a sequence number, and Linux counts those
    }

    /** Position of the first byte that is not acknowledged, or of the next one to be queued; -1 of the SYN, as on Linux. */
    static long firstKey(TcpChannel<?> channel, boolean queued) throws IOException {
        final Long first = channel.ask(socket ->
                queued ? socket.queuedInAll() : socket.state() == TcpState.SYN_SENT ? -1 : socket.acknowledged());
        return first == null ? 0 : first;
    }

    /** When the byte came that was read last, on the stack's clock. */
    static long receivedAt(TcpChannel<?> channel) throws IOException {
        if (channel.remote() == null) {
            return TcpTimes.UNKNOWN;
        }
        final Long at = channel.ask(TcpSocket::receivedAt);
        return at == null ? TcpTimes.UNKNOWN : at;
    }

    /** TCP_INQ: what is left to be read; 1 if that is the end only, as on Linux. */
    static ControlMessage inq(int unread, Readiness readiness) {
        final boolean end = unread == 0 && (readiness.bits() & Readiness.PEER_CLOSED) != 0;
        return ControlMessages.number(Linux.IPPROTO_TCP, Linux.TCP_CM_INQ, end ? 1 : unread);
    }

    /** Takes the headers of the SYN that began a connection; none if there are none. */
    static byte[] savedSyn(TcpChannel<?> channel, int room) throws IOException, ErrnoException {
        if (channel.remote() == null) {
            return NOTHING;
        }
        final Integer length = channel.ask(TcpSocket::synLength);
        if (length != null && length > room) {
            throw new ErrnoException(Linux.EINVAL);
        }
        final byte[] syn = channel.ask(StreamInquiries::takeSyn);
        return syn == null ? NOTHING : syn;
    }

    private static byte[] takeSyn(TcpSocket<?> socket) {
        final byte[] syn = socket.takeSyn();
        return syn == null ? NOTHING : syn;
    }
}
