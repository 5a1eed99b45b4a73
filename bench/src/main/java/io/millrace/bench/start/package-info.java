/** Measures how long it takes from the start of a forwarding program to its first packet, beside DPDK's own. */
@NullMarked
package io.millrace.bench.start;

import org.jspecify.annotations.NullMarked;
