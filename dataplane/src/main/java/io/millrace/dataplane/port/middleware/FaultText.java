package io.millrace.dataplane.port.middleware;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Faults as people write them, in flags, files and commands: {@code loss=1%,delay=10ms~2ms,rate=5000:64}, or {@code
 * none}.
 *
 * <pre>
 *  loss, corrupt, mutate, duplicate   a probability: 0.01 or 1%
 *  reorder                            a probability, and behind @ how long at most: 5%@2ms; 1ms if left out
 *  delay                              a time, and behind ~ how much longer at most: 10ms~2ms
 *  longest                            bytes, link header included
 *  rate                               packets a second, and behind : the bucket's tokens: 5000:64; 1 if left out
 * </pre>
 *
 * Times are in us, ms or s.
 */
public final class FaultText {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)(us|ms|s)");
    private static final Pattern PROBABILITY = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,12})?)(%?)");
    private static final double PERCENT = 100;
    private static final String NONE = "none";

    private FaultText() {}

    /**
     * Reads a text.
     *
     * @throws IllegalArgumentException with what is wrong, for a person
     */
    public static Faults parse(final String text) {
        final Faults.Builder faults = Faults.builder();
        if (text.strip().equals(NONE)) {
            return faults.build();
        }
        for (final String part : text.split(",", -1)) {
            final String[] pair = part.strip().split("=", 2);
            if (pair.length < 2 || pair[1].isEmpty()) {
                throw new IllegalArgumentException(
                        "'" + part.strip() + "' is no fault; write for instance loss=1%, delay=10ms~2ms or none");
            }
            set(faults, pair[0].strip(), pair[1].strip());
        }
        return faults.build();
    }

    private static void set(final Faults.Builder faults, final String name, final String value) {
        switch (name) {
            case "loss" -> faults.loss(probability(name, value));
            case "corrupt" -> faults.corruption(probability(name, value));
            case "mutate" -> faults.mutation(probability(name, value));
            case "duplicate" -> faults.duplication(probability(name, value));
            case "reorder" -> {
                final String[] parts = value.split("@", 2);
                faults.reorder(
                        probability(name, parts[0]),
                        parts.length == 1 ? Faults.NONE.reorderMicros() : micros(name, parts[1]));
            }
            case "delay" -> {
                final String[] parts = value.split("~", 2);
                faults.delay(micros(name, parts[0]), parts.length == 1 ? 0 : micros(name, parts[1]));
            }
            case "longest" -> faults.longest((int) number(name, value, Integer.MAX_VALUE));
            case "rate" -> {
                final String[] parts = value.split(":", 2);
                faults.rate(
                        number(name, parts[0], 1_000_000_000L),
                        parts.length == 1 ? 1 : (int) number(name, parts[1], Integer.MAX_VALUE));
            }
            default ->
                throw new IllegalArgumentException("there is no fault '" + name
                        + "'; choose from loss, corrupt, mutate, duplicate, reorder, delay, longest, rate");
        }
    }

    private static double probability(final String name, final String text) {
        final Matcher matcher = PROBABILITY.matcher(text);
        if (matcher.matches()) {
            final double value = Double.parseDouble(matcher.group(1));
            final double probability = matcher.group(2).isEmpty() ? value : value / PERCENT;
            if (probability <= 1) {
                return probability;
            }
        }
        throw new IllegalArgumentException(
                name + "=" + text + " is no probability; write for instance " + name + "=1% or " + name + "=0.01");
    }

    private static long micros(final String name, final String text) {
        final Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' in " + name + " is no time; write a number and us, ms or s");
        }
        final double unit = switch (matcher.group(2)) {
            case "us" -> 1;
            case "ms" -> 1e3;
            default -> 1e6;
        };
        return Math.round(Double.parseDouble(matcher.group(1)) * unit);
    }

    private static long number(final String name, final String text, final long most) {
        if (text.matches("\\d{1,10}") && Long.parseLong(text) >= 1 && Long.parseLong(text) <= most) {
            return Long.parseLong(text);
        }
        throw new IllegalArgumentException(
                "'" + text + "' in " + name + " is out of range; write a whole number from 1 to " + most);
    }

    /** Writes faults so that {@link #parse} reads the same. */
    public static String of(final Faults faults) {
        final List<String> parts = new ArrayList<>();
        add(parts, "loss", faults.loss(), "");
        add(parts, "corrupt", faults.corruption(), "");
        add(parts, "mutate", faults.mutation(), "");
        add(parts, "duplicate", faults.duplication(), "");
        add(parts, "reorder", faults.reorder(), "@" + faults.reorderMicros() + "us");
        if (faults.delayMicros() > 0 || faults.jitterMicros() > 0) {
            parts.add("delay=" + faults.delayMicros() + "us"
                    + (faults.jitterMicros() == 0 ? "" : "~" + faults.jitterMicros() + "us"));
        }
        if (faults.longest() > 0) {
            parts.add("longest=" + faults.longest());
        }
        if (faults.packetsPerSecond() > 0) {
            parts.add("rate=" + faults.packetsPerSecond() + ":" + faults.bucket());
        }
        return parts.isEmpty() ? NONE : String.join(",", parts);
    }

    private static void add(
            final List<String> parts, final String name, final double probability, final String behind) {
        if (probability > 0) {
            final String digits =
                    String.format(Locale.ROOT, "%.12f", probability).replaceFirst("\\.?0+$", "");
            parts.add(name + "=" + digits + behind);
        }
    }
}
