package io.millrace.stack.demux;

/**
 * Tells which flows a stack can have: those whose packets are brought to it and not to the stack of another shard. Asked
 * when a flow is opened from here, so that its replies come back.
 */
@FunctionalInterface
public interface FlowPlacement {
    /** The stack is alone. */
    FlowPlacement ALL = (localHi, localLo, remoteHi, remoteLo, ports) -> true;

    /** Whether packets of a flow come here; arguments as the fields of {@link FlowEntry}. */
    boolean comesHere(long localHi, long localLo, long remoteHi, long remoteLo, int ports);
}
