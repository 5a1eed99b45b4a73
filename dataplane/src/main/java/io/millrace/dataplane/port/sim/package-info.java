/**
 * A wire without hardware and without a clock. Two ends are connected by a link whose latency, bandwidth, loss,
 * duplication, reordering and corruption follow from a seed and from the time that its users pass in, so that a test of
 * two whole stacks gives the same packets each time.
 */
@NullMarked
package io.millrace.dataplane.port.sim;

import org.jspecify.annotations.NullMarked;
