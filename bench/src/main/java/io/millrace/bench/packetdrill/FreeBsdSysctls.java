package io.millrace.bench.packetdrill;

import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.MtuProbing;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * FreeBSD's settings of TCP with its defaults, and what each is in our configuration. A script that sets one is
 * FreeBSD's; what else it takes for granted is in {@link Settings}.
 */
final class FreeBsdSysctls {
    /** What defines FreeBSD in a script. */
    static final String NAME = "FreeBSD";

    private static final String TCP = "net.inet.tcp.";
    private static final String LARGEST_BUFFER = "kern.ipc.maxsockbuf";
    private static final int MILLISECOND = 1000;
    private static final int LARGEST = 1 << 30;
    /** TCP_MAXRXTSHIFT. */
    private static final int SYN_RETRIES = 12;

    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry(TCP + "rfc1323", "1"),
            Map.entry(TCP + "sack.enable", "1"),
            Map.entry(TCP + "ecn.enable", "2"),
            Map.entry(TCP + "recvspace", "65536"),
            Map.entry(TCP + "sendspace", "32768"),
            Map.entry(LARGEST_BUFFER, "2097152"),
            Map.entry(TCP + "rexmit_initial", "1000"),
            Map.entry(TCP + "rexmit_slop", "200"),
            Map.entry(TCP + "delacktime", "40"),
            Map.entry(TCP + "delayed_ack", "1"),
            Map.entry(TCP + "keepidle", "7200000"),
            Map.entry(TCP + "keepintvl", "75000"),
            Map.entry(TCP + "keepcnt", "8"),
            Map.entry(TCP + "msl", "30000"),
            Map.entry(TCP + "finwait2_timeout", "60000"),
            Map.entry(TCP + "minmss", "216"),
            Map.entry(TCP + "insecure_rst", "0"),
            Map.entry(TCP + "insecure_syn", "0"),
            Map.entry(TCP + "drop_synfin", "1"),
            Map.entry(TCP + "syncookies", "1"),
            Map.entry(TCP + "syncookies_only", "0"),
            Map.entry(TCP + "fastopen.client_enable", "1"),
            Map.entry(TCP + "udp_tunneling_port", "0"),
            Map.entry(TCP + "udp_tunneling_overhead", "8"),
            Map.entry(TCP + "icmp_may_rst", "1"),
            Map.entry(TCP + "ecn.maxretries", "1"),
            Map.entry(TCP + "rexmit_drop_options", "0"),
            Map.entry(TCP + "keepinit", "75000"),
            Map.entry(TCP + "pmtud_blackhole_detection", "0"),
            Map.entry(TCP + "pmtud_blackhole_mss", "1200"),
            Map.entry(TCP + "v6pmtud_blackhole_mss", "1220"),
            Map.entry(TCP + "cc.algorithm", "cubic"));

    /** What our stack does as well, always. */
    private static final Map<String, String> FIXED = Map.ofEntries(
            Map.entry(TCP + "blackhole", "0"),
            Map.entry(TCP + "tolerate_missing_ts", "0"),
            Map.entry(TCP + "path_mtu_discovery", "1"),
            Map.entry(TCP + "mssdflt", "536"),
            Map.entry(TCP + "v6mssdflt", "1220"),
            Map.entry(TCP + "initcwnd_segments", "10"),
            Map.entry(TCP + "abc_l_var", "2"),
            Map.entry(TCP + "rfc3042", "1"),
            Map.entry(TCP + "rfc3390", "1"));

    /** What no script can see: a fresh stack remembers no host. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(TCP + "hostcache.purgenow");

    private final Map<String, String> values = new TreeMap<>(DEFAULTS);
    private final int mss;
    private final int headers;
    private final boolean v4;
    private final boolean withinUdp;

    /** FreeBSD's defaults, on a script's interface. */
    FreeBsdSysctls(final Settings settings) {
        this.mss = settings.segment();
        this.headers = settings.headers();
        this.v4 = settings.v4();
        this.withinUdp = settings.tcpWithinUdp;
    }

    /** Whether a setting is FreeBSD's. */
    static boolean has(final String name) {
        return name.startsWith("net.inet.") || name.startsWith("net.inet6.") || name.startsWith("kern.ipc.");
    }

    /** Whether a script sets any. */
    static boolean isNamedIn(final String script) {
        return script.contains("net.inet.") || script.contains("kern.ipc.");
    }

    /** Sets one; returns null, or what there is none of here. */
    @Nullable
    String set(final String name, final String value) {
        if (name.equals(TCP + "cc.algorithm")) {
            values.put(name, value.equals("newreno") ? "reno" : value);
            return CongestionAlgorithm.named(values.get(name)) == null ? "the congestion control " + value : null;
        }
        if (values.containsKey(name)) {
            values.put(name, value);
            return null;
        }
        return WITHOUT_EFFECT.contains(name) || value.equals(FIXED.get(name))
                ? null
                : "the sysctl " + name + "=" + value;
    }

    /** Our configuration that does the same. */
    TcpConfig config() {
        final CongestionAlgorithm congestion = CongestionAlgorithm.named(values.getOrDefault(TCP + "cc.algorithm", ""));
        // FreeBSD rounds the receive buffer up to whole segments once it knows their size.
        final int receive = (buffer(TCP + "recvspace") + mss - 1) / mss * mss;
        final int send = buffer(TCP + "sendspace");
        return TcpConfig.builder()
                .receiveBuffer(receive)
                .receiveBufferLimit(Math.max(receive, buffer(LARGEST_BUFFER)))
                .sendBuffer(send)
                .sendBufferLimit(Math.max(send, buffer(LARGEST_BUFFER)))
                .bufferMemory(8L * 1024 * 1024)
                .expectedConnections(16)
                .maxConnections(1024)
                .timestamps(number(TCP + "rfc1323") != 0)
                .windowScaling(number(TCP + "rfc1323") != 0)
                .sack(number(TCP + "sack.enable") != 0)
                .ecn(
                        switch (number(TCP + "ecn.enable")) {
                            case 0 -> EcnMode.OFF;
                            case 1 -> EcnMode.REQUEST;
                            case 2 -> EcnMode.ACCEPT;
                            case 3 -> EcnMode.REQUEST_ACCURATE;
                            case 4 -> EcnMode.ACCEPT_ACCURATE;
                            default -> throw new IllegalArgumentException("ecn.enable is 0 to 4");
                        })
                .pacing(false)
                .congestionControl(congestion == null ? CongestionAlgorithm.CUBIC : congestion)
                .initialRto(micros(TCP + "rexmit_initial"))
                .minRto(Math.max(1, micros(TCP + "rexmit_slop")))
                .delayedAck(number(TCP + "delayed_ack") == 0 ? 0 : micros(TCP + "delacktime"))
                .quickAcks(0)
                .keepAliveIdle(Long.parseLong(values.getOrDefault(TCP + "keepidle", "0")) * MILLISECOND)
                .keepAliveInterval(micros(TCP + "keepintvl"))
                .keepAliveProbes(number(TCP + "keepcnt"))
                .connectTimeout(micros(TCP + "keepinit"))
                .synRetries(SYN_RETRIES)
                .ecnSynRetries(number(TCP + "ecn.maxretries"))
                .timeWait(2L * micros(TCP + "msl"))
                .finWait2(micros(TCP + "finwait2_timeout"))
                .minMss(number(TCP + "minmss"))
                .tailLossProbes(false) // which FreeBSD's usual TCP has not
                .mtuProbing(number(TCP + "pmtud_blackhole_detection") == 0 ? MtuProbing.OFF : MtuProbing.BLACK_HOLE)
                .baseMtu(baseMtu())
                .customs(TcpCustoms.STANDARD
                        .with(TcpCustom.BLIND_RESETS, number(TCP + "insecure_rst") != 0)
                        .with(TcpCustom.BLIND_SYNS, number(TCP + "insecure_syn") != 0)
                        .with(TcpCustom.SYNS_WITH_FIN, number(TCP + "drop_synfin") == 0)
                        .with(TcpCustom.BARE_LATE_SYNS, number(TCP + "rexmit_drop_options") != 0)
                        .with(TcpCustom.SPENT_HOPS_END_ATTEMPTS, number(TCP + "icmp_may_rst") != 0)
                        .with(TcpCustom.NO_ERROR_ENDS_ATTEMPTS, number(TCP + "icmp_may_rst") == 0)
                        .with(TcpCustom.UNREPORTED_FINS, true))
                .fastOpen(fastOpen -> fastOpen.withClient(number(TCP + "fastopen.client_enable") != 0))
                .udpEncapsulation(new UdpEncapsulation(
                        number(TCP + "udp_tunneling_port"), number(TCP + "udp_tunneling_overhead")))
                .synCookies(
                        number(TCP + "syncookies_only") != 0
                                ? CookieMode.ALWAYS
                                : number(TCP + "syncookies") != 0 ? CookieMode.WHEN_FULL : CookieMode.OFF)
                .build();
    }

    /** What a path that swallows longer packets is taken to carry. */
    private int baseMtu() {
        final int segment = number(TCP + (v4 ? "pmtud_blackhole_mss" : "v6pmtud_blackhole_mss"));
        return segment + headers + (withinUdp ? number(TCP + "udp_tunneling_overhead") : 0);
    }

    private int number(final String name) {
        return (int) Long.parseLong(values.getOrDefault(name, "0"));
    }

    private int micros(final String name) {
        return Math.toIntExact(
                Math.min(Integer.MAX_VALUE, Long.parseLong(values.getOrDefault(name, "0")) * MILLISECOND));
    }

    private int buffer(final String name) {
        return Math.clamp(Long.parseLong(values.getOrDefault(name, "0")), 1, LARGEST);
    }
}
