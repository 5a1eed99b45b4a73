/**
 * Measures how fast one core hands packets to another: over {@link io.millrace.dataplane.ring.HandleRing} and, in turns
 * between the same two threads, over DPDK's {@code rte_ring}.
 */
@NullMarked
package io.millrace.bench.ring;

import org.jspecify.annotations.NullMarked;
