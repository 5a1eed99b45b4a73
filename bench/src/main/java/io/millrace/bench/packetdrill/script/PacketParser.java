package io.millrace.bench.packetdrill.script;

import io.millrace.bench.packetdrill.script.Event.Icmp;
import io.millrace.bench.packetdrill.script.Event.IpFields;
import io.millrace.bench.packetdrill.script.Event.Numbering;
import io.millrace.bench.packetdrill.script.Event.Packet;
import io.millrace.bench.packetdrill.script.Event.Quoted;
import io.millrace.bench.packetdrill.script.Event.Tcp;
import io.millrace.bench.packetdrill.script.Event.Udp;
import io.millrace.bench.packetdrill.script.Event.Within;
import io.millrace.bench.packetdrill.script.Token.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads packets: what follows {@code <} or {@code >}. */
final class PacketParser {
    private static final long U16 = 0xFFFF;
    private static final long U24 = 0xFF_FFFF;
    private static final long U32 = 0xFFFF_FFFFL;
    private static final int ECN = 3;
    private static final Map<String, Integer> CODEPOINTS = Map.of("noecn", 0, "ect1", 1, "ect0", 2, "ce", 3);
    private static final String FLAGS = "FSRP.UEWA";

    private static final int MOST_OPTIONS = 40;
    /** Of an IPv4 packet without options. */
    private static final int MOST_ICMP = 65_515;

    private static final int MOST_UDP = MOST_ICMP - 8;
    /** Of an IPv4 packet and of a segment, options apart. */
    private static final int LEAST_HEADERS = 40;

    private final Tokens tokens;

    PacketParser(final Tokens tokens) {
        this.tokens = tokens;
    }

    Packet packet() {
        final int line = tokens.peek().line();
        final boolean outbound = tokens.take().is(">");
        final IpFields ip = ipFields();
        if (ip.trafficClass() == IpFields.EITHER && !outbound) {
            throw ScriptException.malformed(line, "[ect01] can only be used with outbound packets");
        }
        for (final String layer : List.of("ipv4", "ipv6", "gre", "GREv0", "mpls", "encap", "raw", "sctp", "udplite")) {
            if (tokens.peek().isWord(layer)) {
                throw tokens.unsupported("packets with " + layer);
            }
        }
        if (tokens.takeWord("udp")) {
            return udp(outbound, ip);
        }
        if (tokens.takeWord("icmp")) {
            return icmp(outbound, ip);
        }
        return tcp(line, outbound, ip);
    }

    private IpFields ipFields() {
        if (!tokens.peek().is("(") && !tokens.peek().is("[")) {
            return IpFields.ANY;
        }
        final String end = tokens.take().is("(") ? ")" : "]";
        IpFields fields = IpFields.ANY;
        do {
            final Token field = tokens.peek();
            final String what = tokens.word();
            final Integer codepoint = CODEPOINTS.get(what);
            if (codepoint != null) {
                fields = new IpFields(ECN, codepoint, fields.hopLimit(), fields.flowLabel());
            } else {
                fields = switch (what) {
                    case "ect01" -> new IpFields(ECN, IpFields.EITHER, fields.hopLimit(), fields.flowLabel());
                    case "tos", "class" ->
                        new IpFields(0xFF, (int) tokens.number(what, 0, 0xFF), fields.hopLimit(), fields.flowLabel());
                    case "ttl", "hlim" ->
                        new IpFields(
                                fields.mask(),
                                fields.trafficClass(),
                                (int) tokens.number(what, 0, 0xFF),
                                fields.flowLabel());
                    case "flowlabel" ->
                        new IpFields(fields.mask(), fields.trafficClass(), fields.hopLimit(), (int)
                                tokens.number("flowlabel", 0, 0xFFFFF));
                    default ->
                        throw ScriptException.malformed(
                                field.line(),
                                "expected a field of an IP header such as ect0, tos, ttl or flowlabel, found "
                                        + field.described());
                };
            }
        } while (tokens.takeIf(","));
        tokens.expect(end);
        return fields;
    }

