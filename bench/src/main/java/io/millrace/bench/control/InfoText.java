package io.millrace.bench.control;

import io.millrace.bench.socketapi.TcpInfoLayout;
import io.millrace.stack.socket.tcp.ListenerInfo;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSnapshot;
import java.util.Locale;

/**
 * What is inside a connection or a listener, of connections in the words of Linux's {@code ss -ti}: round-trip times
 * and ages in milliseconds.
 */
final class InfoText {
    /** Counts that wrap are unsigned. */
    private static final long UNSIGNED = 0xFFFF_FFFFL;

    private InfoText() {}

    /**
     * One line: what a snapshot tells of a connection's or a listener's inside, empty if nothing.
     *
     * @param now on the clock of the connection's times, microseconds
     */
    static String of(TcpSnapshot snapshot, long now) {
        final TcpInfo info = snapshot.info();
        final ListenerInfo listener = snapshot.listener();
        return info != null ? of(info, now) : listener != null ? of(listener) : "";
    }

    private static String of(ListenerInfo listener) {
        return "accepted:" + listener.accepted() + " half_open:" + listener.halfOpen()
                + " syn_overflows:" + listener.synOverflows() + " accept_overflows:" + listener.acceptOverflows()
                + " cookies:" + listener.cookiesSent() + '/' + listener.cookiesAccepted()
                + " deferred:" + listener.deferred() + " handshake_timeouts:" + listener.handshakeTimeouts();
    }

    private static String of(TcpInfo info, long now) {
        final StringBuilder text = new StringBuilder();
        text.append(info.timestamps ? "ts " : "");
        text.append(info.sack ? "sack " : "");
        text.append(info.congestion.name().toLowerCase(Locale.ROOT));
        if (info.sendWindowScale != 0 || info.receiveWindowScale != 0) {
            text.append(" wscale:").append(info.sendWindowScale).append(',').append(info.receiveWindowScale);
        }
        text.append(" rto:").append(millis(info.rto));
        if (info.backoff > 0) {
            text.append(" backoff:").append(info.backoff);
        }
        if (info.rtt > 0) {
            text.append(" rtt:").append(millis(info.rtt)).append('/').append(millis(info.rttVariation));
        }
        final int mss = Math.max(1, info.sendMss);
        text.append(" mss:").append(info.sendMss);
        text.append(" rcvmss:").append(info.receiveMss);
        text.append(" advmss:").append(TcpInfoLayout.payloadAnnounced(info));
        text.append(" cwnd:").append(Math.max(1, info.congestionWindow / mss));
        if (info.slowStartThreshold != Integer.MAX_VALUE) {
            text.append(" ssthresh:").append(Math.max(1, info.slowStartThreshold / mss));
        }
        add(text, "bytes_sent", info.bytesSent);
        add(text, "bytes_retrans", info.bytesRetransmitted);
        add(text, "bytes_acked", info.bytesAcknowledged);
        add(text, "bytes_received", info.bytesReceived);
        add(text, "segs_out", info.segmentsOut & UNSIGNED);
        add(text, "segs_in", info.segmentsIn & UNSIGNED);
        add(text, "data_segs_out", info.dataSegmentsOut & UNSIGNED);
        add(text, "data_segs_in", info.dataSegmentsIn & UNSIGNED);
        if (info.rate > 0) {
            text.append(" send ").append(8 * info.rate).append("bps");
        }
        if (info.lastSentAt > 0) {
            add(text, "lastsnd", (now - info.lastSentAt) / 1_000);
        }
        if (info.lastReceivedAt > 0) {
            add(text, "lastrcv", (now - info.lastDataReceivedAt) / 1_000);
            add(text, "lastack", (now - info.lastReceivedAt) / 1_000);
        }
        rates(text, info);
        add(text, "unacked", segments(info.unacknowledged, mss));
        if (info.totalRetransmits != 0) {
            text.append(" retrans:").append(info.retransmitted).append('/').append(info.totalRetransmits);
        }
        add(text, "lost", info.lostSegments);
        add(text, "sacked", segments(info.sacked, mss));
        add(text, "dsack_dups", info.duplicatesReported & UNSIGNED);
        add(text, "reord_seen", info.reorderings & UNSIGNED);
        add(text, "notsent", info.notSent);
        if (info.leastRtt > 0) {
            text.append(" minrtt:").append(millis(info.leastRtt));
        }
        add(text, "rcv_ooopack", info.receivedAhead & UNSIGNED);
        text.append(" snd_wnd:").append(info.sendWindow);
        text.append(" rcv_wnd:").append(info.receiveWindow);
        return text.toString();
    }

    private static void rates(StringBuilder text, TcpInfo info) {
        if (info.pacingRate != Long.MAX_VALUE) {
            text.append(" pacing_rate ").append(8 * info.pacingRate).append("bps");
            if (info.maxPacingRate != Long.MAX_VALUE) {
                text.append('/').append(8 * info.maxPacingRate).append("bps");
            }
        }
        if (info.deliveryRate > 0) {
            text.append(" delivery_rate ").append(8 * info.deliveryRate).append("bps");
        }
        add(text, "delivered", info.delivered & UNSIGNED);
        add(text, "delivered_ce", info.congestionEchoes & UNSIGNED);
        add(text, "received_ce", info.ecnReceived.cePackets & UNSIGNED);
        text.append(info.deliveryLimited ? " app_limited" : "");
        share(text, "busy", info.busyTime, 0);
        share(text, "rwnd_limited", info.windowLimitedTime, info.busyTime);
        share(text, "sndbuf_limited", info.bufferLimitedTime, info.busyTime);
    }

    /** A time in milliseconds, and its share of another if that is not 0. */
    private static void share(StringBuilder text, String name, long micros, long of) {
        if (micros >= 1_000) {
            text.append(' ').append(name).append(':').append(micros / 1_000).append("ms");
            text.append(of == 0 ? "" : String.format(Locale.ROOT, "(%.1f%%)", 100.0 * micros / of));
        }
    }

    /** Nothing for 0, as ss does. */
    private static void add(StringBuilder text, String name, long value) {
        if (value > 0) {
            text.append(' ').append(name).append(':').append(value);
        }
    }

    private static int segments(int bytes, int mss) {
        return (bytes + mss - 1) / mss;
    }

    /** Milliseconds with as many decimals as there are, three at most. */
    private static String millis(long micros) {
        if (micros % 1_000 == 0) {
            return Long.toString(micros / 1_000);
        }
        return String.format(Locale.ROOT, "%.3f", micros / 1_000.0).replaceFirst("0+$", "");
    }
}
