package io.millrace.bench.packetdrill.script;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A TCP option. {@link #toString()} writes it as a script does.
 *
 * @param kind IANA's number
 * @param values its numbers, 32 bits unsigned: edges in turn for SACK, value and echo for timestamps, counts of 24 bits for
 *     accurate ECN; the bytes of a kind that is not known
 */
public record TcpOption(int kind, List<Long> values) {
    /** End of the list. */
    public static final int END = 0;
    /** Padding. */
    public static final int NOP = 1;
    /** Maximum segment size. */
    public static final int MSS = 2;
    /** Window scale. */
    public static final int SCALE = 3;
    /** SACK permitted. */
    public static final int SACK_OK = 4;
    /** SACK blocks. */
    public static final int SACK = 5;
    /** Timestamps. */
    public static final int TIMESTAMPS = 8;

    /** MD5 signature; without numbers it is the one that the segment has to have, with fewer than it has it is wrong. */
    public static final int MD5 = 19;
    /** Bytes of its code. */
    public static final int MD5_CODE = 16;

    /** Fast Open. */
    public static final int FAST_OPEN = 34;
    /** Accurate ECN: bytes that came with ECT(0), with CE and with ECT(1), the last ones of which may be missing. */
    public static final int ACCURATE_ECN_0 = 172;
    /** Accurate ECN: bytes with ECT(1), with CE and with ECT(0). */
    public static final int ACCURATE_ECN_1 = 174;
    /** An experiment; Fast Open was one. */
    public static final int EXPERIMENT = 254;

    private static final long UNSIGNED = 0xFFFF_FFFFL;

    /** Makes one without or with numbers. */
    public static TcpOption of(final int kind, final long... values) {
        final List<Long> list = new ArrayList<>();
        for (final long value : values) {
            list.add(value & UNSIGNED);
        }
        return new TcpOption(kind, List.copyOf(list));
    }

    /** Makes one of a kind that has bytes. */
    public static TcpOption ofBytes(final int kind, final byte[] bytes) {
        final List<Long> list = new ArrayList<>();
        for (final byte value : bytes) {
            list.add(value & 0xFFL);
        }
        return new TcpOption(kind, List.copyOf(list));
    }

    /** Names of the counts of accurate ECN, in the order of a kind. */
    static List<String> ecnCounts(final int kind) {
        return kind == ACCURATE_ECN_0 ? List.of("e0b", "ceb", "e1b") : List.of("e1b", "ceb", "e0b");
    }

    /** Bytes that it takes in a header. */
    public int length() {
        return switch (kind) {
            case END, NOP -> 1;
            case MSS -> 4;
            case SCALE -> 3;
            case SACK, TIMESTAMPS -> 2 + 4 * values.size();
            case ACCURATE_ECN_0, ACCURATE_ECN_1 -> 2 + 3 * values.size();
            case MD5 -> 2 + (values.isEmpty() ? MD5_CODE : values.size());
            default -> 2 + values.size();
        };
    }

    /** Whether it is a signature, and whose code is for the segment to say. */
    public boolean isValidSignature() {
        return kind == MD5 && values.isEmpty();
    }

    /** Writes it, most significant byte first; of a signature that is right, zeros in place of the code. */
    public void write(final ByteBuffer to) {
        to.put((byte) kind);
        if (kind == END || kind == NOP) {
            return;
        }
        to.put((byte) length());
        if (isValidSignature()) {
            to.put(new byte[MD5_CODE]);
        }
        for (final long value : values) {
            switch (kind) {
                case MSS -> to.putShort((short) value);
                case SACK, TIMESTAMPS -> to.putInt((int) value);
                case ACCURATE_ECN_0, ACCURATE_ECN_1 ->
                    to.put((byte) (value >>> 16)).putShort((short) value);
                default -> to.put((byte) value);
            }
        }
    }

    /** Reads a list of options as it stands in a header; what does not fit ends the list. */
    public static List<TcpOption> read(final ByteBuffer from) {
        final List<TcpOption> options = new ArrayList<>();
        while (from.hasRemaining()) {
            final int kind = from.get() & 0xFF;
            if (kind == END || kind == NOP) {
                options.add(of(kind));
                continue;
            }
            final int length = from.hasRemaining() ? from.get() & 0xFF : 0;
            if (length < 2 || length - 2 > from.remaining()) {
                break;
            }
            final ByteBuffer value = from.slice(from.position(), length - 2);
            from.position(from.position() + length - 2);
            options.add(new TcpOption(kind, numbers(kind, value)));
        }
        return options;
    }

    private static List<Long> numbers(final int kind, final ByteBuffer value) {
        final List<Long> numbers = new ArrayList<>();
        while (value.hasRemaining()) {
            if (kind == MSS && value.remaining() >= 2) {
                numbers.add(value.getShort() & 0xFFFFL);
            } else if ((kind == SACK || kind == TIMESTAMPS) && value.remaining() >= 4) {
                numbers.add(value.getInt() & UNSIGNED);
            } else if ((kind == ACCURATE_ECN_0 || kind == ACCURATE_ECN_1) && value.remaining() >= 3) {
                numbers.add((value.get() & 0xFFL) << 16 | (value.getShort() & 0xFFFFL));
            } else {
                numbers.add(value.get() & 0xFFL);
            }
        }
        return numbers;
    }

    @Override
    public String toString() {
        return switch (kind) {
            case END -> "eol";
            case NOP -> "nop";
            case MSS -> "mss " + joined(" ");
            case SCALE -> "wscale " + joined(" ");
            case SACK_OK -> "sackOK";
            case TIMESTAMPS ->
                values.size() == 2 ? "TS val " + values.get(0) + " ecr " + values.get(1) : "TS " + joined(" ");
            case MD5 -> "md5 " + (values.isEmpty() ? "valid" : hex(0));
            case FAST_OPEN -> "FO" + (values.isEmpty() ? "" : " " + hex(0));
            case EXPERIMENT ->
                values.size() >= 2 && values.get(0) == 0xF9 && values.get(1) == 0x89
                        ? "FOEXP" + (values.size() == 2 ? "" : " " + hex(2))
                        : "kind 254 " + hex(0);
            case SACK -> sack();
            case ACCURATE_ECN_0, ACCURATE_ECN_1 -> accurateEcn();
            default -> "kind " + kind + (values.isEmpty() ? "" : " " + joined(" "));
        };
    }

    private String sack() {
        final StringBuilder text = new StringBuilder("sack");
        for (int i = 0; i + 1 < values.size(); i += 2) {
            text.append(' ').append(values.get(i)).append(':').append(values.get(i + 1));
        }
        return text.toString();
    }

    private String accurateEcn() {
        final List<String> names = ecnCounts(kind);
        final StringBuilder text = new StringBuilder("ECN");
        if (values.isEmpty()) {
            text.append(' ').append(names.getFirst());
        }
        for (int i = 0; i < values.size(); i++) {
            text.append(' ').append(i < names.size() ? names.get(i) : "?");
            text.append(' ').append(values.get(i));
        }
        return text.toString();
    }

    private String hex(final int from) {
        return values.stream()
                .skip(from)
                .map(value -> String.format(Locale.ROOT, "%02x", value))
                .collect(Collectors.joining());
    }

    private String joined(final String separator) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(separator));
    }
}
