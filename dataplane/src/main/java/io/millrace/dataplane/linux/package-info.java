/**
 * Linux itself, through the Foreign Function and Memory API: {@link io.millrace.dataplane.linux.Linux} has the system
 * calls, {@link io.millrace.dataplane.linux.NetDevice} what the kernel says of an interface, and {@link
 * io.millrace.dataplane.linux.RouteSocket} speaks RTNETLINK (RFC 3549), by which addresses and routes are read and set.
 */
@NullMarked
package io.millrace.dataplane.linux;

import org.jspecify.annotations.NullMarked;
