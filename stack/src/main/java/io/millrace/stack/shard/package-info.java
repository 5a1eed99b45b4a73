/**
 * Several stacks that look like one: the same addresses at the same ports, each in a shard of its own, with nothing
 * shared between them but rings.
 *
 * <p>{@link io.millrace.stack.shard.ShardGroup} opens a listener in every shard under one name, opens connections from
 * any, and carries between the shards what one of them finds out: that an address was checked or lost, a neighbour's
 * link address, a path's MTU. One shard, the running one with the lowest number, checks, announces and defends the
 * addresses and answers for them; {@code io.millrace.dataplane.run} brings it the packets that ask. A connection that
 * is opened in a shard gets a local port whose replies come back to that shard. Secrets that are a host's, SYN cookies
 * among them, are the same in all shards, and each may send its part of ICMP errors and replies ({@link
 * io.millrace.stack.StackConfig#forOneOf}). Not shared: what redirects teach of routes, and limits of memory, which hold
 * for each shard.
 */
@NullMarked
package io.millrace.stack.shard;

import org.jspecify.annotations.NullMarked;
