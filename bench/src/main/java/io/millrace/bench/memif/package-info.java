/**
 * Forwarding from process to process over {@code net_memif}, DPDK's shared memory between processes: what needs no NIC
 * and yet crosses from one address space to another. Millrace or {@code dpdk-testpmd} forwards, each in a process of
 * its own.
 */
@NullMarked
package io.millrace.bench.memif;

import org.jspecify.annotations.NullMarked;
