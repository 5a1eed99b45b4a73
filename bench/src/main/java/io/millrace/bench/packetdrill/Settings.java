package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import io.millrace.bench.packetdrill.script.Script;
import io.millrace.bench.packetdrill.script.ScriptException;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@code --name=value} sets, from the command line and then from the script. */
final class Settings {
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "gateway_ip",
            "netmask_ip",
            "init_scripts",
            "code_command",
            "code_format",
            "code_sockopt",
            "speed",
            "strict_segments",
            "tcp_ts_ecr_scaled",
            "debug",
            "verbose",
            "define",
            "is_anyip",
            "send_omit_free",
            "psp_udp_port");
    private static final Set<String> FAMILIES = Set.of("ipv4", "ipv4-mapped-ipv6", "ipv6");

    /** What packetdrill has, or FreeBSD's, for two machines and for other stacks. */
    private static final Set<String> ELSEWHERE = Set.of(
            "wire_client",
            "wire_server",
            "wire_server_ip",
            "wire_server_at",
            "wire_server_port",
            "wire_client_dev",
            "wire_server_dev",
            "so_filename",
            "so_flags",
            "tun_dev",
            "persistent_tun_dev");
    /** What every link carries (RFC 791 section 3.2). */
    private static final int LEAST_MTU = 68;

    private static final int MOST_MTU = 0xFFFF;

    private static final int V4_MTU = 1500;
    /** Room for the longer header, so that the segments of a script are as large as on IPv4. */
    private static final int V6_MTU = 1520;

    /** Of IP and TCP. */
    private static final int V4_HEADERS = 40;

    private static final int V6_HEADERS = 60;

    private String family = "ipv4";
    private int mtu;
    private @Nullable IpAddress localAddress;
    private @Nullable IpAddress remoteAddress;

    int bindPort = 8080;
    int connectPort = 8080;
    long toleranceMicros = 4000;
    double tolerancePercent = 12.5;
    /** Most bytes of payload in a segment that comes in; 0 for as many as the script says. */
    int mss;

    int timestampTickMicros;
    boolean ignorePackets;
    boolean ignoreCalls;
    boolean dryRun;
    /** Of {@link #signer()}; empty if there is none. */
    String md5Secret = "";
    /** Whether UDP carries TCP. */
    boolean tcpWithinUdp;
    /**
     * Whether the script is FreeBSD's: its sysctls say so. IPv6 has the same MTU as IPv4 then. Left to the sender are the
     * order of options and their padding (RFC 9293 section 3.1), and by less than a segment the window, whose right edge
     * it must not move in small steps (section 3.8.6.2.2) and FreeBSD does, the size of a buffer, which FreeBSD rounds,
     * and whether a FIN comes again with an acknowledgment.
     */
    boolean freeBsd;
    /** Whether the echoes of timestamps are compared, which packetdrill never does; our own {@code --check_ts_ecr}. */
    boolean checkEcho;

    /**
     * Looks at options of the command line.
     *
     * @throws ScriptException if one is none, or has a value that is none
     */
    static void check(final List<Script.Option> options) {
        final Settings settings = new Settings();
        options.forEach(settings::take);
    }

    /** Takes one option. */
    void take(final Script.Option option) {
        final String value = option.value();
        try {
            switch (option.name()) {
                case "ip_version" -> {
                    if (!FAMILIES.contains(value)) {
                        throw ScriptException.malformed(option.line(), "bad --ip_version: " + value);
                    }
                    family = value;
                }
                case "bind_port" -> bindPort = number(value, 1, Endpoint.MAX_PORT);
                case "connect_port" -> connectPort = number(value, 1, Endpoint.MAX_PORT);
                case "tolerance_usecs" -> toleranceMicros = number(value, 0, Integer.MAX_VALUE);
                case "tolerance_percent" -> tolerancePercent = percent(value);
                case "tcp_ts_tick_usecs" -> timestampTickMicros = number(value, 0, Integer.MAX_VALUE);
                case "mss" -> mss = number(value, 0, 0xFFFF);
                case "mtu" -> mtu = number(value, LEAST_MTU, MOST_MTU);
                case "local_ip" -> localAddress = address(option);
                case "remote_ip" -> remoteAddress = address(option);
                case "tcp_md5_secret" -> md5Secret = value;
                case "udp_encapsulation" -> {
                    if (!value.equals("tcp")) {
                        throw ScriptException.unsupported(option.line(), value + " within UDP");
                    }
                    tcpWithinUdp = true;
                }
                case "dry_run" -> dryRun = true;
                case "check_ts_ecr" -> checkEcho = true;
                case "non_fatal" -> {
                    ignorePackets |= value.contains("packet");
                    ignoreCalls |= value.contains("syscall");
                }
                default -> {
                    if (ELSEWHERE.contains(option.name())) {
                        throw ScriptException.unsupported(option.line(), "the option --" + option.name());
                    }
                    if (!WITHOUT_EFFECT.contains(option.name())) {
                        throw ScriptException.malformed(option.line(), "there is no option --" + option.name());
                    }
                }
            }
        } catch (final NumberFormatException e) {
            throw ScriptException.malformed(option.line(), "bad value of --" + option.name() + ": " + value);
        }
    }

    private static int number(final String value, final int least, final int most) {
        final int number = Integer.parseInt(value);
        if (number < least || number > most) {
            throw new NumberFormatException();
        }
        return number;
    }

    /** An address; the length of a prefix behind it says nothing here. */
    private static IpAddress address(final Script.Option option) {
        final String given = option.value();
        final int slash = given.indexOf('/');
        try {
            return IpAddress.parse(slash < 0 ? given : given.substring(0, slash));
        } catch (final IllegalArgumentException e) {
            throw ScriptException.malformed(option.line(), "bad address: " + given);
        }
    }

    private static double percent(final String value) {
        final double number = Double.parseDouble(value);
        if (!(number >= 0 && number <= 100)) {
            throw new NumberFormatException();
        }
        return number;
    }

    /** What signs segments where a script says {@code md5 valid}. */
    String signer() {
        if (md5Secret.isEmpty()) {
            throw new UnsupportedCallException("'md5 valid' without --tcp_md5_secret");
        }
        return md5Secret;
    }

    /** Whether packets are of IPv4. */
    boolean v4() {
        return !family.equals("ipv6");
    }

    /** Sets the MTU, as the option does. Returns false, and nothing changed, if it is out of range. */
    boolean setMtu(final int bytes) {
        if (bytes < LEAST_MTU || bytes > MOST_MTU) {
            return false;
        }
        mtu = bytes;
        return true;
    }

    int mtu() {
        return mtu != 0 ? mtu : v4() || freeBsd ? V4_MTU : V6_MTU;
    }

    /** Bytes that a segment carries on the interface, options apart. */
    int segment() {
        return mtu() - headers();
    }

    /** Bytes of the headers of IP and TCP. */
    int headers() {
        return v4() ? V4_HEADERS : V6_HEADERS;
    }

    IpAddress local() {
        return address(localAddress, "192.168.0.1", "fd3d:a0b:17d6::1");
    }

    IpAddress remote() {
        return address(remoteAddress, "192.0.2.1", "2001:db8::1");
    }

    /** One of the script's family. */
    private IpAddress address(final @Nullable IpAddress given, final String otherwise4, final String otherwise6) {
        return given != null && given instanceof Ipv4Address == v4()
                ? given
                : IpAddress.parse(v4() ? otherwise4 : otherwise6);
    }
}
