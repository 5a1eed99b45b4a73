package io.millrace.config.tcp;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One thing that can be set of TCP. In lower case, with dashes, its name is its key. */
public enum TcpSetting {
    /** The algorithm of the congestion window. */
    CONGESTION(
            "tcp_congestion_control", "sets how much is in flight", "cubic", "reno", "bbr", "dctcp", "hybla", "none"),
    /** Whether a window is spread over a round trip. */
    PACING("", "spreads a window over the round trip; bbr does so always", TcpSyntax.SWITCH, 0, 1),
    /** Explicit congestion notification. */
    ECN(
            "tcp_ecn",
            "explicit congestion notification (RFC 3168, accurate: RFC 9768); dctcp needs it",
            "off",
            "accept",
            "request",
            "accept-accurate",
            "request-accept-accurate",
            "request-accurate"),
    /** Whether accurate notification tells bytes. */
    ACCURATE_ECN_OPTION("tcp_ecn_option", "accurate notification tells bytes, too", TcpSyntax.SWITCH, 0, 1),
    /** SYNs that ask for it. */
    ECN_SYN_RETRIES("", "retransmissions of a SYN that still ask for that", TcpSyntax.COUNT, 0, 127),
    /** Whether code points that change on the way matter. */
    ECN_CHECKS(
            "tcp_ecn_fallback",
            "nothing is to be marked where code points of the handshake change on the way (RFC 9768)",
            TcpSyntax.SWITCH,
            0,
            1),
    /** Selective acknowledgments. */
    SACK("tcp_sack", "selective acknowledgments (RFC 2018)", TcpSyntax.SWITCH, 0, 1),
    /** Tail loss probes. */
    TAIL_LOSS_PROBES(
            "tcp_early_retrans",
            "one segment ahead of the timeout when acknowledgments stay away (RFC 8985)",
            TcpSyntax.SWITCH,
            0,
            1),
    /** Timestamps. */
    TIMESTAMPS("tcp_timestamps", "timestamps (RFC 7323)", TcpSyntax.SWITCH, 0, 1),
    /** Windows of more than 64 KiB. */
    WINDOW_SCALING("tcp_window_scaling", "windows beyond 64 KiB (RFC 7323)", TcpSyntax.SWITCH, 0, 1),
    /** Nagle's algorithm off. */
    NO_DELAY("", "connections begin without Nagle's algorithm", TcpSyntax.SWITCH, 0, 1),
    /** Whether the largest segments that a path carries are searched for. */
    MTU_PROBING(
            "tcp_mtu_probing", "search for the largest packets of a path (RFC 8899)", "off", "black-hole", "always"),
    /** What such a search begins with. */
    BASE_MTU("tcp_base_mss", "packets that such a search takes for granted", TcpSyntax.BYTES, 576, 9_000),
    /** How long it rests. */
    MTU_PROBE_INTERVAL("tcp_probe_interval", "how long such a search rests", TcpSyntax.TIME, 1_000_000, TcpSyntax.DAY),
    /** Least MSS that a peer may ask for. */
    MIN_MSS("tcp_min_snd_mss", "a peer's smaller MSS is raised to this", TcpSyntax.BYTES, 28, 536),
    /** Largest MSS. */
    MAX_MSS("", "largest MSS announced or used", TcpSyntax.BYTES, 88, 65_495),
    /** TTL. */
    HOP_LIMIT("ip_default_ttl", "TTL or hop limit of what is sent", TcpSyntax.COUNT, 1, 255),
    /** Send buffer, at first. */
    SEND_BUFFER(
            "tcp_wmem, 2nd",
            "most of a connection that waits for acknowledgment, at first",
            TcpSyntax.BYTES,
            1,
            1 << 30),
    /** Send buffer, at last. */
    SEND_BUFFER_LIMIT("tcp_wmem, 3rd", "what that grows to", TcpSyntax.BYTES, 1, 1 << 30),
    /** Receive buffer, at first. */
    RECEIVE_BUFFER(
            "tcp_rmem, 2nd", "most of a connection that waits to be read, at first", TcpSyntax.BYTES, 1, 1 << 30),
    /** Receive buffer, at last. */
    RECEIVE_BUFFER_LIMIT("tcp_rmem, 3rd", "what that grows to", TcpSyntax.BYTES, 1, 1 << 30),
    /** What may be queued and not sent. */
    NOT_SENT_LOW_WATER(
            "tcp_notsent_lowat",
            "most of a connection that is queued and not sent; 1G for no limit",
            TcpSyntax.BYTES,
            1,
            1 << 30),
    /** All buffers of a shard. */
    BUFFER_MEMORY("tcp_mem", "for the buffers of all connections of a shard", TcpSyntax.BYTES, 1 << 16, 1L << 40),
    /** Least retransmission timeout. */
    MIN_RTO("tcp_rto_min_us", "least retransmission timeout beyond the round trip", TcpSyntax.TIME, 1_000, 60_000_000),
    /** Retransmission timeout before the first round trip. */
    INITIAL_RTO("", "retransmission timeout before a round trip is known", TcpSyntax.TIME, 1_000, 60_000_000),
    /** Largest retransmission timeout. */
    MAX_RTO("tcp_rto_max_ms", "largest retransmission timeout", TcpSyntax.TIME, 1_000_000, 600_000_000),
    /** Retransmissions of a SYN. */
    SYN_RETRIES("tcp_syn_retries", "retransmissions of a SYN before connecting fails", TcpSyntax.COUNT, 0, 127),
    /** How long those come at the same distance. */
    LINEAR_SYN_TIMEOUTS(
            "tcp_syn_linear_timeouts",
            "how many more of these come before, without longer and longer timeouts",
            TcpSyntax.COUNT,
            0,
            127),
    /** Time to connect. */
    CONNECT_TIMEOUT(
            "",
            "how long connecting takes at most; 0 for as long as SYNs are sent again",
            TcpSyntax.TIME,
            0,
            TcpSyntax.DAY),
    /** Retransmissions of a SYN-ACK. */
    SYN_ACK_RETRIES("tcp_synack_retries", "retransmissions of a SYN-ACK", TcpSyntax.COUNT, 0, 127),
    /** Retransmissions of data. */
    DATA_RETRIES("tcp_retries2", "retransmissions before a connection is given up", TcpSyntax.COUNT, 0, 127),
    /** How long an acknowledgment waits. */
    DELAYED_ACK("", "longest time that an acknowledgment waits; 0 sends it at once", TcpSyntax.TIME, 0, 500_000),
    /** Acknowledgments that do not wait, at the start. */
    QUICK_ACKS("", "acknowledgments at the start that do not wait for answers", TcpSyntax.COUNT, 0, 127),
    /** Time without progress. */
    USER_TIMEOUT(
            "", "time without progress before a connection is given up; 0 for never", TcpSyntax.TIME, 0, TcpSyntax.DAY),
    /** Silence before the first probe. */
    KEEPALIVE_IDLE(
            "tcp_keepalive_time",
            "silence after which the peer is probed; 0 for never",
            TcpSyntax.TIME,
            0,
            365 * TcpSyntax.DAY),
    /** Between probes. */
    KEEPALIVE_INTERVAL("tcp_keepalive_intvl", "time between probes", TcpSyntax.TIME, 1_000, TcpSyntax.DAY),
    /** Probes without an answer. */
    KEEPALIVE_PROBES("tcp_keepalive_probes", "unanswered probes before it is given up", TcpSyntax.COUNT, 1, 127),
    /** Half-closed connections. */
    FIN_TIMEOUT(
            "tcp_fin_timeout",
            "how long a closed connection waits for its peer; 0 for ever",
            TcpSyntax.TIME,
            0,
            TcpSyntax.DAY),
    /** TIME-WAIT. */
    TIME_WAIT("", "how long TIME-WAIT lasts", TcpSyntax.TIME, 0, 240_000_000),
    /** Connections in TIME-WAIT. */
    MAX_TIME_WAIT("tcp_max_tw_buckets", "most connections in TIME-WAIT", TcpSyntax.COUNT, 0, 1 << 24),
    /** Half-open connections. */
    SYN_BACKLOG("tcp_max_syn_backlog", "most half-open connections of a listener", TcpSyntax.COUNT, 1, 1_000_000),
    /** SYN cookies. */
    SYN_COOKIES("tcp_syncookies", "when SYNs are answered with cookies (RFC 4987)", "off", "when-full", "always"),
    /** Data in our SYNs. */
    FAST_OPEN("tcp_fastopen, 1", "connections may send data with their SYN (RFC 7413)", TcpSyntax.SWITCH, 0, 1),
    /** Data in SYNs of others. */
    FAST_OPEN_QUEUE(
            "tcp_fastopen, 2 and 1024",
            "most connections of a listener that a SYN opened and that are pending; 0 for none",
            TcpSyntax.COUNT,
            0,
            1_000_000),
    /** What cookies are made with. */
    FAST_OPEN_KEY(
            "tcp_fastopen_key",
            "makes cookies, with perhaps the previous one; hosts behind one address share it",
            TcpSyntax.KEYS,
            0,
            0),
    /** Data in SYNs that have no cookie. */
    FAST_OPEN_NO_COOKIE(
            "tcp_fastopen, 4 and 512",
            "SYNs send data, or have it taken, without cookies; not for the Internet",
            "no",
            "client",
            "server",
            "both"),
    /** Servers whose cookies are kept. */
    FAST_OPEN_COOKIES("", "servers whose Fast Open cookies are remembered", TcpSyntax.COUNT, 1, 1 << 20),
    /** How long a server is spared. */
    FAST_OPEN_PATH_PAUSE(
            "", "how long a server is spared that took no data of a SYN; 0 for not", TcpSyntax.TIME, 0, TcpSyntax.DAY),
    /** How long all are spared. */
    FAST_OPEN_PAUSE(
            "tcp_fastopen_blackhole_timeout_sec",
            "how long all are spared once a path swallowed a connection; 0 for not",
            TcpSyntax.TIME,
            0,
            TcpSyntax.DAY),
    /** Our UDP port for TCP within UDP. */
    UDP_ENCAPSULATION_PORT("", "UDP port of ours where TCP comes within UDP; 0 for none", TcpSyntax.COUNT, 0, 65_535),
    /** What segments within UDP are smaller. */
    UDP_ENCAPSULATION_OVERHEAD("", "what segments within UDP are smaller", TcpSyntax.BYTES, 8, 1_024),
    /** What systems do differently. */
    CUSTOMS("", "what is done where the standards leave a choice, or Linux does not follow them", "standard", "linux"),
    /** All connections. */
    MAX_CONNECTIONS("", "most connections of a shard", TcpSyntax.COUNT, 1, 1 << 26),
    /** Lowest port. */
    FIRST_PORT("ip_local_port_range, 1st", "lowest port of connections that we open", TcpSyntax.COUNT, 1, 65_535),
    /** Highest port. */
    LAST_PORT("ip_local_port_range, 2nd", "highest port of connections that we open", TcpSyntax.COUNT, 1, 65_535),
    /** Gaps in what was received. */
    REASSEMBLY_RANGES("", "most gaps in what a connection received", TcpSyntax.COUNT, 1, 65_536),
    /** Challenge acknowledgments. */
    CHALLENGE_ACKS(
            "tcp_challenge_ack_limit", "challenges of a connection in a second (RFC 5961)", TcpSyntax.COUNT, 1, 32_767),
    /** Resets. */
    RESETS_PER_SECOND("", "resets for segments that belong to no connection", TcpSyntax.COUNT, 0, 1_000_000);

