package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.bench.socketapi.Linux;
import java.util.Locale;
import java.util.Map;

/** The numbers that expressions in system calls stand for. */
public final class Values {
    /** Which of its TCPs FreeBSD uses, and how that spreads segments: up to a sender. Linux has no option of this number. */
    static final long SENDERS_OWN = 0x1100;

    /** Names of FreeBSD's headers that Linux's have not. */
    private static final Map<String, Long> FREEBSD = Map.of(
            "IPTOS_DSCP_CS1", 0x20L,
            "IPTOS_DSCP_CS7", 0xE0L,
            "TCP_FUNCTION_BLK", SENDERS_OWN,
            "TCP_RACK_PACE_ALWAYS", SENDERS_OWN,
            "TCP_RACK_PACE_MAX_SEG", SENDERS_OWN,
            "TCP_RACK_PACE_RATE_SS", SENDERS_OWN);

    private Values() {}

    /**
     * The number that Linux's headers give a name, or else FreeBSD's.
     *
     * @throws MismatchException if it is none of a header's
     * @throws UnsupportedCallException if no call here knows it
     */
    public static long named(final String name) {
        if (name.equals("NULL")) {
            return 0;
        }
        final Long value = FREEBSD.getOrDefault(name, Linux.number(name));
        if (value == null && !name.equals(name.toUpperCase(Locale.ROOT))) {
            throw new MismatchException("Unknown symbol '" + name + "'");
        }
        if (value == null) {
            throw new UnsupportedCallException("the constant " + name);
        }
        return value;
    }

    /** The value of an expression that is a number. */
    public static long of(final Expression expression) {
        return switch (expression) {
            case Expression.Literal number -> number.value();
            case Expression.Name name -> named(name.name());
            case Expression.Or or -> of(or.left()) | of(or.right());
            case Expression.Items items
            when items.items().size() == 1 -> of(items.items().getFirst());
            case Expression.Applied applied
            when applied.name().equals("htons") -> {
                if (applied.arguments().size() != 1) {
                    throw new MismatchException("one number is wanted in " + applied);
                }
                yield of(applied.arguments().getFirst());
            }
            case Expression.Text text -> throw new MismatchException("a number is wanted in place of " + text);
            case Expression.Items items
            when items.items().stream().allMatch(Expression.Literal.class::isInstance) ->
                throw new MismatchException("one number is wanted in place of " + items);
            default -> throw new UnsupportedCallException("'" + expression + "' where a number is wanted");
        };
    }
}
