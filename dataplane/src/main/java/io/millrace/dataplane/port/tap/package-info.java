/**
 * Linux TAP and TUN interfaces without DPDK: {@code /dev/net/tun} through the Foreign Function and Memory API, one
 * system call a packet, which reads and writes packet buffers in place. For machines without DPDK, and for tests.
 */
@NullMarked
package io.millrace.dataplane.port.tap;

import org.jspecify.annotations.NullMarked;