    private Udp udp(final boolean outbound, final IpFields ip) {
        final int[] ports = ports();
        tokens.expect("(");
        final int length = (int) tokens.number("UDP payload size", 0, MOST_UDP);
        tokens.expect(")");
        return new Udp(outbound, ip, ports[0], ports[1], length);
    }

    private int[] ports() {
        if (!tokens.peek().isNumber() || !tokens.peek(1).is(">")) {
            return new int[] {0, 0};
        }
        final int source = (int) tokens.number("source port", 0, U16);
        tokens.expect(">");
        return new int[] {source, (int) tokens.number("destination port", 0, U16)};
    }

    private Icmp icmp(final boolean outbound, final IpFields ip) {
        final String type = tokens.word();
        String code = null;
        if (tokens.peek().kind() == Kind.WORD
                && !tokens.peek().isWord("mtu")
                && !tokens.peek().isWord("id")) {
            code = tokens.word();
        }
        final long mtu = tokens.takeWord("mtu") ? tokens.number("mtu", 0, U32) : -1;
        final int identifier = tokens.takeWord("id") ? (int) tokens.number("id", 0, U16) : 0;
        return new Icmp(outbound, ip, type, code, mtu, identifier, quoted());
    }

    private @Nullable Quoted quoted() {
        if (!tokens.takeIf("[")) {
            return null;
        }
        final Quoted quoted;
        if (tokens.takeWord("udp")) {
            tokens.expect("(");
            quoted = new Quoted(17, 0, (int) tokens.number("UDP payload size", 0, U16), null);
            tokens.expect(")");
        } else if (tokens.peek().isNumber()) {
            final long[] range = range();
            quoted = new Quoted(6, (int) range[0], (int) range[1], within());
        } else if (tokens.takeWord("RAW") || tokens.takeWord("raw")) {
            tokens.expect("(");
            quoted = new Quoted(Quoted.RAW, 0, (int) tokens.number("ICMP message size", Quoted.LEAST, MOST_ICMP), null);
            tokens.expect(")");
        } else if (tokens.peek().kind() == Kind.WORD) {
            throw tokens.unsupported("an ICMP error about " + tokens.peek().text());
        } else {
            throw tokens.wrong("the packet that the message is about");
        }
        tokens.expect("]");
        return quoted;
    }

    private Tcp tcp(final int line, final boolean outbound, final IpFields ip) {
        if (tokens.peek().isWord("encap")) {
            throw tokens.unsupported("packets within PSP");
        }
        final int[] ports = ports();
        final String letters = letters();
        final int flags = flags(letters, line);
        final boolean ecnCounts = letters.chars().anyMatch(Character::isDigit);
        final boolean any = outbound && tokens.peek().kind() == Kind.ELLIPSIS;
        final long[] range = any ? anyRange() : range();
        final Numbering numbering = any ? Numbering.ANY : tokens.takeIf("!") ? Numbering.WIRE : Numbering.SCRIPT;
        final long ack = tokens.takeWord("ack") ? tokens.number("ack", 0, U32) : 0;
        int window = tokens.takeWord("win") ? (int) tokens.number("win", 0, U16) : -1;
        if (window < 0 && !outbound) {
            throw ScriptException.malformed(line, "window must be specified for inbound packets");
        }
        final int urgent = tokens.takeWord("urg") ? (int) tokens.number("urg", 0, U16) : 0;
        final List<TcpOption> options = options(outbound);
        final int optionBytes = options == null
                ? 0
                : options.stream().mapToInt(TcpOption::length).sum();
        if (LEAST_HEADERS + optionBytes + range[1] > U16) {
            throw ScriptException.malformed(line, "TCP segment too large");
        }
        return new Tcp(
                outbound,
                ip,
                ports[0],
                ports[1],
                flags,
                ecnCounts,
                numbering,
                (int) range[0],
                (int) range[1],
                (int) ack,
                window,
                urgent,
                options,
                within());
    }

