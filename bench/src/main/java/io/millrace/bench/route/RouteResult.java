package io.millrace.bench.route;

import io.millrace.bench.reference.Turns;

/**
 * What was measured with one table.
 *
 * @param family 4 or 6
 * @param routes how many
 * @param reference DPDK's name for its table
 * @param turns million packets a second
 * @param bytesPerRoute bytes of memory that our table takes, by its routes
 * @param changeNanos nanoseconds to remove a route and to add it again, the mean over random ones
 */
record RouteResult(int family, int routes, String reference, Turns turns, double bytesPerRoute, double changeNanos) {}
