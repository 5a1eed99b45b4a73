package io.millrace.bench.forward;

import java.util.Arrays;

/**
 * Packet rates of one mode: Millrace and {@code dpdk-testpmd} took turns, and each turn's ratio is that of two
 * measurements right after one another, so that what the machine does besides weighs on both.
 *
 * @param mode what was done
 * @param millraceMpps million packets a second of CPU time, both directions together, the median of the turns
 * @param testpmdMpps the same by DPDK's test program; 0 if it was not measured
 * @param ratio the median of the turns' ratios, Millrace's rate in parts of testpmd's; 0 if that was not measured
 * @param lowRatio a quarter of the turns had a lower ratio
 * @param highRatio a quarter of the turns had a higher ratio
 * @param pipelineMpps the rate of the same done by nodes of a pipeline, the median of the turns
 * @param pipelineRatio the median of the turns' ratios, the pipeline's rate in parts of Millrace's without one
 * @param rounds number of turns
 */
record ForwardResult(
        ForwardMode mode,
        double millraceMpps,
        double testpmdMpps,
        double ratio,
        double lowRatio,
        double highRatio,
        double pipelineMpps,
        double pipelineRatio,
        int rounds) {
    /**
     * Of what was measured.
     *
     * @param millrace rate in each turn
     * @param pipeline rate of the pipeline in each turn
     * @param testpmd rate in each turn, none if there was no reference
     */
    static ForwardResult of(
            final ForwardMode mode, final double[] millrace, final double[] pipeline, final double[] testpmd) {
        final double pipelineMpps = quantile(pipeline, 0.5);
        final double pipelineRatio = quantile(ratios(pipeline, millrace), 0.5);
        if (testpmd.length < millrace.length) {
            return new ForwardResult(
                    mode, quantile(millrace, 0.5), 0, 0, 0, 0, pipelineMpps, pipelineRatio, millrace.length);
        }
        final double[] ratios = ratios(millrace, testpmd);
        return new ForwardResult(
                mode,
                quantile(millrace, 0.5),
                quantile(testpmd, 0.5),
                quantile(ratios, 0.5),
                quantile(ratios, 0.25),
                quantile(ratios, 0.75),
                pipelineMpps,
                pipelineRatio,
                ratios.length);
    }

    private static double[] ratios(final double[] rates, final double[] others) {
        final double[] ratios = new double[rates.length];
        Arrays.setAll(ratios, i -> rates[i] / others[i]);
        return ratios;
    }

    private static double quantile(final double[] values, final double part) {
        // On a busy machine a turn may pass without the reference having run at all.
        final double[] sorted =
                Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        if (sorted.length == 0) {
            return 0;
        }
        final double at = part * (sorted.length - 1);
        final int below = (int) at;
        final int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
