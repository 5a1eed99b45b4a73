package io.millrace.bench.peer.twins;

import io.millrace.bench.peer.calls.LinuxCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes the steps of cases with both twins, and leaves of a case that differs as few as show the difference. */
final class TwinComparison implements AutoCloseable {
    /** A case differs if it does each time: the clock of Linux goes on, and its machine may be busy. */
    private static final int ATTEMPTS = 6;

    private final LinuxTwin linux;
    private final OurTwin ours;
    private final List<Pattern> meant;
    /** Of those the ones for a step after which a difference is seen sooner or later. */
    private final List<Pattern> ends;

    private int number;

    /**
     * What both did not have in common.
     *
     * @param text STATE: STEP =&gt; LINUX &lt;&gt; OURS
     * @param trace all steps, and what Linux did
     */
    record Difference(String text, String trace) {
        /** What kind it is: the numbers are left out. */
        String kind() {
            return text.replaceAll("\\d+", "N");
        }

        @Override
        public String toString() {
            return trace + "\n" + text;
        }
    }

    TwinComparison(LinuxTwin linux, OurTwin ours) throws IOException {
        this.linux = linux;
        this.ours = ours;
        meant = LinuxCalls.lines("twins/meant.txt").stream()
                .map(line -> Pattern.compile(line.split(" # ", 2)[0]))
                .toList();
        ends = meant.stream().filter(each -> !each.pattern().contains("=>")).toList();
    }

    /** The difference that a case makes every time; null if there is none. */
    @Nullable
    Difference find(TwinCase one) throws IOException {
        Difference last = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            linux.patience(attempt);
            final Difference difference = once(one);
            if (difference == null) {
                return null;
            }
            last = difference;
        }
        linux.patience(0);
        return last;
    }

    /** A difference with as few and as simple steps as still make one of its kind. */
    Difference reduce(TwinCase one, Difference difference) throws IOException {
        TwinCase small = one;
        Difference least = difference;
        boolean smaller = true;
        while (smaller) {
            smaller = false;
            for (final TwinCase less : simpler(small)) {
                final Difference again = once(less);
                if (again != null && again.kind().equals(difference.kind())) {
                    small = less;
                    least = again;
                    smaller = true;
                    break;
                }
            }
        }
        return least;
    }

    private static List<TwinCase> simpler(TwinCase one) {
        final List<TwinCase> all = new ArrayList<>();
        final List<String> steps = one.steps();
        for (int at = steps.size() - 1; at >= 0; at--) {
            final List<String> fewer = new ArrayList<>(steps);
            fewer.remove(at);
            all.add(one.with(fewer));
        }
        for (int at = steps.size() - 1; at >= 0; at--) {
            final List<String> words = List.of(steps.get(at).split(" ", -1));
            for (int option = words.size() - 1; option >= TwinStep.OPTIONS; option--) {
                if (!words.get(option).startsWith("urg=")) {
                    final List<String> fewer = new ArrayList<>(words);
                    fewer.remove(option);
                    final List<String> others = new ArrayList<>(steps);
                    others.set(at, String.join(" ", fewer));
                    all.add(one.with(others));
                }
            }
        }
        return all;
    }

    private @Nullable Difference once(TwinCase one) throws IOException {
        number++;
        linux.begin(one, number);
        ours.begin(one, number);
        try {
            final StringBuilder trace = new StringBuilder(one.ipv6() ? "IPv6" : "IPv4");
            for (final String step : one.steps()) {
                final String state = linux.state();
                final TwinLook theirs = linux.step(step);
                final TwinLook mine = ours.step(step);
                trace.append("\n    ").append(step).append("\n        ").append(theirs);
                if (!mine.equalsThatOf(theirs, ours.repeated())) {
                    final String text = state + ": " + step + " => " + theirs + " <> " + mine;
                    return matches(meant, text) ? null : new Difference(text, trace + "\n     we " + mine);
                }
                if (matches(ends, state + ": " + step)) {
                    return null;
                }
                linux.align(ours);
            }
            return null;
        } finally {
            linux.end();
            ours.end();
        }
    }

    private static boolean matches(List<Pattern> patterns, String text) {
        return patterns.stream().anyMatch(each -> each.matcher(text).find());
    }

    @Override
    public void close() {
        linux.close();
        ours.close();
    }
}
