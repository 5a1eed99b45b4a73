package io.millrace.bench.forward;

/**
 * Packet rates of one mode: the medians of rounds in which Millrace and {@code dpdk-testpmd} took turns.
 *
 * @param mode what was done
 * @param millraceMpps million packets a second, both directions together
 * @param testpmdMpps the same by DPDK's test program; 0 if it was not measured
 * @param rounds number of rounds
 */
public record ForwardResult(ForwardMode mode, double millraceMpps, double testpmdMpps, int rounds) {
    /** Millrace's rate in parts of testpmd's; 0 if that was not measured. */
    public double ratio() {
        return testpmdMpps == 0 ? 0 : millraceMpps / testpmdMpps;
    }
}
