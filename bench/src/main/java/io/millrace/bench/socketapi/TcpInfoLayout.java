package io.millrace.bench.socketapi;

import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.wire.TcpRepr;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@code struct tcp_info} as Linux fills it: times in microseconds but for the ages, which are milliseconds, and what
 * is in flight in segments. What the stack does not keep is 0.
 */
public final class TcpInfoLayout {
    private static final int TIMESTAMPS = 1;
    private static final int SACK = 2;
    private static final int WINDOW_SCALE = 4;
    private static final int ECN = 8;
    private static final int ECN_SEEN = 16;
    private static final int SYN_DATA = 32;
    /** Two bits for the kind of notification, two for the peer's option, four for what fails, which stay 0. */
    private static final int ECN_CLASSIC = 1;

    private static final int ECN_ACCURATE = 2;
    private static final int OPTION_WITH_COUNTS = 2 << 2;

    private static final int NIBBLE = 4;
    /** Of the flags. */
    private static final long DELIVERY_RATE_APP_LIMITED = 1;

    /** Two bits of the flags. */
    private static final int FAST_OPEN_CLIENT_FAIL_SHIFT = 1;

    /** Names, each with its length in bytes, in their order; the two window scales share a byte, each has a half. */
    private static final String[] FIELDS = {
        "state:1",
        "ca_state:1",
        "retransmits:1",
        "probes:1",
        "backoff:1",
        "options:1",
        "wscales:1",
        "flags:1",
        "rto:4",
        "ato:4",
        "snd_mss:4",
        "rcv_mss:4",
        "unacked:4",
        "sacked:4",
        "lost:4",
        "retrans:4",
        "fackets:4",
        "last_data_sent:4",
        "last_ack_sent:4",
        "last_data_recv:4",
        "last_ack_recv:4",
        "pmtu:4",
        "rcv_ssthresh:4",
        "rtt:4",
        "rttvar:4",
        "snd_ssthresh:4",
        "snd_cwnd:4",
        "advmss:4",
        "reordering:4",
        "rcv_rtt:4",
        "rcv_space:4",
        "total_retrans:4",
        "pacing_rate:8",
        "max_pacing_rate:8",
        "bytes_acked:8",
        "bytes_received:8",
        "segs_out:4",
        "segs_in:4",
        "notsent_bytes:4",
        "min_rtt:4",
        "data_segs_in:4",
        "data_segs_out:4",
        "delivery_rate:8",
        "busy_time:8",
        "rwnd_limited:8",
        "sndbuf_limited:8",
        "delivered:4",
        "delivered_ce:4",
        "bytes_sent:8",
        "bytes_retrans:8",
        "dsack_dups:4",
        "reord_seen:4",
        "rcv_ooopack:4",
        "snd_wnd:4",
        "rcv_wnd:4",
        "rehash:4",
        "total_rto:2",
        "total_rto_recoveries:2",
        "total_rto_time:4",
        "received_ce:4",
        "delivered_e1_bytes:4",
        "delivered_e0_bytes:4",
        "delivered_ce_bytes:4",
        "received_e1_bytes:4",
        "received_e0_bytes:4",
        "received_ce_bytes:4",
        "ecn_modes:4"
    };

    /** Fields that the stack has nothing for: they are 0, or Linux's value at the start, whatever happens. */
    public static final Set<String> NOT_KEPT =
            Set.of("tcpi_ato", "tcpi_fackets", "tcpi_last_ack_sent", "tcpi_rehash", "tcpi_accecn_fail_mode");

    private TcpInfoLayout() {}

    /**
     * Encodes what is known of a connection.
     *
     * @param now on the clock of the connection's times, microseconds
     */
    static byte[] of(TcpInfo info, long now) {
        return encode(values(info, now));
    }

    /** What Linux tells of a socket that is not connected, or listens. */
    static byte[] of(int state) {
        return encode(Map.of("state", (long) state));
    }

