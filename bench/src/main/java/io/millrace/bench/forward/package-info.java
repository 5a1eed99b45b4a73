/**
 * How fast one core forwards small packets from one DPDK port to another, beside DPDK's own test program doing the same
 * on the same core, by turns.
 */
@NullMarked
package io.millrace.bench.forward;

import org.jspecify.annotations.NullMarked;
