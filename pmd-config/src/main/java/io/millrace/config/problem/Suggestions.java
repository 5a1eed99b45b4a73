package io.millrace.config.problem;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what somebody probably meant. */
public final class Suggestions {
    private Suggestions() {}

    /**
     * The candidate that is a few typing errors away.
     *
     * @param word what was written
     * @param candidates what is known
     * @return the nearest, or null if none is near enough to be worth naming
     */
    public static @Nullable String nearest(String word, Collection<String> candidates) {
        final String folded = fold(word);
        String best = null;
        int bestDistance = Math.max(1, word.length() / 3) + 1;
        for (final String candidate : candidates) {
            final int distance = distance(folded, fold(candidate));
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    /**
     * A phrase to end a problem with: {@code did you mean X?} where something is near, else the whole list.
     *
     * @param word what was written
     * @param candidates what is known, in the order in which to list it
     */
    public static String phrase(String word, Collection<String> candidates) {
        final String nearest = nearest(word, candidates);
        return nearest != null ? "did you mean " + nearest + "?" : "known: " + String.join(", ", candidates);
    }

    private static String fold(String word) {
        return word.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours each cost 1. */
    private static int distance(String a, String b) {
        final int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            cost[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            cost[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                final int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replace, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], 1 + cost[i - 2][j - 2]);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
