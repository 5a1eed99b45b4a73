package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.ListenerEntry;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;

/**
 * Accepts connections to a local end. Half-open connections wait in a queue of their own
 * ({@link TcpConfig#synBacklog()}), established ones of which the application has not been told yet in another, whose
 * length is the backlog; what comes when a queue is full is dropped, so that the peer tries again.
 *
 * <p>Belongs to the thread of its stack.
 *
 * @param <A> family
 */
public final class TcpListener<A extends IpAddress> extends ListenerEntry {
    final TcpEngine engine;
    private final Endpoint<A> local;
    private final int backlog;
    private final TcpHandler handler;

    int halfOpen;
    int pending;
    long accepted;
    long synOverflows;
    long cookiesSent;
    long cookiesAccepted;
    /** Until when cookies may come back. */
    long cookiesUntil;

    long acceptOverflows;
    private boolean closed;

    TcpListener(final TcpEngine engine, final Endpoint<A> local, final int backlog, final TcpHandler handler) {
        super(local.address().family(), local.address().hi(), local.address().lo(), local.port());
        this.engine = engine;
        this.local = local;
        this.backlog = backlog;
        this.handler = handler;
    }

    /** Where it listens; an unspecified address stands for all of ours of that family. */
    public Endpoint<A> local() {
        return local;
    }

    /** Most established connections that wait for the application to be told. */
    public int backlog() {
        return backlog;
    }

    /** Connections that peers began to open and have not finished opening. */
    public int halfOpen() {
        return halfOpen;
    }

    /** Connections accepted so far. */
    public long accepted() {
        return accepted;
    }

    /** SYNs answered with a cookie because too many connections were half-open. */
    public long cookiesSent() {
        return cookiesSent;
    }

    /** Connections made from cookies. */
    public long cookiesAccepted() {
        return cookiesAccepted;
    }

    /** SYNs dropped because too many connections were half-open. */
    public long synOverflows() {
        return synOverflows;
    }

    /** Last segments of handshakes dropped because too many connections waited. */
    public long acceptOverflows() {
        return acceptOverflows;
    }

    /** Whether it still listens. */
    public boolean isOpen() {
        return !closed;
    }

    /**
     * Stops listening. Established connections live on. Half-open ones are forgotten: whoever completes its handshake
     * later gets a reset, as from Linux and FreeBSD, and so learns at once that nobody is there. Harmless when called
     * again.
     */
    public void close() {
        if (!closed) {
            closed = true;
            engine.remove(this);
        }
    }

    TcpHandler handler() {
        return handler;
    }
}
