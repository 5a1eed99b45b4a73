package io.millrace.dataplane.run;

import io.millrace.dataplane.flow.FlowKey;

/** Knows the flows of a shard; asked on the shard's thread only. */
@FunctionalInterface
public interface FlowOwner {
    /** Has no flows. */
    FlowOwner NONE = key -> false;

    /**
     * Whether the shard has a flow of its own, so that its packets are for nobody else: a connection in whatever state,
     * or a socket with that one peer. What every shard has, such as a listener, is no such flow.
     *
     * @param key as received: the source is the peer, unless it is {@link FlowKey#quoted}
     */
    boolean owns(FlowKey key);
}
