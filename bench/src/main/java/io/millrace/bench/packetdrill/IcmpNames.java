package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Types and codes of ICMP by the names that scripts use. */
final class IcmpNames {
    /** Any type or code, by its number. */
    private static final Pattern NUMBERED = Pattern.compile("(type|code)_([0-9]{1,3})");

    private static final Map<String, Integer> TYPES4 = Map.ofEntries(
            Map.entry("echo_reply", 0),
            Map.entry("unreachable", 3),
            Map.entry("source_quench", 4),
            Map.entry("redirect", 5),
            Map.entry("echo_request", 8),
            Map.entry("time_exceeded", 11),
            Map.entry("parameter_problem", 12),
            Map.entry("timestamp_request", 13),
            Map.entry("timestamp_reply", 14),
            Map.entry("information_request", 15),
            Map.entry("information_reply", 16),
            Map.entry("address_mask_request", 17),
            Map.entry("address_mask_reply", 18));
    private static final Map<String, Integer> TYPES6 = Map.of(
            "unreachable",
            1,
            "packet_too_big",
            2,
            "time_exceeded",
            3,
            "parameter_problem",
            4,
            "echo_request",
            128,
            "echo_reply",
            129);
    private static final Map<String, Integer> CODES4 = Map.ofEntries(
            Map.entry("net_unreachable", 0),
            Map.entry("host_unreachable", 1),
            Map.entry("protocol_unreachable", 2),
            Map.entry("port_unreachable", 3),
            Map.entry("frag_needed", 4),
            Map.entry("source_route_failed", 5),
            Map.entry("net_unknown", 6),
            Map.entry("host_unknown", 7),
            Map.entry("source_host_isolated", 8),
            Map.entry("net_prohibited", 9),
            Map.entry("host_prohibited", 10),
            Map.entry("net_unreachable_for_tos", 11),
            Map.entry("host_unreachable_for_tos", 12),
            Map.entry("packet_filtered", 13),
            Map.entry("precedence_violation", 14),
            Map.entry("precedence_cutoff", 15),
            Map.entry("ttl_exceeded_in_transit", 0),
            Map.entry("frag_reass_exceeded", 1));
    private static final Map<String, Integer> CODES6 = Map.ofEntries(
            Map.entry("net_unreachable", 0),
            Map.entry("no_route", 0),
            Map.entry("admin_prohibited", 1),
            Map.entry("packet_filtered", 1),
            Map.entry("not_neighbour", 2),
            Map.entry("address_unreachable", 3),
            Map.entry("host_unreachable", 3),
            Map.entry("port_unreachable", 4),
            Map.entry("exceeded_hop_limit", 0),
            Map.entry("ttl_exceeded_in_transit", 0),
            Map.entry("exceeded_frag_time", 1),
            Map.entry("header_field", 0),
            Map.entry("unknown_next_header", 1),
            Map.entry("unknown_option", 2));
    private static final int LARGEST = 0xFF;
    private static final int PACKET_TOO_BIG = 2;
    private static final int PARAMETER_PROBLEM = 4;
    private static final int UNKNOWN_NEXT_HEADER = 1;
    private static final int UNREACHABLE = 3;
    private static final int FRAGMENTATION_NEEDED = 4;

    private IcmpNames() {}

    /**
     * Type and code, {@code type << 8 | code}. What only ICMP for IPv4 has means its counterpart on IPv6, so that a
     * script suits both.
     *
     * @throws MismatchException if there is no such message in either
     * @throws UnsupportedCallException if only the other has one
     */
    static int typeAndCode(final boolean v4, final String type, final @Nullable String code) {
        if (!v4 && "frag_needed".equals(code)) {
            return PACKET_TOO_BIG << 8;
        }
        if (!v4 && "protocol_unreachable".equals(code)) {
            return PARAMETER_PROBLEM << 8 | UNKNOWN_NEXT_HEADER;
        }
        if (v4 && type.equals("packet_too_big")) {
            return UNREACHABLE << 8 | FRAGMENTATION_NEEDED;
        }
        final Integer kind = number("type", type, v4 ? TYPES4 : TYPES6);
        final Integer detail = code == null ? Integer.valueOf(0) : number("code", code, v4 ? CODES4 : CODES6);
        if (kind != null && detail != null) {
            return kind << 8 | detail;
        }
        final String message = "ICMP " + type + (code == null ? "" : " " + code);
        final boolean other = number("type", type, v4 ? TYPES6 : TYPES4) != null || kind != null;
        final boolean otherCode = code == null || detail != null || number("code", code, v4 ? CODES6 : CODES4) != null;
        if (other && otherCode) {
            throw new UnsupportedCallException(message + ", which " + (v4 ? "IPv4" : "IPv6") + " has not");
        }
        throw new MismatchException("there is no " + message);
    }

    private static @Nullable Integer number(final String what, final String name, final Map<String, Integer> names) {
        final Matcher numbered = NUMBERED.matcher(name);
        if (!numbered.matches() || !numbered.group(1).equals(what)) {
            return names.get(name);
        }
        final int number = Integer.parseInt(numbered.group(2));
        return number > LARGEST ? null : Integer.valueOf(number);
    }

    /**
     * Looks at the MTU of a message.
     *
     * @param mtu -1 if the script says none
     * @throws MismatchException if a message of that kind has none, or none as large
     */
    static void checkMtu(final boolean v4, final int typeAndCode, final long mtu) {
        final int tooBig = v4 ? UNREACHABLE << 8 | FRAGMENTATION_NEEDED : PACKET_TOO_BIG << 8;
        if (mtu >= 0 && typeAndCode != tooBig) {
            throw new MismatchException("ICMP MTU is only valid for " + (v4 ? "frag_needed" : "packet_too_big"));
        }
        if (v4 && mtu > 0xFFFF) {
            throw new MismatchException("ICMPv4 MTU out of 16-bit range");
        }
    }
}
