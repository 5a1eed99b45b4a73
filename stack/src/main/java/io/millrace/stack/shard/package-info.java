/**
 * Several stacks that look like one: the same addresses at the same ports, each in a shard of its own, with nothing
 * shared between them but rings.
 *
 * <p>{@link io.millrace.stack.shard.ShardGroup} opens a listener in every shard under one name, opens connections from
 * any, and carries between the shards what one of them finds out: that an address was checked or lost, a neighbour's
 * link address, a path's MTU. One shard, the running one with the lowest number, checks, announces and defends the
 * addresses and answers for them; {@code io.millrace.dataplane.run} brings it the packets that ask. A connection that
 * is opened in a shard gets a local port whose replies come back to that shard. Not shared: what redirects teach of
 * routes, limits of rates and memory, which hold for each shard, and SYN cookies.
 */
@NullMarked
package io.millrace.stack.shard;

import org.jspecify.annotations.NullMarked;
