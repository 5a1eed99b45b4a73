package io.millrace.bench.reference;

import java.util.Arrays;
import java.util.Locale;

/**
 * Rates of Millrace and of a reference that took turns. Each turn's ratio is that of two measurements right after one
 * another, so that what the machine does besides weighs on both.
 *
 * @param millrace the median of Millrace's turns, in whatever was measured in a second
 * @param reference the same of the reference; 0 if it was not measured
 * @param ratio the median of the turns' ratios, above 1 if Millrace is faster; 0 if that was not measured
 * @param lowRatio a quarter of the turns had a lower ratio
 * @param highRatio a quarter of the turns had a higher ratio
 * @param rounds number of turns
 */
public record Turns(double millrace, double reference, double ratio, double lowRatio, double highRatio, int rounds) {
    /**
     * Of what was measured.
     *
     * @param millrace rate in each turn, at least one
     * @param reference rate in each turn; fewer if there is no reference
     */
    public static Turns of(final double[] millrace, final double[] reference) {
        if (reference.length < millrace.length) {
            return new Turns(quantile(millrace, 0.5), 0, 0, 0, 0, millrace.length);
        }
        final double[] ratios = new double[millrace.length];
        Arrays.setAll(ratios, i -> millrace[i] / reference[i]);
        return new Turns(
                quantile(millrace, 0.5),
                quantile(reference, 0.5),
                quantile(ratios, 0.5),
                quantile(ratios, 0.25),
                quantile(ratios, 0.75),
                ratios.length);
    }

    /**
     * For a person: both rates, and the ratio with its quartiles.
     *
     * @param unit of the rates
     * @param name of the reference
     */
    public String text(final String unit, final String name) {
        return String.format(Locale.ROOT, "millrace %6.2f %s   %s ", millrace, unit, name)
                + (reference == 0
                        ? "not measured"
                        : String.format(
                                Locale.ROOT,
                                "%6.2f %s   ratio %.2f (%.2f to %.2f, %d turns)",
                                reference,
                                unit,
                                ratio,
                                lowRatio,
                                highRatio,
                                rounds));
    }

    /** The value below which a part of the values is, between two of them by linear interpolation. */
    public static double quantile(final double[] values, final double part) {
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        final double at = part * (sorted.length - 1);
        final int below = (int) at;
        final int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
