package io.millrace.bench.buffers;

/**
 * What a buffer costs to allocate, reset and free; medians of turns.
 *
 * @param millraceNanos nanoseconds a buffer
 * @param dpdkNanos the same by DPDK's inline functions; 0 if not measured
 * @param ratio median of the turns' ratios, above 1 if Millrace is faster; 0 if not measured
 */
record BufferResult(double millraceNanos, double dpdkNanos, double ratio) {}