    private final String sysctl;
    private final String summary;
    private final TcpSyntax syntax;
    private final long min;
    private final long max;
    /** The words with bars between. */
    private final String words;

    TcpSetting(String sysctl, String summary, TcpSyntax syntax, long min, long max) {
        this.sysctl = sysctl;
        this.summary = summary;
        this.syntax = syntax;
        this.min = min;
        this.max = max;
        this.words = "";
    }

    TcpSetting(String sysctl, String summary, String... choices) {
        this.sysctl = sysctl;
        this.summary = summary;
        this.syntax = TcpSyntax.CHOICE;
        this.min = 0;
        this.max = choices.length - 1L;
        this.words = String.join("|", choices);
    }

    /** What files and flags call it. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All keys. */
    public static List<String> keys() {
        return Arrays.stream(values()).map(TcpSetting::key).toList();
    }

    /** What has this key, or null. */
    public static @Nullable TcpSetting of(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElse(null);
    }

    /** Linux's sysctl under {@code net.ipv4} that it is like; empty if there is none. */
    public String sysctl() {
        return sysctl;
    }

    /** A line about it. */
    public String summary() {
        return summary;
    }

    /** The words that are its values, numbered from 0; empty if it is no choice of words. */
    public List<String> choices() {
        return words.isEmpty() ? List.of() : List.of(words.split("\\|"));
    }

    /** How a value is written. */
    public String text(TcpValue value) {
        return switch (syntax) {
            case CHOICE -> choices().get((int) value.number());
            case KEYS -> value.text();
            default -> syntax.text(value.number());
        };
    }

    /** What may be written. */
    public String range() {
        return switch (syntax) {
            case CHOICE -> words;
            case SWITCH -> "yes|no";
            case KEYS -> "own or KEY[+PREVIOUS]";
            default -> syntax.text(min) + " to " + syntax.text(max);
        };
    }

    TcpSyntax syntax() {
        return syntax;
    }

    long min() {
        return min;
    }

    long max() {
        return max;
    }
}