    /** The fields of encoded bytes by the names that Linux's header gives them, signed where they hold -1. */
    public static Map<String, Long> decode(byte[] bytes) {
        final Map<String, Long> values = new LinkedHashMap<>();
        final ByteBuffer in = OptionBytes.over(bytes);
        for (final String field : FIELDS) {
            final int colon = field.indexOf(':');
            final long value = switch (field.charAt(colon + 1)) {
                case '1' -> in.get() & 0xFF;
                case '2' -> in.getShort() & 0xFFFF;
                case '4' -> in.getInt();
                default -> in.getLong();
            };
            values.put("tcpi_" + field.substring(0, colon), value);
        }
        final long scales = values.getOrDefault("tcpi_wscales", 0L);
        values.put("tcpi_snd_wscale", scales & 0xF);
        values.put("tcpi_rcv_wscale", scales >> NIBBLE);
        values.put(
                "tcpi_fastopen_client_fail", values.getOrDefault("tcpi_flags", 0L) >> FAST_OPEN_CLIENT_FAIL_SHIFT & 3);
        final long modes = values.getOrDefault("tcpi_ecn_modes", 0L);
        values.put("tcpi_ecn_mode", modes & 3);
        values.put("tcpi_accecn_opt_seen", modes >> 2 & 3);
        values.put("tcpi_accecn_fail_mode", modes >> NIBBLE & 0xF);
        values.put("tcpi_delivery_rate_app_limited", values.getOrDefault("tcpi_flags", 0L) & DELIVERY_RATE_APP_LIMITED);
        return values;
    }

    /** What Linux calls advmss: the MSS that we announced, on a connection less the timestamps of every segment. */
    public static int payloadAnnounced(TcpInfo info) {
        final boolean opening = info.state == TcpState.SYN_SENT || info.state == TcpState.SYN_RECEIVED;
        return info.announcedMss - (!opening && info.timestamps ? TcpRepr.TIMESTAMPS_LENGTH : 0);
    }

    private static byte[] encode(Map<String, Long> values) {
        final byte[] bytes = new byte[Linux.TCP_INFO_LENGTH];
        final ByteBuffer out = OptionBytes.over(bytes);
        for (final String field : FIELDS) {
            final int colon = field.indexOf(':');
            final long value = values.getOrDefault(field.substring(0, colon), 0L);
            switch (field.charAt(colon + 1)) {
                case '1' -> out.put((byte) value);
                case '2' -> out.putShort((short) value);
                case '4' -> out.putInt((int) value);
                default -> out.putLong(value);
            }
        }
        return bytes;
    }

