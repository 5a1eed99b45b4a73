package io.millrace.config;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.config.problem.Suggestions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a listener of TCP does otherwise than usual, written behind its port: {@code http:80/backlog=64/cookies=always}.
 *
 * @param backlog most connections that wait to be accepted, 1 to 1000000; 0 for the usual
 * @param synBacklog most half-open connections, 1 to 1000000; 0 for the usual
 * @param cookies when SYNs are answered with cookies
 * @param deferAccept seconds that a connection is not accepted until its peer sends something, 0 to 3600
 * @param mss largest MSS announced and used, 88 to 65495 bytes; 0 for the usual
 * @param noDelay whether connections begin without Nagle's algorithm; null for the usual
 */
public record ListenSpec(
        int backlog,
        int synBacklog,
        CookieSetting cookies,
        int deferAccept,
        int mss,
        @Nullable Boolean noDelay) {
    /** Everything as usual. */
    public static final ListenSpec USUAL = new ListenSpec(0, 0, CookieSetting.WHEN_FULL, 0, 0, null);

    private static final int MOST = 1_000_000;
    private static final int MOST_SECONDS = 3_600;
    private static final int LEAST_MSS = 88;
    private static final int MOST_MSS = 65_495;
    private static final List<String> OPTIONS =
            List.of("backlog", "syn-backlog", "cookies", "defer-accept", "mss", "no-delay");

    /**
     * What options say, each behind a slash.
     *
     * @return null if one is wrong, which is added to the problems
     */
    static @Nullable ListenSpec of(Located<String> options, Problems problems) {
        ListenSpec spec = USUAL;
        for (final String option : options.value().split("/", -1)) {
            final ListenSpec changed = spec.with(options, option, problems);
            if (changed == null) {
                return null;
            }
            spec = changed;
        }
        return spec;
    }

    private @Nullable ListenSpec with(Located<String> where, String option, Problems problems) {
        final int equals = option.indexOf('=');
        final String name = equals < 0 ? option : option.substring(0, equals);
        final Located<String> value = where.with(equals < 0 ? "" : option.substring(equals + 1));
        return switch (name) {
            case "backlog" -> {
                final Located<Integer> number = Values.integer(value, 1, MOST, name, problems);
                yield number == null
                        ? null
                        : new ListenSpec(number.value(), synBacklog, cookies, deferAccept, mss, noDelay);
            }
            case "syn-backlog" -> {
                final Located<Integer> number = Values.integer(value, 1, MOST, name, problems);
                yield number == null
                        ? null
                        : new ListenSpec(backlog, number.value(), cookies, deferAccept, mss, noDelay);
            }
            case "defer-accept" -> {
                final Located<Integer> number = Values.integer(value, 0, MOST_SECONDS, "number of seconds", problems);
                yield number == null
                        ? null
                        : new ListenSpec(backlog, synBacklog, cookies, number.value(), mss, noDelay);
            }
            case "mss" -> {
                final Located<Integer> number = Values.integer(value, LEAST_MSS, MOST_MSS, name, problems);
                yield number == null
                        ? null
                        : new ListenSpec(backlog, synBacklog, cookies, deferAccept, number.value(), noDelay);
            }
            case "no-delay" -> {
                final Located<Boolean> yes = Values.yesNo(value, problems);
                yield yes == null ? null : new ListenSpec(backlog, synBacklog, cookies, deferAccept, mss, yes.value());
            }
            case "cookies" -> {
                final CookieSetting setting = CookieSetting.of(value.value());
                if (setting == null) {
                    problems.add(
                            where.place(),
                            "'" + value.value() + "' says nothing about cookies",
                            Suggestions.phrase(value.value(), CookieSetting.names()));
                    yield null;
                }
                yield new ListenSpec(backlog, synBacklog, setting, deferAccept, mss, noDelay);
            }
            default -> {
                problems.add(
                        where.place(), "no option '" + name + "' of a listener", Suggestions.phrase(name, OPTIONS));
                yield null;
            }
        };
    }
}
