package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Types and codes of ICMP by the names that scripts use. */
final class IcmpNames {
    private static final Map<String, Integer> TYPES4 = Map.of(
            "echo_reply",
            0,
            "unreachable",
            3,
            "source_quench",
            4,
            "redirect",
            5,
            "echo_request",
            8,
            "time_exceeded",
            11,
            "parameter_problem",
            12);
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
            Map.entry("frag_reass_exceeded", 1),
            Map.entry("code_0", 0),
            Map.entry("code_1", 1),
            Map.entry("code_2", 2));
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
    private static final int PACKET_TOO_BIG = 2;
    private static final int PARAMETER_PROBLEM = 4;
    private static final int UNKNOWN_NEXT_HEADER = 1;
    private static final int UNREACHABLE = 3;
    private static final int FRAGMENTATION_NEEDED = 4;

    private IcmpNames() {}

    /**
     * Type and code, {@code type << 8 | code}. What only ICMP for IPv4 has means its counterpart on IPv6, so that a
     * script suits both.
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
        final Integer kind = (v4 ? TYPES4 : TYPES6).get(type);
        final Integer detail = code == null ? Integer.valueOf(0) : (v4 ? CODES4 : CODES6).get(code);
        if (kind == null || detail == null) {
            throw new UnsupportedCallException("ICMP " + type + (code == null ? "" : " " + code));
        }
        return kind << 8 | detail;
    }
}
