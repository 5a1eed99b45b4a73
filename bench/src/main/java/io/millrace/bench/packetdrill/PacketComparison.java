package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.Md5Signature;
import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.Payload;
import io.millrace.bench.packetdrill.script.Event.Icmp;
import io.millrace.bench.packetdrill.script.Event.IpFields;
import io.millrace.bench.packetdrill.script.Event.Packet;
import io.millrace.bench.packetdrill.script.Event.Tcp;
import io.millrace.bench.packetdrill.script.Event.Udp;
import io.millrace.bench.packetdrill.script.Event.Within;
import io.millrace.bench.packetdrill.script.TcpOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Compares what was sent with what a script expects. */
final class PacketComparison {
    private static final int FIN = 1;
    private static final int PSH = 8;
    /** Bits of the flags with their names, in the order in which differences are reported. */
    private static final Object[][] FLAGS = {
        {"tcp_fin", 1},
        {"tcp_syn", 2},
        {"tcp_rst", 4},
        {"tcp_psh", 8},
        {"tcp_ack", 0x10},
        {"tcp_urg", 0x20},
        {"tcp_ece", 0x40},
        {"tcp_cwr", 0x80},
        {"tcp_ae", 0x100}
    };

    private PacketComparison() {}

    /**
     * Compares.
     *
     * @param parts packets that together are the one expected, in order; the last one's flags count
     * @throws MismatchException with what differs
     */
    static void check(final Packet expected, final List<SentPacket> parts, final Flow flow, final Settings settings) {
        final SentPacket last = parts.getLast();
        for (final SentPacket part : parts) {
            final String defect = part.defect;
            if (defect != null) {
                throw new MismatchException(defect);
            }
            ip(expected.ip(), part);
            if (!settings.v4() && expected.ip().flowLabel() != 0) {
                flow.label(expected.ip().flowLabel(), part.flowLabel);
            }
        }
        switch (expected) {
            case Tcp tcp -> {
                header(tcp, parts, flow, settings);
                options(tcp, last, flow, settings);
                parts.forEach(part -> payload(part, flow));
            }
            case Udp udp -> field("udp_len", udp.length() + 8L, last.payload + 8L);
            case Icmp icmp -> {
                final int expectedType = IcmpNames.typeAndCode(settings.v4(), icmp.type(), icmp.code());
                field("icmp_type", expectedType >> 8, last.segment.get(0) & 0xFF);
                field("icmp_code", expectedType & 0xFF, last.segment.get(1) & 0xFF);
            }
        }
    }

    private static void field(final String name, final long expected, final long actual) {
        if (expected != actual) {
            throw new MismatchException(String.format(
                    Locale.ROOT,
                    "live packet field %s: expected: %d (0x%x) vs actual: %d (0x%x)",
                    name,
                    expected,
                    expected,
                    actual,
                    actual));
        }
    }

    private static void ip(final IpFields ip, final SentPacket packet) {
        if (ip.trafficClass() == IpFields.EITHER) {
            final int ecn = packet.trafficClass & 3;
            if (ecn != 1 && ecn != 2) {
                throw new MismatchException(
                        "live packet field ip_ecn: expected: 0x1 or 0x2 vs actual: 0x" + Integer.toHexString(ecn));
            }
        } else if (ip.mask() != 0) {
            field(ip.mask() == 3 ? "ip_ecn" : "tos", ip.trafficClass(), packet.trafficClass & ip.mask());
        }
        if (ip.hopLimit() != 0) {
            field("ttl", ip.hopLimit(), packet.hopLimit);
        }
    }

    private static void within(final @Nullable Within expected, final @Nullable Within actual) {
        field("udp_src_port", expected == null ? 0 : expected.source(), actual == null ? 0 : actual.source());
        field("udp_dst_port", expected == null ? 0 : expected.destination(), actual == null ? 0 : actual.destination());
    }

