package io.millrace.bench.packetdrill;

import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.socket.tcp.config.MtuProbing;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.socket.tcp.config.TcpFastOpen;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Linux's settings of TCP, with the values that packetdrill's own tests start from, and what each is in our
 * configuration. A setting that we have no counterpart for can be set to what it is anyway.
 */
final class Sysctls {
    private static final String PREFIX = "net.ipv4.";
    private static final int MILLISECOND = 1_000;
    private static final long SECOND = 1_000_000;
    /** Of IPv4 and TCP, options apart. */
    private static final int HEADERS = 40;

    /** What Linux does unless told otherwise, of what our stack does too. */
    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("tcp_rmem", "4096 540000 15728640"),
            Map.entry("tcp_wmem", "4096 262144 4194304"),
            Map.entry("tcp_timestamps", "1"),
            Map.entry("tcp_sack", "1"),
            Map.entry("tcp_early_retrans", "3"),
            Map.entry("tcp_window_scaling", "1"),
            Map.entry("tcp_congestion_control", "cubic"),
            Map.entry("tcp_notsent_lowat", "4294967295"),
            Map.entry("tcp_syn_retries", "6"),
            Map.entry("tcp_syn_linear_timeouts", "0"),
            Map.entry("tcp_synack_retries", "5"),
            Map.entry("tcp_retries2", "15"),
            Map.entry("tcp_syncookies", "1"),
            Map.entry("tcp_max_syn_backlog", "1024"),
            Map.entry("tcp_fin_timeout", "60"),
            Map.entry("tcp_rto_min_us", "200000"),
            Map.entry("tcp_rto_max_ms", "60000"),
            Map.entry("tcp_ecn", "2"),
            Map.entry("tcp_ecn_option", "2"),
            Map.entry("tcp_ecn_fallback", "1"),
            Map.entry("tcp_mtu_probing", "0"),
            Map.entry("tcp_base_mss", "1024"),
            Map.entry("tcp_probe_interval", "600"),
            Map.entry("tcp_fastopen", "1"),
            Map.entry("tcp_fastopen_key", "00000000-00000000-00000000-00000000"),
            Map.entry("tcp_fastopen_blackhole_timeout_sec", "0"),
            Map.entry("ip_default_ttl", "64"));

    /** Least value of tcp_early_retrans that has tail loss probes sent. */
    private static final int PROBES = 3;

    /** Bits of tcp_fastopen. */
    private static final int CLIENT = 1;

    private static final int SERVER = 2;
    private static final int CLIENT_WITHOUT_COOKIE = 4;
    private static final int SERVER_WITHOUT_COOKIE = 0x200;
    /** Every listener has it, option or not. */
    private static final int SERVER_ALWAYS = 0x400;

    private static final int QUEUE = 128;

    /** Which of the three sizes of a buffer it has at first, and at last. */
    private static final int USUAL = 1;

    private static final int MOST = 2;
    /** What Linux offers at first, of whatever buffer; the window grows from there. */
    private static final int FIRST_WINDOW = 0xFFFF;

    /** What Linux does and our stack does as well, always. */
    private static final Map<String, String> FIXED = Map.ofEntries(
            Map.entry("tcp_dsack", "1"),
            Map.entry("tcp_fack", "0"),
            Map.entry("tcp_frto", "2"),
            Map.entry("tcp_recovery", "1"),
            Map.entry("tcp_reordering", "3"),
            Map.entry("tcp_abc", "0"),
            Map.entry("tcp_no_metrics_save", "0 1"),
            Map.entry("tcp_moderate_rcvbuf", "0 1"),
            Map.entry("tcp_slow_start_after_idle", "0 1"),
            Map.entry("tcp_tw_reuse", "0 1 2"),
            Map.entry("tcp_thin_linear_timeouts", "0"),
            Map.entry("tcp_rfc1337", "0 1"),
            Map.entry("tcp_stdurg", "0"),
            Map.entry("tcp_shrink_window", "0"),
            Map.entry("tcp_abort_on_overflow", "0"),
            Map.entry("tcp_autocorking", "0 1"));

    /** What says how a segment is cut in pieces by a device, or what no script can see. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "tcp_tso_win_divisor",
            "tcp_min_tso_segs",
            "tcp_tso_rtt_log",
            "tcp_pacing_ss_ratio",
            "tcp_pacing_ca_ratio",
            "tcp_limit_output_bytes",
            "tcp_fastopen_cookies",
            "tcp_min_snd_mss",
            "tcp_invalid_ratelimit",
            "tcp_challenge_ack_limit",
            "tcp_app_win",
            "tcp_adv_win_scale",
            "tcp_comp_sack_nr",
            "tcp_ecn_option_beacon", // every segment has the option
            "tcp_comp_sack_delay_ns",
            "tcp_migrate_req",
            "tcp_workaround_signed_windows",
            "icmp_ratelimit",
            "icmp_msgs_per_sec",
            "ip_no_pmtu_disc",
            "ip_local_port_range");

    private final Map<String, String> values = new TreeMap<>(DEFAULTS);
    private final Settings settings;
    private final @Nullable FreeBsdSysctls freeBsd;
    private final Surroundings surroundings = new Surroundings();
    private boolean fairQueue;
    private TcpCustoms customs = TcpCustoms.STANDARD;

    /** Settings of a script's system. */
    Sysctls(final Settings settings) {
        this.settings = settings;
        freeBsd = settings.freeBsd ? new FreeBsdSysctls(settings) : null;
    }

    /** What is around the stack. */
    Surroundings surroundings() {
        return surroundings;
    }

    /**
     * Sets one.
     *
     * @param name with dots or slashes
     * @return null, or what there is none of here
     */
    @Nullable
    String set(final String name, final String value) {
        final String dotted = name.replace('/', '.').replace(".proc.sys.", "");
        if (freeBsd != null && FreeBsdSysctls.has(dotted)) {
            return freeBsd.set(dotted, value.strip());
        }
        if (!dotted.startsWith(PREFIX)) {
            return dotted.startsWith("net.core.") ? null : "the sysctl " + dotted;
        }
        final String key = dotted.substring(PREFIX.length());
        final String trimmed = value.replace("\"", "").replace("'", "").strip().replaceAll("\\s+", " ");
        if (values.containsKey(key)) {
            values.put(key, trimmed);
            if (key.equals("tcp_congestion_control") && CongestionAlgorithm.named(trimmed) == null) {
                return "the congestion control " + trimmed;
            }
            return null;
        }
        if (WITHOUT_EFFECT.contains(key)) {
            return null;
        }
        final String fixed = FIXED.get(key);
        return fixed != null && (" " + fixed + " ").contains(" " + trimmed + " ")
                ? null
                : "the sysctl " + dotted + "=" + trimmed;
    }

    /** Our configuration that does the same. */
    TcpConfig config() {
        if (freeBsd != null) {
            return freeBsd.config();
        }
        final CongestionAlgorithm congestion = CongestionAlgorithm.named(value("tcp_congestion_control"));
        final int receive = size("tcp_rmem", USUAL);
        return TcpConfig.builder()
                .receiveBuffer(Math.min(receive, FIRST_WINDOW))
                .receiveBufferLimit(Math.max(receive, size("tcp_rmem", MOST)))
                .sendBuffer(size("tcp_wmem", MOST))
                .bufferMemory(8L * 1024 * 1024)
                .expectedConnections(16)
                .maxConnections(1024)
                .timestamps(!value("tcp_timestamps").equals("0"))
                .sack(number("tcp_sack") != 0)
                .tailLossProbes(number("tcp_early_retrans") >= PROBES)
                .windowScaling(number("tcp_window_scaling") != 0)
                .ecn(
                        switch (number("tcp_ecn")) {
                            case 0 -> EcnMode.OFF;
                            case 1 -> EcnMode.REQUEST;
                            case 2 -> EcnMode.ACCEPT;
                            case 3 -> EcnMode.REQUEST_ACCURATE;
                            case 4 -> EcnMode.REQUEST_ACCEPT_ACCURATE;
                            case 5 -> EcnMode.ACCEPT_ACCURATE;
                            default -> throw new IllegalArgumentException("tcp_ecn is 0 to 5");
                        })
                .accurateEcnOption(number("tcp_ecn_option") != 0)
                .ecnSynRetries(number("tcp_ecn_fallback") == 0 ? Byte.MAX_VALUE : 0)
                .ecnChecks(number("tcp_ecn_fallback") != 0)
                .pacing(fairQueue)
                .mtuProbing(
                        switch (number("tcp_mtu_probing")) {
                            case 0 -> MtuProbing.OFF;
                            case 1 -> MtuProbing.BLACK_HOLE;
                            default -> MtuProbing.ALWAYS;
                        })
                .baseMtu(number("tcp_base_mss") + HEADERS)
                .mtuProbeInterval(number("tcp_probe_interval") * SECOND)
                .congestionControl(congestion == null ? CongestionAlgorithm.CUBIC : congestion)
                .notSentLowWater(notSentLowWater())
                .synRetries(number("tcp_syn_retries"))
                .linearSynTimeouts(number("tcp_syn_linear_timeouts"))
                .synAckRetries(number("tcp_synack_retries"))
                .dataRetries(number("tcp_retries2"))
                .synCookies(
                        switch (number("tcp_syncookies")) {
                            case 0 -> CookieMode.OFF;
                            case 1 -> CookieMode.WHEN_FULL;
                            default -> CookieMode.ALWAYS;
                        })
                .synBacklog(number("tcp_max_syn_backlog"))
                .finWait2(number("tcp_fin_timeout") * SECOND)
                .minRto(number("tcp_rto_min_us"))
                .maxRto(number("tcp_rto_max_ms") * MILLISECOND)
                .hopLimit(number("ip_default_ttl"))
                .fastOpen(fastOpen())
                .customs(customs)
                .build();
    }

    private TcpFastOpen fastOpen() {
        final int bits = Long.decode(value("tcp_fastopen")).intValue();
        return TcpFastOpen.defaults()
                .withClient((bits & CLIENT) != 0)
                .withClientWithoutCookie((bits & CLIENT_WITHOUT_COOKIE) != 0)
                .withQueue((bits & SERVER) != 0 && (bits & SERVER_ALWAYS) != 0 ? QUEUE : 0)
                .withServerWithoutCookie((bits & SERVER_WITHOUT_COOKIE) != 0)
                .withKeys(FastOpenKeys.parse(value("tcp_fastopen_key")))
                .withPathPause(0)
                .withBlackHolePause(number("tcp_fastopen_blackhole_timeout_sec") * SECOND);
    }

    /** Sets what the script does that packetdrill's own tests begin with, of what differs from Linux's defaults. */
    void setTestDefaults() {
        customs = TcpCustoms.LINUX;
        values.put("tcp_ecn", "0");
        values.put("tcp_syn_retries", "5");
        values.put("tcp_fastopen", "0x70403");
        values.put("tcp_fastopen_key", "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4");
    }

    /** Sets what the link carries. Returns false, and nothing changed, if no link does. */
    boolean mtu(final int bytes) {
        return settings.setMtu(bytes);
    }

    /** The device's queue paces or does not: without one that does, Linux sends Cubic's window as it opens. */
    void setFairQueue(final boolean paces) {
        fairQueue = paces;
    }

    private String value(final String key) {
        return values.getOrDefault(key, "");
    }

    private int number(final String key) {
        return (int) Long.parseLong(value(key));
    }

    /** A number without sign; 0 lets nothing wait, which one byte comes to. */
    private int notSentLowWater() {
        final int bytes = number("tcp_notsent_lowat");
        return bytes < 0 ? 1 << 30 : Math.clamp(bytes, 1, 1 << 30);
    }

    /** One of the three sizes of a setting. */
    private int size(final String key, final int which) {
        final String[] sizes = value(key).split(" ", -1);
        return Math.clamp(Long.parseLong(sizes[Math.min(which, sizes.length - 1)]), 1, 1 << 30);
    }
}
