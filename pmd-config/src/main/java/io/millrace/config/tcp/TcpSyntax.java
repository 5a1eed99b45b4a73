package io.millrace.config.tcp;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a setting is written. Values are numbers: microseconds, bytes, 1 and 0 for yes and no, or a word's place. */
enum TcpSyntax {
    CHOICE,
    SWITCH,
    /** A number with us, ms, s, m, h or d behind it. */
    TIME,
    /** A number, perhaps with k, M or G behind it. */
    BYTES,
    COUNT;

    /** Microseconds. */
    static final long DAY = 86_400_000_000L;

    private static final Pattern NUMBER = Pattern.compile("([0-9]{1,9})(us|ms|s|m|h|d|k|K|M|G|)");

    /** What a text means; empty if it means nothing. Words are not read here. */
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
            case SWITCH -> "yes or no";
            case CHOICE -> "one of its words";
        };
    }
}
