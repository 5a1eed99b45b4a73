package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.demux.ListenerEntry;
import io.millrace.stack.demux.ListenerTable;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** How listeners of an engine begin and end, and what stacks that share their ports tell each other of cookies. */
final class TcpListeners {
    private final TcpEngine engine;
    private final ListenerTable table;
    private final TcpPassive passive;
    private IntConsumer cookieNews = port -> {};

    TcpListeners(final TcpEngine engine, final TcpPassive passive) {
        this.engine = engine;
        this.table = engine.listeners;
        this.passive = passive;
    }

    /** As {@link TcpEngine#listen}. */
    <A extends IpAddress> TcpListener<A> open(
            final Endpoint<A> local, final int backlog, final boolean shared, final @Nullable TcpHandler handler) {
        if (local.port() == 0) {
            throw new IllegalArgumentException("cannot listen on port 0; name a port from 1 to 65535");
        }
        final TcpListener<A> listener =
                new TcpListener<>(engine, local, TcpListener.checkBacklog(backlog), shared, handler);
        if (!table.add(listener)) {
            throw new AddressInUseException("something listens on " + local + " already");
        }
        return listener;
    }

    /** As {@link TcpEngine#listensAt}. */
    boolean areAt(final Endpoint<? extends IpAddress> local) {
        final IpAddress at = local.address();
        return at.isUnspecified()
                ? table.hasPort(at.family(), local.port())
                : table.find(at.family(), at.hi(), at.lo(), local.port()) != null;
    }

    /** Takes a listener out of service, and what is half open at it. */
    void remove(final TcpListener<?> listener) {
        table.remove(listener);
        listener.abandon();
        for (final FlowEntry entry : engine.flows.toArray()) {
            if (entry instanceof HalfOpen half && half.listener == listener) {
                passive.drop(half);
            }
        }
    }

    /** Closes all in order. */
    void closeAll() {
        for (final ListenerEntry entry : table.toArray()) {
            if (entry instanceof TcpListener<?> listener) {
                listener.close();
            }
        }
    }

    /** Ends all at once. */
    void endAll() {
        for (final ListenerEntry entry : table.toArray()) {
            table.remove(entry);
            if (entry instanceof TcpListener<?> listener) {
                listener.end();
            }
        }
    }

    /** As {@link TcpEngine#onCookies}. */
    void onCookies(final IntConsumer listener) {
        cookieNews = listener;
    }

    /** A listener sends cookies: others at its port, here or elsewhere, may be given them back. */
    void tellOfCookies(final int port) {
        heardOfCookies(port, engine.now());
        cookieNews.accept(port);
    }

    /** As {@link TcpEngine#heardOfCookies}. */
    void heardOfCookies(final int port, final long now) {
        for (final ListenerEntry entry : table.toArray()) {
            if (entry instanceof TcpListener<?> listener && listener.local().port() == port) {
                listener.cookiesUntil = Math.max(listener.cookiesUntil, now + SynCookies.LIFETIME);
            }
        }
    }
}
