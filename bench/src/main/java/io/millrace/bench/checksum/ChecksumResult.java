package io.millrace.bench.checksum;

/**
 * Times of one length: medians over the turns.
 *
 * @param length bytes summed
 * @param odd whether they lay at odd addresses
 * @param implementation how Millrace sums on this machine, as its checksum says
 * @param millraceNanos nanoseconds a sum
 * @param rawCksumNanos the same of {@code rte_raw_cksum}; 0 if it was not measured
 * @param ratio median of the turns' quotients, theirs by ours: above 1, Millrace is faster; 0 if not measured
 */
record ChecksumResult(
        int length, boolean odd, String implementation, double millraceNanos, double rawCksumNanos, double ratio) {}
