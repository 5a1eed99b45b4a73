package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.script.Event.Icmp;
import io.millrace.bench.packetdrill.script.Event.IpFields;
import io.millrace.bench.packetdrill.script.Event.Packet;
import io.millrace.bench.packetdrill.script.Event.Tcp;
import io.millrace.bench.packetdrill.script.Event.Udp;
import io.millrace.bench.packetdrill.script.Event.Within;
import io.millrace.bench.packetdrill.script.TcpOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Packets as a script would write them, for reports. */
final class PacketText {
    private static final String FLAGS = "FSRP.UEWA";
    private static final String[] CODEPOINTS = {"noecn", "ect1", "ect0", "ce"};

    private PacketText() {}

    static String of(final Packet packet) {
        return switch (packet) {
            case Tcp tcp ->
                ip(tcp.ip())
                        + tcp(
                                tcp.ecnCounts(),
                                tcp.flags(),
                                tcp.seq(),
                                tcp.length(),
                                tcp.ack(),
                                tcp.window(),
                                tcp.urgent())
                        + options(tcp.options())
                        + within(tcp.within());
            case Udp udp -> ip(udp.ip()) + "udp (" + udp.length() + ")";
            case Icmp icmp -> ip(icmp.ip()) + "icmp " + icmp.type() + (icmp.code() == null ? "" : " " + icmp.code());
        };
    }

    /**
     * As the flow that it belongs to is numbered in the script.
     *
     * @param ecnCounts whether the flags of congestion notification are written as a number
     */
    static String of(final SentPacket packet, final Flow flow, final boolean ecnCounts) {
        if (packet.isIcmp()) {
            return "icmp type " + (packet.segment.get(0) & 0xFF) + " code " + (packet.segment.get(1) & 0xFF);
        }
        if (!packet.isTcp()) {
            return "udp (" + packet.payload + ")";
        }
        final String ecn = (packet.trafficClass & 3) == 0 ? "" : "[" + CODEPOINTS[packet.trafficClass & 3] + "] ";
        return ecn
                + tcp(
                        ecnCounts,
                        packet.flags,
                        flow.toScript(packet.seq, packet.isSyn()),
                        packet.payload,
                        flow.remoteToScript(packet.ack, packet.isSyn()),
                        packet.window,
                        packet.urgent)
                + options(flow.toScript(packet.options))
                + within(packet.within);
    }

    private static String within(final @Nullable Within udp) {
        return udp == null ? "" : "/udp(" + udp.source() + " > " + udp.destination() + ")";
    }

    static String options(final @Nullable List<TcpOption> options) {
        if (options == null) {
            return " <...>";
        }
        return options.isEmpty()
                ? ""
                : options.stream().map(TcpOption::toString).collect(Collectors.joining(",", " <", ">"));
    }

    private static String ip(final IpFields ip) {
        if (ip.mask() == 0) {
            return "";
        }
        if (ip.mask() != 3) {
            return String.format(Locale.ROOT, "(tos 0x%02x) ", ip.trafficClass());
        }
        return "[" + (ip.trafficClass() < 0 ? "ect01" : CODEPOINTS[ip.trafficClass()]) + "] ";
    }

    private static String tcp(
            final boolean ecnCounts,
            final int flags,
            final int seq,
            final int length,
            final int ack,
            final int window,
            final int urgent) {
        final StringBuilder text = new StringBuilder();
        final int letters = ecnCounts ? flags & ~Tcp.ECN_FLAGS : flags;
        for (final int bit : new int[] {1, 0, 2, 3, 6, 7, 8, 5, 4}) { // S, F, R, P, E, W, A, U and the dot
            if ((letters & 1 << bit) != 0) {
                text.append(FLAGS.charAt(bit));
            }
        }
        if (ecnCounts) {
            text.append(Tcp.ecnCount(flags));
        }
        text.append(text.isEmpty() ? "- " : " ")
                .append(Integer.toUnsignedString(seq))
                .append(':');
        text.append(Integer.toUnsignedString(seq + length))
                .append('(')
                .append(length)
                .append(')');
        if ((flags & 0x10) != 0) {
            text.append(" ack ").append(Integer.toUnsignedString(ack));
        }
        if (window >= 0) {
            text.append(" win ").append(window);
        }
        if (urgent != 0) {
            text.append(" urg ").append(urgent);
        }
        return text.toString();
    }
}
