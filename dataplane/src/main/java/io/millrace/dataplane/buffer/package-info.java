/**
 * Packet buffers. A pool is one bounded {@link java.lang.foreign.MemorySegment}; a packet is a <em>handle</em>, the byte
 * offset of its buffer within that segment, and every handle has exactly one owner, who frees it or hands it on.
 *
 * <p>All pools share one buffer header, that of DPDK's {@code rte_mbuf}, so that a packet travels between a poll-mode
 * driver, a TAP device and a test without being copied or translated.
 */
@NullMarked
package io.millrace.dataplane.buffer;

import org.jspecify.annotations.NullMarked;