    private @Nullable Within within() {
        if (!tokens.takeIf("/")) {
            return null;
        }
        if (!tokens.takeWord("udp")) {
            throw tokens.wrong("'udp'");
        }
        tokens.expect("(");
        final int source = (int) tokens.number("UDP source port", 1, U16);
        tokens.expect(">");
        final int destination = (int) tokens.number("UDP destination port", 1, U16);
        tokens.expect(")");
        return new Within(source, destination);
    }

    private String letters() {
        final StringBuilder letters = new StringBuilder();
        if (tokens.takeIf("-")) {
            return "";
        }
        if (tokens.peek().kind() == Kind.WORD) {
            letters.append(tokens.take().text());
        }
        if (tokens.takeIf(".")) {
            letters.append('.');
        } else if (tokens.peek().kind() == Kind.FLOAT) {
            letters.append(tokens.take().text());
        }
        if (letters.isEmpty()) {
            throw tokens.wrong("TCP flags");
        }
        return letters.toString();
    }

    private static int flags(final String letters, final int line) {
        int flags = 0;
        boolean named = false;
        boolean counted = false;
        for (int i = 0; i < letters.length(); i++) {
            final char letter = letters.charAt(i);
            final int bit = FLAGS.indexOf(letter);
            final boolean counts = letter >= '0' && letter <= '7';
            if (bit < 0 && !counts) {
                throw ScriptException.malformed(line, "Invalid TCP flag: '" + letter + "'");
            }
            final boolean names = !counts && (1 << bit & Tcp.ECN_FLAGS) != 0;
            if ((names && counted) || (counts && (counted || named))) {
                throw ScriptException.malformed(line, "Conflicting TCP flag: '" + letter + "'");
            }
            flags |= counts ? Tcp.ecnFlags(letter - '0') : 1 << bit;
            named |= names;
            counted |= counts;
        }
        return flags;
    }

    /** Whichever numbers, with the length that their range has. */
    private long[] anyRange() {
        tokens.take();
        tokens.expect("(");
        final long length = tokens.number("TCP payload size", 0, U16);
        tokens.expect(")");
        return new long[] {0, length};
    }

    /** A range of sequence numbers: where it starts, and its length. */
    private long[] range() {
        final int line = tokens.peek().line();
        final long from = tokens.number("TCP start sequence number", 0, U32);
        tokens.expect(":");
        final long to = tokens.number("TCP end sequence number", 0, U32);
        tokens.expect("(");
        final long length = tokens.number("TCP payload size", 0, U16);
        tokens.expect(")");
        if (((from + length) & U32) != to) {
            throw ScriptException.malformed(line, "inconsistent TCP sequence numbers and payload size");
        }
        return new long[] {from, length};
    }

    private @Nullable List<TcpOption> options(final boolean outbound) {
        if (!tokens.peek().is("<")) {
            return List.of();
        }
        final int line = tokens.take().line();
        if (tokens.peek().kind() == Kind.ELLIPSIS) {
            tokens.take();
            tokens.expect(">");
            if (!outbound) {
                throw ScriptException.malformed(line, "<...> for TCP options can only be used with outbound packets");
            }
            return null;
        }
        final List<TcpOption> options = new ArrayList<>();
        do {
            options.add(option());
        } while (tokens.takeIf(","));
        tokens.expect(">");
        final int length = options.stream().mapToInt(TcpOption::length).sum();
        if (length % 4 != 0) {
            throw ScriptException.malformed(
                    line, "TCP options are not padded correctly to ensure TCP header is a multiple of 4 bytes");
        }
        if (length > MOST_OPTIONS) {
            throw ScriptException.malformed(line, "TCP header too large");
        }
        return List.copyOf(options);
    }

