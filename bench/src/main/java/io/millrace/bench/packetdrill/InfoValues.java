package io.millrace.bench.packetdrill;

import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import java.util.HashMap;
import java.util.Map;

/** The names that assertions know: the fields of Linux's tcp_info, in its units, and its constants. */
final class InfoValues {
    private static final int TIMESTAMPS = 1;
    private static final int SACK = 2;
    private static final int SCALE = 4;
    private static final int ECN = 8;
    private static final int MILLIS = 1000;

    private static final Map<String, Long> NAMES = Map.ofEntries(
            Map.entry("TCP_ESTABLISHED", 1L),
            Map.entry("TCP_SYN_SENT", 2L),
            Map.entry("TCP_SYN_RECV", 3L),
            Map.entry("TCP_FIN_WAIT1", 4L),
            Map.entry("TCP_FIN_WAIT2", 5L),
            Map.entry("TCP_TIME_WAIT", 6L),
            Map.entry("TCP_CLOSE", 7L),
            Map.entry("TCP_CLOSE_WAIT", 8L),
            Map.entry("TCP_LAST_ACK", 9L),
            Map.entry("TCP_LISTEN", 10L),
            Map.entry("TCP_CLOSING", 11L),
            Map.entry("TCP_CA_Open", 0L),
            Map.entry("TCP_CA_Disorder", 1L),
            Map.entry("TCP_CA_CWR", 2L),
            Map.entry("TCP_CA_Recovery", 3L),
            Map.entry("TCP_CA_Loss", 4L),
            Map.entry("TCPI_OPT_TIMESTAMPS", 1L),
            Map.entry("TCPI_OPT_SACK", 2L),
            Map.entry("TCPI_OPT_WSCALE", 4L),
            Map.entry("TCPI_OPT_ECN", 8L),
            Map.entry("TCPI_OPT_ECN_SEEN", 16L),
            Map.entry("TCPI_OPT_SYN_DATA", 32L),
            Map.entry("True", 1L),
            Map.entry("False", 0L));

    private InfoValues() {}

    /** All names and their values for a connection at this moment. */
    static Map<String, Long> of(final TcpSocket<?> socket, final long now) {
        final TcpInfo info = socket.info(new TcpInfo());
        final long mss = Math.max(1, info.sendMss);
        final Map<String, Long> values = new HashMap<>(NAMES);
        values.put("tcpi_state", state(info.state));
        values.put("tcpi_ca_state", recovery(info.recovery));
        values.put("tcpi_retransmits", (long) info.retransmits);
        values.put("tcpi_probes", (long) info.probes);
        values.put("tcpi_backoff", (long) info.backoff);
        values.put("tcpi_options", options(info));
        values.put("tcpi_snd_wscale", (long) info.sendWindowScale);
        values.put("tcpi_rcv_wscale", (long) info.receiveWindowScale);
        values.put("tcpi_rto", info.rto);
        values.put("tcpi_snd_mss", mss);
        values.put("tcpi_rcv_mss", (long) info.receiveMss);
        values.put("tcpi_advmss", (long) info.announcedMss);
        values.put("tcpi_unacked", segments(info.unacknowledged, mss));
        values.put("tcpi_sacked", segments(info.sacked, mss));
        values.put("tcpi_lost", segments(info.lost, mss));
        values.put("tcpi_last_data_sent", Math.max(0, now - info.lastSentAt) / MILLIS);
        values.put("tcpi_last_ack_recv", Math.max(0, now - info.lastReceivedAt) / MILLIS);
        values.put("tcpi_rtt", (long) info.rtt);
        values.put("tcpi_rttvar", (long) info.rttVariation);
        values.put("tcpi_min_rtt", (long) info.leastRtt);
        values.put("tcpi_snd_cwnd", info.congestionWindow / mss);
        values.put(
                "tcpi_snd_ssthresh",
                info.slowStartThreshold == Integer.MAX_VALUE ? Integer.MAX_VALUE : info.slowStartThreshold / mss);
        values.put("tcpi_total_retrans", (long) info.totalRetransmits);
        values.put("tcpi_bytes_acked", info.bytesAcknowledged);
        values.put("tcpi_bytes_received", info.bytesReceived);
        values.put("tcpi_notsent_bytes", (long) info.notSent);
        values.put("tcpi_data_segs_out", (long) info.segmentsOut);
        values.put("tcpi_segs_in", (long) info.segmentsIn);
        values.put("tcpi_snd_wnd", (long) info.sendWindow);
        values.put("tcpi_rcv_wnd", (long) info.receiveWindow);
        values.put("tcpi_reord_seen", info.reordering ? 1L : 0L);
        return values;
    }

    private static long segments(final int bytes, final long mss) {
        return (bytes + mss - 1) / mss;
    }

    private static long options(final TcpInfo info) {
        final boolean scaled = info.sendWindowScale != 0 || info.receiveWindowScale != 0;
        return (info.timestamps ? TIMESTAMPS : 0)
                | (info.sack ? SACK : 0)
                | (scaled ? SCALE : 0)
                | (info.ecn ? ECN : 0);
    }

    private static long recovery(final TcpInfo.Recovery recovery) {
        return switch (recovery) {
            case OPEN -> 0;
            case DISORDER -> 1;
            case RECOVERY -> 3;
            case LOSS -> 4;
        };
    }

    private static long state(final TcpState state) {
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
}
