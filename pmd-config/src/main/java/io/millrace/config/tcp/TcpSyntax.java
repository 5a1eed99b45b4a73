package io.millrace.config.tcp;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a setting is written, see {@link TcpValue}. */
enum TcpSyntax {
    CHOICE,
    SWITCH,
    /** A number with us, ms, s, m, h or d behind it. */
    TIME,
    /** A number, perhaps with k, M or G behind it. */
    BYTES,
    COUNT,
    /** A key, perhaps with the previous one behind a plus or comma, or {@link #OWN}. */
    KEYS;

    /** Microseconds. */
    static final long DAY = 86_400_000_000L;

    /** A key that each host draws for itself. */
    static final String OWN = "own";

    private static final String KEY = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{8}){3}";
    private static final Pattern KEY_PAIR = Pattern.compile(KEY + "([+,] *" + KEY + ")?");
    private static final Pattern NUMBER = Pattern.compile("([0-9]{1,9})(us|ms|s|m|h|d|k|K|M|G|)");

    /** Whether a text names keys. */
    static boolean isKeys(String text) {
        return text.equals(OWN) || KEY_PAIR.matcher(text).matches();
    }

    /** What a text means; empty if it means nothing. Words and keys are not read here. */
    OptionalLong parse(String text) {
        final Matcher matcher = NUMBER.matcher(text);
        if (this == SWITCH) {
            return switch (text) {
                case "true", "yes", "on", "1" -> OptionalLong.of(1);
                case "false", "no", "off", "0" -> OptionalLong.of(0);
                default -> OptionalLong.empty();
            };
        }
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        final long number = Long.parseLong(matcher.group(1));
        final long unit = unit(matcher.group(2));
        return unit == 0 && number != 0 ? OptionalLong.empty() : OptionalLong.of(number * unit);
    }

    /** What a unit counts; 0 if the number needs another. */
    private long unit(String name) {
        return switch (this) {
            case TIME ->
                switch (name) {
                    case "us" -> 1;
                    case "ms" -> 1_000;
                    case "s" -> 1_000_000;
                    case "m" -> 60_000_000;
                    case "h" -> 3_600_000_000L;
                    case "d" -> DAY;
                    default -> 0;
                };
            case BYTES ->
                switch (name) {
                    case "" -> 1;
                    case "k", "K" -> 1 << 10;
                    case "M" -> 1 << 20;
                    case "G" -> 1 << 30;
                    default -> 0;
                };
            default -> name.isEmpty() ? 1 : 0;
        };
    }

    /** A value in the largest unit that fits it. */
    String text(long value) {
        if (this == SWITCH) {
            return value == 1 ? "yes" : "no";
        }
        final String[] units = this == TIME
                ? new String[] {"d", "h", "m", "s", "ms", "us"}
                : this == BYTES ? new String[] {"G", "M", "k"} : new String[0];
        for (final String unit : units) {
            if (value != 0 && value % unit(unit) == 0) {
                return value / unit(unit) + unit;
            }
        }
        return Long.toString(value);
    }

    /** What to write instead of something that means nothing. */
    String advice() {
        return switch (this) {
            case TIME -> "a time such as 200ms, 5s or 2h";
            case BYTES -> "bytes such as 1460, 64k or 4M";
            case COUNT -> "a whole number";
            case KEYS -> "own, or a key such as 01234567-89abcdef-01234567-89abcdef, the previous one after a plus";
            case SWITCH -> "yes or no";
            case CHOICE -> "one of its words";
        };
    }
}
