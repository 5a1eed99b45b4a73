package io.millrace.config.problem;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Collects what is wrong with the settings, so that all of it is reported at once. Not thread-safe; one per validation.
 */
public final class Problems {
    private record Problem(Place place, String text) {}

    private final List<Problem> problems = new ArrayList<>();
    private final List<String> sources = new ArrayList<>();

    /** No problems yet. */
    public Problems() {}

    /**
     * Adds one problem.
     *
     * @param place where it was written
     * @param wrong what is wrong there
     * @param right what would be right, or how to get there
     */
    public void add(Place place, String wrong, String right) {
        if (!sources.contains(place.source())) {
            sources.add(place.source());
        }
        problems.add(new Problem(place, wrong + "; " + right));
    }

    /** Whether nothing was wrong so far. */
    public boolean isEmpty() {
        return problems.isEmpty();
    }

    /** How many were found so far; two calls tell whether a step in between found any. */
    public int count() {
        return problems.size();
    }

    /** One line for each, by source in the order of its first problem, then by line. */
    public List<String> lines() {
        return problems.stream()
                .sorted(Comparator.<Problem>comparingInt(problem -> sources.indexOf(problem.place.source()))
                        .thenComparingInt(problem -> problem.place.line())
                        .thenComparingInt(problem -> problem.place.column()))
                .map(problem -> problem.place + ": " + problem.text)
                .toList();
    }

    /**
     * Ends validation.
     *
     * @throws ConfigException if there is a problem
     */
    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new ConfigException(lines());
        }
    }
}
