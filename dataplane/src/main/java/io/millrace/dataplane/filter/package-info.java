/**
 * Filters in the language of tcpdump, {@code "tcp dst port 443 and not net 10.0.0.0/8"}: {@link
 * io.millrace.dataplane.filter.PacketFilter} compiles an expression to a short program for a machine like that of
 * classic BPF (McCanne and Jacobson, 1993), which looks at a packet without allocating.
 *
 * <p>An expression becomes {@link io.millrace.dataplane.filter.Condition}s over {@link
 * io.millrace.dataplane.filter.Value}s, {@link io.millrace.dataplane.filter.Headers} knows where in a packet these are,
 * and {@link io.millrace.dataplane.filter.ProgramWriter} turns them into a {@link io.millrace.dataplane.filter.Program}.
 */
@NullMarked
package io.millrace.dataplane.filter;

import org.jspecify.annotations.NullMarked;
