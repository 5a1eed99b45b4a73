/**
 * Nodes for a {@link io.millrace.dataplane.pipeline.Graph} that know the internet protocols: {@link
 * io.millrace.stack.node.StackNode} is a whole stack, host or router; {@link io.millrace.stack.node.Responder} answers
 * what can be answered without one, in the buffer that came in; {@link io.millrace.stack.node.ChecksumWriter} computes
 * checksums anew; {@link io.millrace.stack.node.HostPath} sends the host of a router what is the host's; {@link
 * io.millrace.stack.node.VlanPop} and {@link io.millrace.stack.node.VlanPush} take VLAN tags off and put them on. Like
 * every node they belong to the thread that polls their graph.
 */
@NullMarked
package io.millrace.stack.node;

import org.jspecify.annotations.NullMarked;
