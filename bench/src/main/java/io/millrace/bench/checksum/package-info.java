/**
 * Measures the internet checksum beside DPDK's {@code rte_raw_cksum}. Both sum the same packets in turns of about 100
 * microseconds, in one thread, so that whatever else the machine does hits both alike.
 */
@NullMarked
package io.millrace.bench.checksum;

import org.jspecify.annotations.NullMarked;
