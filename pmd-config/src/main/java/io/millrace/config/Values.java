package io.millrace.config;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.config.problem.Suggestions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns the text of one setting into its value, for files and flags alike. Each method returns null after it has added
 * to the problems.
 */
final class Values {
    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(\\1[0-9a-fA-F]{2}){4}");
    private static final Pattern INSTANCE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}");
    private static final Pattern BYTES = Pattern.compile("([0-9]{1,9})([kKMG]?)");
    private static final Pattern VLAN = Pattern.compile("([0-9]{1,4})(?:\\.([0-9]{1,4}))?");
    private static final int MAX_VLAN = 4094;
    private static final long MULTICAST_BIT = 1L << 40;

    private Values() {}

    static @Nullable Located<Integer> integer(Located<String> text, int min, int max, String unit, Problems problems) {
        try {
            final int value = Integer.parseInt(text.value());
            if (value >= min && value <= max) {
                return text.with(value);
            }
        } catch (NumberFormatException notANumber) {
            // Falls through to the one message for both cases.
        }
        problems.add(text.place(), quoted(text) + " is no " + unit, "write a whole number from " + min + " to " + max);
        return null;
    }

    /** Any whole number of 64 bits. */
    static @Nullable Located<Long> seed(Located<String> text, Problems problems) {
        try {
            return text.with(Long.parseLong(text.value()));
        } catch (NumberFormatException notANumber) {
            problems.add(text.place(), quoted(text) + " is no seed", "write a whole number");
            return null;
        }
    }

    /** A number of bytes, with k, M or G behind it for powers of 1024. */
    static @Nullable Located<Long> bytes(Located<String> text, Problems problems) {
        final Matcher matcher = BYTES.matcher(text.value());
        if (matcher.matches()) {
            final int shift = switch (matcher.group(2)) {
                case "k", "K" -> 10;
                case "M" -> 20;
                case "G" -> 30;
                default -> 0;
            };
            final long value = Long.parseLong(matcher.group(1)) << shift;
            if (value > 0) {
                return text.with(value);
            }
        }
        problems.add(text.place(), quoted(text) + " is no number of bytes", "write one such as 65536, 64k, 100M or 1G");
        return null;
    }

    /** The tags of a VLAN. */
    static @Nullable Located<VlanTags> vlan(Located<String> text, Problems problems) {
        if (text.value().equals("any")) {
            return text.with(VlanTags.ANY);
        }
        final Matcher matcher = VLAN.matcher(text.value());
        if (matcher.matches()) {
            final int outer = Integer.parseInt(matcher.group(1));
            final int inner = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
            if (outer >= 1 && outer <= MAX_VLAN && inner <= MAX_VLAN && (inner > 0 || matcher.group(2) == null)) {
                return text.with(new VlanTags(outer, inner));
            }
        }
        problems.add(
                text.place(),
                quoted(text) + " is no VLAN",
                "write an id from 1 to " + MAX_VLAN + ", two with a dot between for QinQ (service.customer), or any");
        return null;
    }

    static @Nullable Located<Boolean> yesNo(Located<String> text, Problems problems) {
        return switch (text.value()) {
            case "true", "yes", "on" -> text.with(true);
            case "false", "no", "off" -> text.with(false);
            default -> {
                problems.add(text.place(), quoted(text) + " is neither yes nor no", "write yes or no");
                yield null;
            }
        };
    }

    static <E extends Enum<E>> @Nullable Located<E> choice(
            Located<String> text, E[] values, Function<E, String> name, Problems problems) {
        for (final E value : values) {
            if (name.apply(value).equals(text.value().toLowerCase(Locale.ROOT))) {
                return text.with(value);
            }
        }
        final Collection<String> names = Arrays.stream(values).map(name).toList();
        problems.add(text.place(), quoted(text) + " is not possible here", "write " + oneOf(names));
        return null;
    }

    static @Nullable Located<Long> mac(Located<String> text, Problems problems) {
        if (!MAC.matcher(text.value()).matches()) {
            problems.add(
                    text.place(),
                    quoted(text) + " is no MAC address",
                    "write six bytes in hexadecimal, for instance 02:00:00:00:00:01");
            return null;
        }
        final long mac = Long.parseLong(text.value().replaceAll("[:-]", ""), 16);
        if ((mac & MULTICAST_BIT) != 0 || mac == 0) {
            problems.add(
                    text.place(),
                    quoted(text) + (mac == 0 ? " is all zeros" : " is a group address"),
                    "an interface needs an address of its own; 02:... is free to use");
            return null;
        }
        return text.with(mac);
    }

    static @Nullable Located<ServiceSpec> service(Located<String> text, Protocol protocol, Problems problems) {
        final int colon = text.value().indexOf(':');
        final String name = colon < 0 ? text.value() : text.value().substring(0, colon);
        final ServiceKind kind = ServiceKind.of(name, protocol);
        if (kind == null) {
            problems.add(
                    text.place(),
                    "no service '" + name + "' over " + protocol,
                    Suggestions.phrase(name, ServiceKind.names(protocol)));
            return null;
        }
        if (colon < 0) {
            problems.add(text.place(), quoted(text) + " names no port", "write " + name + ":PORT");
            return null;
        }
        final int slash = protocol == Protocol.TCP ? text.value().indexOf('/', colon) : -1;
        final String digits =
                text.value().substring(colon + 1, slash < 0 ? text.value().length() : slash);
        final Located<Integer> port = integer(text.with(digits), 1, 65535, protocol + " port", problems);
        final ListenSpec listen = slash < 0
                ? ListenSpec.USUAL
                : ListenSpec.of(text.with(text.value().substring(slash + 1)), problems);
        return port == null || listen == null ? null : text.with(new ServiceSpec(kind, port.value(), listen));
    }

    static @Nullable Located<Path> path(Located<String> text, Path base, Problems problems) {
        if (text.value().isEmpty()) {
            problems.add(text.place(), "no path", "name a file or folder");
            return null;
        }
        try {
            return text.with(base.resolve(text.value()).normalize());
        } catch (InvalidPathException e) {
            problems.add(text.place(), quoted(text) + " is no path: " + e.getReason(), "name a file or folder");
            return null;
        }
    }

    static @Nullable Located<String> instance(Located<String> text, Problems problems) {
        if (!INSTANCE.matcher(text.value()).matches()) {
            problems.add(
                    text.place(),
                    quoted(text) + " is no name for an instance",
                    "use letters, digits, '_', '-' and '.', 63 at most");
            return null;
        }
        return text;
    }

    static String oneOf(Collection<String> names) {
        return String.join(" or ", names);
    }

    private static String quoted(Located<String> text) {
        return "'" + text.value() + "'";
    }
}
