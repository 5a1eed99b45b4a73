package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.keys.TcpKeys;
import org.jspecify.annotations.Nullable;

/** A connection as the owner of keys: how much fits into its segments depends on them. */
record ConnectionKeys(TcpConnection c) implements TcpKeys.Owner {
    /** Gives a connection those of its listener's keys that are for its peer; null if none is. */
    static @Nullable TcpKeys from(final TcpKeys ofListener, final TcpConnection child) {
        final TcpKeys own = TcpKeys.create(new ConnectionKeys(child));
        return ofListener.handOn(own, child.family, child.remoteHi, child.remoteLo) ? own : null;
    }

    @Override
    public void onChange() {
        if (isEstablished()) {
            c.updateMss(c.engine.egress.pathMss(c));
        }
    }

    @Override
    public boolean isEstablished() {
        return c.state.isSynchronized();
    }
}
