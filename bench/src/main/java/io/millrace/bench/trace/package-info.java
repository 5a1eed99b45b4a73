/**
 * {@code millrace trace}: what comes in at a port, one line a packet. {@link io.millrace.bench.trace.TraceCommand} opens
 * the port and polls it, {@link io.millrace.bench.trace.TracePrinter} decides which packets are shown and how.
 */
@NullMarked
package io.millrace.bench.trace;

import org.jspecify.annotations.NullMarked;