    private static Map<String, Long> values(TcpInfo info, long now) {
        final Map<String, Long> values = new HashMap<>();
        final long mss = Math.max(1, info.sendMss);
        values.put("state", (long) state(info.state));
        values.put("ca_state", (long) recovery(info.recovery));
        values.put("retransmits", (long) info.retransmits);
        values.put("probes", (long) info.probes);
        values.put("backoff", (long) info.backoff);
        values.put("options", (long) options(info));
        values.put("wscales", (long) ((info.sendWindowScale & 0xF) | info.receiveWindowScale << NIBBLE));
        values.put("rto", info.rto);
        values.put("snd_mss", (long) info.sendMss);
        values.put("rcv_mss", (long) info.receiveMss);
        values.put("unacked", segments(info.unacknowledged, mss));
        values.put("sacked", segments(info.sacked, mss));
        values.put("lost", (long) info.lostSegments);
        values.put("last_data_sent", age(info.lastSentAt, now));
        values.put("last_data_recv", age(info.lastDataReceivedAt, now));
        values.put("last_ack_recv", age(info.lastReceivedAt, now));
        values.put("pmtu", (long) info.pathMtu);
        values.put("rcv_ssthresh", (long) info.receiveWindow);
        values.put("rtt", (long) info.rtt);
        values.put("rttvar", (long) info.rttVariation);
        values.put(
                "snd_ssthresh",
                info.slowStartThreshold == Integer.MAX_VALUE
                        ? Integer.MAX_VALUE
                        : Math.max(2, info.slowStartThreshold / mss));
        values.put("snd_cwnd", Math.max(1, info.congestionWindow / mss));
        values.put("advmss", (long) payloadAnnounced(info));
        // At the start Linux's threshold, which RACK (RFC 8985) does not count with.
        values.put("reordering", Math.clamp((long) info.reorderingExtent, 3L, 300L));
        values.put("rcv_rtt", (long) info.receiverRtt);
        values.put("rcv_space", (long) info.receiveBuffer);
        values.put("retrans", (long) info.retransmitted);
        values.put("total_retrans", (long) info.totalRetransmits);
        values.put("pacing_rate", rate(info.pacingRate));
        values.put("max_pacing_rate", rate(info.maxPacingRate));
        values.put("bytes_acked", info.bytesAcknowledged);
        values.put("bytes_received", info.bytesReceived);
        values.put("segs_out", (long) info.segmentsOut);
        values.put("segs_in", (long) info.segmentsIn);
        values.put("notsent_bytes", (long) info.notSent);
        values.put("min_rtt", info.leastRtt == 0 ? -1L : info.leastRtt);
        values.put("data_segs_in", (long) info.dataSegmentsIn);
        values.put("data_segs_out", (long) info.dataSegmentsOut);
        values.put(
                "flags",
                (info.deliveryLimited ? DELIVERY_RATE_APP_LIMITED : 0L)
                        | (long) info.fastOpenFailure << FAST_OPEN_CLIENT_FAIL_SHIFT);
        values.put("delivery_rate", info.deliveryRate);
        values.put("busy_time", info.busyTime);
        values.put("rwnd_limited", info.windowLimitedTime);
        values.put("sndbuf_limited", info.bufferLimitedTime);
        values.put("delivered", info.delivered + synDelivered(info.state)); // Linux counts our SYN
        values.put("delivered_ce", (long) info.congestionEchoes);
        values.put("received_ce", (long) info.ecnReceived.cePackets);
        values.put("received_e1_bytes", (long) info.ecnReceived.ect1Bytes);
        values.put("received_e0_bytes", (long) info.ecnReceived.ect0Bytes);
        values.put("received_ce_bytes", (long) info.ecnReceived.ceBytes);
        values.put("delivered_e1_bytes", (long) info.ecnSent.ect1Bytes);
        values.put("delivered_e0_bytes", (long) info.ecnSent.ect0Bytes);
        values.put("delivered_ce_bytes", (long) info.ecnSent.ceBytes);
        values.put("ecn_modes", (long) (ecnMode(info) | (info.accurateEcnOption ? OPTION_WITH_COUNTS : 0)));
        values.put("bytes_sent", info.bytesSent);
        values.put("bytes_retrans", info.bytesRetransmitted);
        values.put("dsack_dups", (long) info.duplicatesReported);
        values.put("reord_seen", (long) info.reorderings);
        values.put("rcv_ooopack", (long) info.receivedAhead);
        values.put("total_rto", Math.min(info.timeouts, 0xFFFFL));
        values.put("total_rto_recoveries", Math.min(info.timeoutRecoveries, 0xFFFFL));
        values.put("total_rto_time", info.timeoutTime / 1_000);
        values.put("snd_wnd", (long) info.sendWindow);
        values.put("rcv_wnd", (long) info.receiveWindow);
        return values;
    }

    private static long synDelivered(TcpState state) {
        return switch (state) {
            case CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED -> 0;
            default -> 1;
        };
    }

    private static int ecnMode(TcpInfo info) {
        return info.accurateEcn ? ECN_ACCURATE : info.ecn ? ECN_CLASSIC : 0;
    }

    private static int options(TcpInfo info) {
        final boolean scaled = info.sendWindowScale != 0 || info.receiveWindowScale != 0;
        return (info.timestamps ? TIMESTAMPS : 0)
                | (info.sack ? SACK : 0)
                | (scaled ? WINDOW_SCALE : 0)
                | (info.ecn ? ECN : 0)
                | (info.congestionMarks > 0 ? ECN_SEEN : 0)
                | (info.synData ? SYN_DATA : 0);
    }

    /** The number of a state in {@code tcp_states.h}. */
    static int state(TcpState state) {
        return switch (state) {
            case ESTABLISHED -> 1;
            case SYN_SENT -> 2;
            case SYN_RECEIVED -> 3;
            case FIN_WAIT_1 -> 4;
            case FIN_WAIT_2 -> 5;
            case TIME_WAIT, CLOSED -> 7; // what is in TIME-WAIT has no socket any more, and leaves it closed
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
            case MARKED -> 2;
            case RECOVERY -> 3;
            case LOSS -> 4;
        };
    }

    private static long segments(int bytes, long mss) {
        return (bytes + mss - 1) / mss;
    }

    /** All ones for none. */
    private static long rate(long bytesASecond) {
        return bytesASecond == Long.MAX_VALUE ? -1 : bytesASecond;
    }

    private static long age(long at, long now) {
        return Math.clamp((now - at) / 1_000, 0, Integer.MAX_VALUE);
    }
}
