/**
 * {@code millrace demo}: the whole of it on any machine, in half a minute. {@link
 * io.millrace.bench.demo.DemoCommand} finds the best place that this machine and user allow (a network namespace with
 * Linux as the peer, or a wire inside the process), {@link io.millrace.bench.demo.DemoPeer} drives the server from the
 * other side, and {@link io.millrace.bench.demo.DemoReport} says how it went.
 */
@NullMarked
package io.millrace.bench.demo;

import org.jspecify.annotations.NullMarked;
