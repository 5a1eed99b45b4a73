package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.demux.ListenerEntry;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One listener or connection at one moment, for people who look at a running stack.
 *
 * @param state as RFC 9293 names it
 * @param local our end
 * @param remote the peer's end; null for a listener
 * @param receiveQueue bytes that the application has not read; of a listener the connections that it was not told of
 * @param sendQueue bytes that the peer has not acknowledged; of a listener its backlog
 * @param info what a connection looks like inside; null unless it was asked for
 * @param listener what a listener counted; null unless it was asked for
 */
public record TcpSnapshot(
        TcpState state,
        Endpoint<? extends IpAddress> local,
        @Nullable Endpoint<? extends IpAddress> remote,
        long receiveQueue,
        long sendQueue,
        @Nullable TcpInfo info,
        @Nullable ListenerInfo listener) {
    /**
     * Lists what TCP of a shard holds, listeners first. On the thread of its stack, which it keeps for as long as it
     * takes to go through all connections.
     *
     * @param max most entries of the list
     * @param inside whether to look into connections and listeners
     */
    public static List<TcpSnapshot> of(final TcpEngine engine, final int max, final boolean inside) {
        final List<TcpSnapshot> all = new ArrayList<>();
        for (final ListenerEntry entry : engine.listeners.toArray()) {
            if (entry instanceof TcpListener<?> listener && all.size() < max) {
                all.add(new TcpSnapshot(
                        TcpState.LISTEN,
                        listener.local(),
                        null,
                        listener.pending,
                        listener.backlog(),
                        null,
                        inside ? listener.info() : null));
            }
        }
        for (final FlowEntry flow : engine.flows.toArray()) {
            if (all.size() >= max) {
                break;
            }
            all.add(of(flow, inside));
        }
        return all;
    }

    private static TcpSnapshot of(final FlowEntry flow, final boolean inside) {
        return switch (flow) {
            case TcpConnection c ->
                of(c.state, flow, c.unread(), c.queued(), inside ? c.socket().info(new TcpInfo()) : null);
            case TimeWait _ -> of(TcpState.TIME_WAIT, flow, 0, 0, null);
            default -> of(TcpState.SYN_RECEIVED, flow, 0, 0, null);
        };
    }

    private static TcpSnapshot of(
            final TcpState state,
            final FlowEntry flow,
            final long receiveQueue,
            final long sendQueue,
            final @Nullable TcpInfo info) {
        return new TcpSnapshot(
                state,
                new Endpoint<>(IpAddress.of(flow.family, flow.localHi, flow.localLo), flow.localPort()),
                new Endpoint<>(IpAddress.of(flow.family, flow.remoteHi, flow.remoteLo), flow.remotePort()),
                receiveQueue,
                sendQueue,
                info,
                null);
    }
}