    private static void header(final Tcp tcp, final List<SentPacket> parts, final Flow flow, final Settings settings) {
        for (final SentPacket part : parts) {
            within(tcp.within(), part.within);
        }
        final SentPacket last = parts.getLast();
        final boolean again = settings.freeBsd && flow.repeatsFin(tcp, last);
        for (final Object[] flag : FLAGS) {
            final int bit = (int) flag[1];
            if (bit == FIN && again) {
                continue;
            }
            // More follows: whether to push here too is up to the sender (RFC 9293 section 3.9.1.2). FreeBSD does not.
            final boolean free = settings.freeBsd || (last.flags & PSH) == 0;
            if (bit == PSH && free && !endsQueue(last, flow)) {
                continue;
            }
            if ((bit & Tcp.ECN_FLAGS) == 0 || !tcp.ecnCounts()) {
                field((String) flag[0], (tcp.flags() & bit) != 0 ? 1 : 0, (last.flags & bit) != 0 ? 1 : 0);
            }
        }
        if (tcp.ecnCounts()) {
            field("tcp_ace", Tcp.ecnCount(tcp.flags()), Tcp.ecnCount(last.flags));
        }
        field("tcp_reserved_bits", 0, last.reserved);
        final int first = parts.getFirst().seq;
        switch (tcp.numbering()) {
            case SCRIPT ->
                field("tcp_seq", number(tcp.seq() + (again ? 1 : 0)), number(flow.toScript(first, last.isSyn())));
            case WIRE -> field("tcp_seq", number(tcp.seq()), number(first));
            case ANY -> {
                // The script leaves it open.
            }
        }
        field(
                "tcp_payload_len",
                tcp.length(),
                parts.stream().mapToInt(part -> part.payload).sum());
        if ((tcp.flags() & 0x10) != 0) {
            field("tcp_ack_seq", number(tcp.ack()), number(flow.remoteToScript(last.ack, last.isSyn())));
        }
        final int less = tcp.window() - last.window;
        final boolean same = settings.freeBsd && !last.isSyn() && less > 0 && less <= flow.lessThanSegment();
        if (tcp.window() >= 0 && !same) {
            field("tcp_window", tcp.window(), last.window);
        }
        field("tcp_urg_ptr", tcp.urgent(), last.urgent);
        if ((last.flags & FIN) != 0) {
            flow.finished(last);
        }
    }

    private static long number(final int unsigned) {
        return unsigned & 0xFFFF_FFFFL;
    }

    private static boolean endsQueue(final SentPacket packet, final Flow flow) {
        final int end = flow.place(packet.seq) + packet.payload + (packet.isSyn() ? 1 : 0);
        return packet.payload == 0 || Integer.toUnsignedLong(end) >= (packet.written & 0xFFFF_FFFFL);
    }

    private static void options(final Tcp tcp, final SentPacket packet, final Flow flow, final Settings settings) {
        final List<TcpOption> expected = tcp.options();
        if (expected == null) {
            return;
        }
        if (settings.freeBsd) {
            options(inOrder(expected), inOrder(packet.options), packet, flow, settings);
        } else {
            options(expected, packet.options, packet, flow, settings);
        }
    }

    /** By their kinds, without padding. */
    private static List<TcpOption> inOrder(final List<TcpOption> options) {
        return options.stream()
                .filter(option -> option.kind() != TcpOption.NOP && option.kind() != TcpOption.END)
                .sorted(Comparator.comparingInt(TcpOption::kind))
                .toList();
    }

    private static void options(
            final List<TcpOption> expected,
            final List<TcpOption> sent,
            final SentPacket packet,
            final Flow flow,
            final Settings settings) {
        final List<TcpOption> actual = flow.toScript(sent);
        for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
            if (i >= expected.size()
                    || i >= actual.size()
                    || expected.get(i).kind() != actual.get(i).kind()) {
                throw new MismatchException("bad outbound TCP options: expected:" + PacketText.options(expected)
                        + " actual:" + PacketText.options(actual));
            }
            if (actual.get(i).kind() == TcpOption.TIMESTAMPS) {
                timestamps(expected.get(i), sent.get(i), flow, settings);
            } else if (!rightly(expected.get(i), packet, settings).equals(actual.get(i))) {
                throw new MismatchException("bad value in outbound TCP option (kind="
                        + expected.get(i).kind() + "): expected: " + expected.get(i) + " actual: " + actual.get(i));
            }
        }
    }

    /** An option with the code that it has to have, if it is a signature of which a script says no more. */
    private static TcpOption rightly(final TcpOption option, final SentPacket packet, final Settings settings) {
        return option.isValidSignature()
                ? TcpOption.ofBytes(
                        TcpOption.MD5,
                        Md5Signature.code(settings.local(), settings.remote(), packet.segment, settings.signer()))
                : option;
    }

    /** The value is compared only if the script says how long a tick is; packetdrill compares no echo. */
    private static void timestamps(
            final TcpOption expected, final TcpOption actual, final Flow flow, final Settings settings) {
        final long script = expected.values().get(0);
        flow.timestamp(script, actual.values().get(0));
        final int difference = (int) (flow.timestampToScript(actual.values().get(0)) - script);
        if (settings.timestampTickMicros != 0
                && Math.abs((long) difference) * settings.timestampTickMicros > settings.toleranceMicros) {
            throw new MismatchException("bad outbound TCP timestamp value, tolerance " + settings.toleranceMicros);
        }
        if (settings.checkEcho
                && !expected.values().get(1).equals(actual.values().get(1))) {
            throw new MismatchException("bad outbound TCP timestamp echo: expected: "
                    + expected.values().get(1) + " actual: " + actual.values().get(1));
        }
    }

    private static void payload(final SentPacket packet, final Flow flow) {
        final int header = packet.segment.limit() - packet.payload;
        final long first = Integer.toUnsignedLong(flow.place(packet.seq) + (packet.isSyn() ? 1 : 0));
        for (int i = 0; i < packet.payload; i++) {
            if (packet.segment.get(header + i) != Payload.at(first + i & 0xFFFF_FFFFL)) {
                throw new MismatchException("incorrect outbound data payload at byte " + i);
            }
        }
    }
}
