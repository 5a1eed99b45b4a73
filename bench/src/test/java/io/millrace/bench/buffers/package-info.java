/** Tests of the benchmark of packet buffers: that it measures both sides, and says so when it cannot. */
@NullMarked
package io.millrace.bench.buffers;

import org.jspecify.annotations.NullMarked;
