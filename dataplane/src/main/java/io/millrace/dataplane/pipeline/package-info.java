/**
 * Appliances out of parts: a graph of {@link io.millrace.dataplane.pipeline.Node}s through which packets go in bursts.
 * Each node has a vector of handles, its {@link io.millrace.dataplane.pipeline.Burst}. A node looks at all packets of its
 * vector and says of each where it goes: along an edge into the next node's vector, away for a named reason, or into the
 * node's own keeping. Only then is the next node run. So the code of one node stays in the processor's caches for a whole
 * burst, the loads of its packets overlap, which is what prefetching is for where a language has it, and what there is of
 * virtual calls, counting and reading the clock is paid once a burst.
 *
 * <p>A {@link io.millrace.dataplane.pipeline.Graph} is built once, checked as a whole, and run by one thread; then
 * nothing is allocated any more. Every packet is in exactly one vector, or kept by exactly one node: a node marks
 * places of its vector and never moves handles itself, so that it cannot send a packet twice, and one that it forgets
 * is freed and counted.
 *
 * <p>{@link io.millrace.dataplane.pipeline.PortInput} and {@link io.millrace.dataplane.pipeline.PortOutput} are where
 * packets come from and go to; {@link io.millrace.dataplane.pipeline.NodeStats} tells what each node did and how long
 * that took, {@link io.millrace.dataplane.pipeline.PacketTrace} which way single packets went.
 */
@NullMarked
package io.millrace.dataplane.pipeline;

import org.jspecify.annotations.NullMarked;
