/**
 * {@code millrace ping}: echo requests from a port of our own, with the output and exit codes of Linux's ping. {@link
 * io.millrace.bench.ping.PingCommand} reads what the user wants, {@link io.millrace.bench.ping.PingSession} decides what
 * is sent when and keeps the books on a clock that it is told, {@link io.millrace.bench.ping.Pinger} joins it to a stack.
 */
@NullMarked
package io.millrace.bench.ping;

import org.jspecify.annotations.NullMarked;
