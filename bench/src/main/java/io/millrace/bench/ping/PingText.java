package io.millrace.bench.ping;

import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import java.util.Locale;

/** How Linux's ping words what it has to say. */
final class PingText {
    private static final String[] UNREACHABLE_V4 = {
        "Destination Net Unreachable",
        "Destination Host Unreachable",
        "Destination Protocol Unreachable",
        "Destination Port Unreachable",
        "Frag needed and DF set",
        "Source Route Failed",
        "Destination Net Unknown",
        "Destination Host Unknown",
        "Source Host Isolated",
        "Destination Net Prohibited",
        "Destination Host Prohibited",
        "Destination Net Unreachable for Type of Service",
        "Destination Host Unreachable for Type of Service",
        "Packet filtered",
        "Precedence Violation",
        "Precedence Cutoff",
    };

    private static final String[] UNREACHABLE_V6 = {
        "No route",
        "Administratively prohibited",
        "Beyond scope of source address",
        "Address unreachable",
        "Port unreachable",
        "Source address failed ingress/egress policy",
        "Reject route to destination",
    };

    private static final int FRAGMENTATION_NEEDED = 4;

    private PingText() {}

    /** A round-trip time with as many digits as make sense. */
    static String time(long micros) {
        if (micros >= 100_000) {
            return String.format(Locale.ROOT, "%d ms", (micros + 500) / 1_000);
        }
        if (micros >= 10_000) {
            return String.format(Locale.ROOT, "%.1f ms", micros / 1e3);
        }
        return String.format(Locale.ROOT, micros >= 1_000 ? "%.2f ms" : "%.3f ms", micros / 1e3);
    }

    /**
     * What an ICMP error means.
     *
     * @param v4 whether it is ICMP for IPv4
     * @param mtu what the next link takes, if the error says so
     */
    static String error(boolean v4, int type, int code, long mtu) {
        return v4 ? errorV4(type, code, mtu) : errorV6(type, code, mtu);
    }

    private static String errorV4(int type, int code, long mtu) {
        return switch (type) {
            case Icmpv4View.UNREACHABLE ->
                code == FRAGMENTATION_NEEDED
                        ? UNREACHABLE_V4[code] + " (mtu = " + mtu + ")"
                        : named(UNREACHABLE_V4, code, "Dest Unreachable, Bad Code: ");
            case Icmpv4View.TIME_EXCEEDED -> code == 0 ? "Time to live exceeded" : "Frag reassembly time exceeded";
            case Icmpv4View.PARAMETER_PROBLEM -> "Parameter problem";
            default -> "Bad ICMP type: " + type;
        };
    }

    private static String errorV6(int type, int code, long mtu) {
        return switch (type) {
            case Icmpv6View.UNREACHABLE -> "Destination unreachable: " + named(UNREACHABLE_V6, code, "Unknown code ");
            case Icmpv6View.PACKET_TOO_BIG -> "Packet too big: mtu=" + mtu;
            case Icmpv6View.TIME_EXCEEDED -> "Time exceeded: " + (code == 0 ? "Hop limit" : "Defragmentation failure");
            case Icmpv6View.PARAMETER_PROBLEM -> "Parameter problem";
            default -> "unknown icmp type: " + type;
        };
    }

    private static String named(String[] names, int code, String otherwise) {
        return code < names.length ? names[code] : otherwise + code;
    }
}