    private TcpOption option() {
        final String name = tokens.word();
        return switch (name) {
            case "nop" -> TcpOption.of(TcpOption.NOP);
            case "eol" -> TcpOption.of(TcpOption.END);
            case "mss" -> TcpOption.of(TcpOption.MSS, tokens.number("mss", 0, U16));
            case "wscale" -> TcpOption.of(TcpOption.SCALE, tokens.number("window scale shift count", 0, 0xFF));
            case "sackOK" -> TcpOption.of(TcpOption.SACK_OK);
            case "sack" -> sack();
            case "TS" -> timestamps();
            case "FO" -> fastOpen(TcpOption.FAST_OPEN);
            case "FOEXP" -> fastOpen(TcpOption.EXPERIMENT, 0xF9, 0x89);
            case "md5" -> md5();
            case "ECN" -> accurateEcn();
            default -> throw tokens.wrong("a TCP option in place of " + name);
        };
    }

    /** A signature with its code as it is on the wire, or one that is right. */
    private TcpOption md5() {
        if (tokens.takeWord("valid")) {
            return TcpOption.of(TcpOption.MD5);
        }
        final TcpOption option = fastOpen(TcpOption.MD5);
        if (option.values().isEmpty() || option.values().size() > TcpOption.MD5_CODE) {
            throw tokens.wrong("the " + TcpOption.MD5_CODE + " bytes of a signature, or fewer");
        }
        return option;
    }

    /** An option with a cookie in hexadecimal digits, or without one. */
    private TcpOption fastOpen(final int kind, final long... head) {
        if (atEndOfOption()) {
            return TcpOption.of(kind, head);
        }
        final Token cookie = tokens.take();
        if (!cookie.text().matches("([0-9a-fA-F]{2})+")) {
            throw ScriptException.malformed(cookie.line(), "a cookie is of hexadecimal digits: " + cookie.text());
        }
        final byte[] bytes = HexFormat.of().parseHex(cookie.text());
        final long[] values = Arrays.copyOf(head, head.length + bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            values[head.length + i] = bytes[i] & 0xFF;
        }
        return TcpOption.of(kind, values);
    }

    private boolean atEndOfOption() {
        return tokens.peek().is(",") || tokens.peek().is(">");
    }

    /** Counts in the order of either kind, of which the last ones may be missing; if all do, one name tells the kind. */
    private TcpOption accurateEcn() {
        final int kind = tokens.peek().isWord("e1b") ? TcpOption.ACCURATE_ECN_1 : TcpOption.ACCURATE_ECN_0;
        final List<String> names = TcpOption.ecnCounts(kind);
        if (!tokens.peek().isWord(names.getFirst())) {
            throw tokens.wrong("'e0b' or 'e1b'");
        }
        final List<Long> counts = new ArrayList<>();
        for (final String name : names) {
            if (!tokens.takeWord(name) || (counts.isEmpty() && atEndOfOption())) {
                break;
            }
            counts.add(tokens.number(name, 0, U24));
        }
        return new TcpOption(kind, List.copyOf(counts));
    }

    private TcpOption timestamps() {
        if (!tokens.takeWord("val")) {
            throw tokens.wrong("'val'");
        }
        final long value = tokens.number("ts val", 0, U32);
        if (!tokens.takeWord("ecr")) {
            throw tokens.wrong("'ecr'");
        }
        return TcpOption.of(TcpOption.TIMESTAMPS, value, tokens.number("ecr val", 0, U32));
    }

    private TcpOption sack() {
        final List<Long> edges = new ArrayList<>();
        do {
            edges.add(tokens.number("TCP SACK left sequence number", 0, U32));
            tokens.expect(":");
            edges.add(tokens.number("TCP SACK right sequence number", 0, U32));
        } while (tokens.peek().isNumber());
        return new TcpOption(TcpOption.SACK, List.copyOf(edges));
    }
}
