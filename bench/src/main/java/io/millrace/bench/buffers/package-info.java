/** Measures packet buffers: what it costs to allocate, reset and free them, beside DPDK's own functions. */
@NullMarked
package io.millrace.bench.buffers;

import org.jspecify.annotations.NullMarked;
