package io.millrace.bench.start;

/**
 * Seconds from the start of a process to its first packet; medians.
 *
 * @param millrace of {@code millrace forward --mode io}, with the flags that this JVM was started with
 * @param withoutCache the same without the JVM's ahead-of-time cache; 0 if this JVM has none
 * @param testpmd of {@code dpdk-testpmd}; 0 if it is not installed
 */
record StartResult(double millrace, double withoutCache, double testpmd) {}
