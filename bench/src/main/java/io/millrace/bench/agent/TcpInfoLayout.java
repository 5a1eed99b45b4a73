package io.millrace.bench.agent;

import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpState;
import java.nio.ByteBuffer;

/**
 * {@code struct tcp_info} as Linux fills it: times in microseconds but for the ages, which are milliseconds, and what is in
 * flight in segments. What the stack does not keep is 0.
 */
final class TcpInfoLayout {
    private static final int TIMESTAMPS = 1;
    private static final int SACK = 2;
    private static final int WINDOW_SCALE = 4;

    private TcpInfoLayout() {}

    /**
     * Encodes what is known of a connection.
     *
     * @param now on the clock of the connection's times, microseconds
     */
    static byte[] of(TcpInfo info, long now) {
        final byte[] bytes = new byte[Linux.TCP_INFO_LENGTH];
        final ByteBuffer out = OptionBytes.over(bytes);
        final int mss = Math.max(1, info.sendMss);
        final boolean scaled = info.sendWindowScale != 0 || info.receiveWindowScale != 0;
        out.put((byte) state(info.state));
        out.put((byte) recovery(info.recovery));
        out.put((byte) info.retransmits);
        out.put((byte) info.probes);
        out.put((byte) info.backoff);
        out.put((byte) ((info.timestamps ? TIMESTAMPS : 0) | (info.sack ? SACK : 0) | (scaled ? WINDOW_SCALE : 0)));
        out.put((byte) ((info.sendWindowScale & 0xF) | (info.receiveWindowScale << 4)));
        out.put((byte) 0); // delivery_rate_app_limited, fastopen_client_fail
        out.putInt((int) info.rto);
        out.putInt(0); // ato
        out.putInt(info.sendMss);
        out.putInt(info.receiveMss);
        out.putInt(segments(info.unacknowledged, mss));
        out.putInt(segments(info.sacked, mss));
        out.putInt(segments(info.lost, mss));
        out.putInt(0); // retrans
        out.putInt(0); // fackets
        out.putInt(age(info.lastSentAt, now));
        out.putInt(0); // last_ack_sent
        out.putInt(age(info.lastReceivedAt, now));
        out.putInt(age(info.lastReceivedAt, now)); // last_ack_recv
        out.putInt(0); // pmtu
        out.putInt(info.receiveWindow); // rcv_ssthresh
        out.putInt(info.rtt);
        out.putInt(info.rttVariation);
        out.putInt(
                info.slowStartThreshold == Integer.MAX_VALUE
                        ? Integer.MAX_VALUE
                        : Math.max(2, info.slowStartThreshold / mss));
        out.putInt(Math.max(1, info.congestionWindow / mss));
        out.putInt(info.announcedMss);
        out.putInt(3); // reordering: Linux's threshold at the start, which RACK (RFC 8985) does not count with
        out.putInt(0); // rcv_rtt
        out.putInt(info.receiveWindow); // rcv_space
        out.putInt(info.totalRetransmits);
        out.putLong(info.rate); // pacing_rate
        out.putLong(-1); // max_pacing_rate: none
        out.putLong(info.bytesAcknowledged);
        out.putLong(info.bytesReceived);
        out.putInt(info.segmentsOut);
        out.putInt(info.segmentsIn);
        out.putInt(info.notSent);
        out.putInt(info.leastRtt == 0 ? -1 : info.leastRtt);
        return bytes;
    }

    /** What Linux tells of a socket that is not connected, or listens. */
    static byte[] of(int state) {
        final byte[] bytes = new byte[Linux.TCP_INFO_LENGTH];
        final ByteBuffer out = OptionBytes.over(bytes);
        out.put((byte) state);
        return bytes;
    }

    /** The number of a state in {@code tcp_states.h}. */
    static int state(TcpState state) {
        return switch (state) {
            case ESTABLISHED -> 1;
            case SYN_SENT -> 2;
            case SYN_RECEIVED -> 3;
            case FIN_WAIT_1 -> 4;
            case FIN_WAIT_2 -> 5;
            case TIME_WAIT -> 6;
            case CLOSED -> 7;
            case CLOSE_WAIT -> 8;
            case LAST_ACK -> 9;
            case LISTEN -> 10;
            case CLOSING -> 11;
        };
    }

    /** TCP_CA_Open, Disorder, CWR, Recovery, Loss. */
    private static int recovery(TcpInfo.Recovery recovery) {
        return switch (recovery) {
            case OPEN -> 0;
            case DISORDER -> 1;
            case RECOVERY -> 3;
            case LOSS -> 4;
        };
    }

    private static int segments(int bytes, int mss) {
        return (bytes + mss - 1) / mss;
    }

    private static int age(long at, long now) {
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, (now - at) / 1_000));
    }
}
