/**
 * Rings between threads. They carry packet handles, never bytes, and hand ownership of the packets over with them. Which
 * of Agrona's structures serves which hand-over, and why:
 *
 * <ul>
 *   <li><b>Packets between two threads</b> (dispatcher to shard and back, shard to shard): {@link
 *       io.millrace.dataplane.ring.HandleRing}, one for each pair and direction, its positions in an {@link
 *       org.agrona.concurrent.UnsafeBuffer}. With one writer and one reader neither needs an atomic instruction; a
 *       burst is one bulk copy and one release store. Agrona's own queues do not fit: {@code
 *       OneToOneConcurrentArrayQueue} wants an object for each handle, and {@code OneToOneRingBuffer}, made for
 *       messages of any length, writes each message's header twice, calls back for each, and the reader writes zeros
 *       over all that it has read, so that every cache line crosses once more. Within minutes of each other, on CPUs
 *       that share no core, it came to 0.70 of {@code rte_ring} and this ring to 1.02.
 *   <li><b>Commands to a shard</b> (addresses, routes, shutdown, what an operator asks): {@link
 *       org.agrona.concurrent.ManyToOneConcurrentArrayQueue} in {@link io.millrace.dataplane.run.ShardRunner}. Any thread
 *       may send one, they are objects anyway, and there are few.
 *   <li><b>News from stack to stack</b> (a neighbour's link address, a lost address, a path's MTU): {@link
 *       org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer}, one inbox for each shard, in {@code
 *       io.millrace.stack.shard}. Many writers, few messages, a few bytes each, and nothing allocated.
 *   <li><b>Several writers of packets to one reader</b>: not with a shared ring, which would make every writer pay for an
 *       atomic addition, but with a ring for each writer, which the reader visits in turn.
 * </ul>
 *
 * <p><b>Back-pressure.</b> A full ring takes fewer handles than it is offered and says how many; the rest stays the
 * caller's. Who receives packets then drops the rest and counts them ({@link
 * io.millrace.dataplane.run.DispatchCounter#SHARD_FULL}); who sends keeps them and tries again, so that nothing that a
 * stack sends is lost between it and the port. What is in a ring at the end is freed and counted by whoever closes it.
 *
 * <p><b>Way home.</b> A buffer is freed by the shard that has it last, whoever allocated it: into that shard's {@link
 * io.millrace.dataplane.buffer.PoolCache}, and from there in bulks of half a cache to the pool, from which the other
 * shard takes them in bulks again. No ring leads back.
 *
 * <p>{@code millrace bench ring} measures the hand-over beside {@code rte_ring}.
 */
@NullMarked
package io.millrace.dataplane.ring;

import org.jspecify.annotations.NullMarked;
