/**
 * Linux TAP and TUN interfaces and packet sockets without DPDK: {@code /dev/net/tun} and {@code AF_PACKET} through the
 * Foreign Function and Memory API, one system call for each packet, for what a packet socket receives for up to 32, which
 * read and write packet buffers in place. For machines without DPDK, for tests, and to have the kernel cut TCP segments.
 */
@NullMarked
package io.millrace.dataplane.port.tap;

import org.jspecify.annotations.NullMarked;
