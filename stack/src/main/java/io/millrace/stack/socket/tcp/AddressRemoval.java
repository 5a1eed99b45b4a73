package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.wire.address.IpAddress;

/**
 * Ends what has lost its address. The peer is not told: nothing may leave from an address that is no longer ours, and a
 * reset from another would mean nothing to it.
 */
final class AddressRemoval {
    private AddressRemoval() {}

    /** Ends the connections from an address, half-open ones and those in TIME-WAIT included. */
    static void end(final TcpEngine engine, final TcpPassive passive, final IpAddress address, final long now) {
        for (final FlowEntry flow : engine.flows.toArray()) {
            if (flow.family != address.family() || flow.localHi != address.hi() || flow.localLo != address.lo()) {
                continue;
            }
            switch (flow) {
                case TcpConnection c -> engine.closing.finish(c, CloseReason.UNREACHABLE, now);
                case HalfOpen half -> passive.drop(half);
                case TimeWait old -> engine.closing.forget(old);
                default -> {
                    // There are no others.
                }
            }
        }
    }
}
