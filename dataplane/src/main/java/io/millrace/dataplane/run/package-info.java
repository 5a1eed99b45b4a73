/**
 * Run loops. A shard is one pinned thread that polls one task, and nothing else touches what the task owns. {@link
 * io.millrace.dataplane.run.ShardRunner} runs it, {@link io.millrace.dataplane.run.ShardWatchdog} notices when it is
 * stuck.
 *
 * <p><b>Ports that several shards share.</b> Each shard has a queue of its own. Where the device has so many, it is the
 * device's ({@link io.millrace.dataplane.run.SteeredPort}), set up to hash as {@link
 * io.millrace.dataplane.flow.FlowHash} does; where it has not, a {@link io.millrace.dataplane.run.Dispatcher} with a
 * thread of its own hashes in software. Either way every packet ends at the shard that it is for:
 *
 * <ul>
 *   <li>TCP and UDP at the shard of the flow, ICMP errors at that of the flow that they quote.
 *   <li>Fragments at the shard of their datagram's flow, which only the first one names: those that come before it are
 *   held for it, within bounds ({@link io.millrace.dataplane.flow.FragmentTracker}).
 *   <li>Echo requests at any, echo replies at the shard that their identifier was chosen for; ARP requests, neighbour and
 *       router solicitations at the first shard, which answers for all; ARP replies, neighbour and router advertisements
 *       and redirects at all, as copies.
 * </ul>
 *
 * <p><b>What moves when shards come and go.</b> Flows are spread over 128 buckets ({@link
 * io.millrace.dataplane.flow.ShardTable}). A shard that comes takes its share of them, no more, from those that have
 * most; the buckets of one that goes are shared out among the others. What moves with a bucket is where new flows
 * begin. A flow that is there stays with its shard for as long as it lives: packets of the bucket go to the former
 * shard first, which hands on what is of no flow of its own, and once it has none left in the bucket they go to the
 * new one at once. The price is one ring more for new flows of such a bucket until then, and a second look at each
 * packet from the first change on. A device's redirection table follows, where it has one; where it has none, and
 * until it has followed, shards hand packets on. The queue of a place where no shard runs is polled by the first one.
 * What is still on its way to a shard that ends is freed, and counted as {@code dispatchUnclaimed}.
 * Nothing else moves: not unconnected UDP sockets, which are in every shard or answer from one; fragments whose first
 * one came before the change go on where it went. The first shard's part goes to the next one in number.
 *
 * <p><b>A shard that hangs.</b> Its thread cannot be ended from outside. While it runs, what is for its flows waits for it
 * and is counted as {@code dispatchShardFull}, or as missed by the device. Once it is removed and still hangs, its flows
 * are given up ({@link io.millrace.dataplane.flow.ShardTable#abandon}): a device with a redirection table leads nothing to
 * its queue any more, and what comes there all the same the first shard takes and hands on ({@link
 * io.millrace.dataplane.run.SharedPort#seize}). Only if the thread hangs within the driver's own code the queue stays as
 * it is until the thread ends, and what comes there is counted by the device, if it counts.
 */
@NullMarked
package io.millrace.dataplane.run;

import org.jspecify.annotations.NullMarked;
