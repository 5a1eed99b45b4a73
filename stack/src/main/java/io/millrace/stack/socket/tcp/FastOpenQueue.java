package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Fast Open of one listener (RFC 7413 section 4.2): whether a SYN may open a connection, and how many such may be pending,
 * which is opened and without the last segment of its handshake. {@link TcpListener#fastOpen()} gives it.
 *
 * <p>A pending connection costs as much as any other, and the application may have begun to answer it. So there is a
 * limit to them, beyond which SYNs open half a connection as ever. One that was reset stays pending for a minute: whoever
 * sends SYNs from addresses that are not its own must not be helped by the resets of their owners (section 5.1).
 *
 * <pre>{@code
 * listener.fastOpen().limit(256);
 * }</pre>
 *
 * <p>An application that turns it on must bear that a request reaches it twice, once from a SYN that the network
 * duplicated (section 2.1). Belongs to the thread of its stack.
 */
public final class FastOpenQueue {
    /** How long a connection stays pending that was reset. */
    private static final long RESET_MICROS = 60_000_000;

    private final FastOpen engine;
    private int limit;
    private boolean withoutCookie;
    private @Nullable FastOpenKeys keys;

    private int pending;
    /** When those that were reset are pending no more, in order. */
    private @Nullable ArrayDeque<Long> resets;

    private long accepted;
    private long overflows;

    FastOpenQueue(final FastOpen engine) {
        this.engine = engine;
        this.limit = engine.settings().queue();
        this.withoutCookie = engine.settings().serverWithoutCookie();
    }

    /**
     * TCP_FASTOPEN: most connections that are pending, {@link io.millrace.stack.socket.tcp.config.TcpFastOpen#queue()}
     * unless set; 0 for no Fast Open.
     */
    public int limit() {
        return limit;
    }

    /**
     * Sets {@link #limit()}.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public FastOpenQueue limit(final int connections) {
        if (connections < 0) {
            throw new IllegalArgumentException("limit is " + connections + "; it must be 0 or more");
        }
        limit = connections;
        return this;
    }

    /**
     * TCP_FASTOPEN_NO_COOKIE: whether the data of any SYN is taken, {@link
     * io.millrace.stack.socket.tcp.config.TcpFastOpen#serverWithoutCookie()} unless set. For networks in which nobody forges
     * addresses.
     */
    public boolean withoutCookie() {
        return withoutCookie;
    }

    /** Sets {@link #withoutCookie()}. */
    public FastOpenQueue withoutCookie(final boolean value) {
        withoutCookie = value;
        return this;
    }

    /** What cookies are made with: the stack's keys unless set. TCP_FASTOPEN_KEY. */
    public FastOpenKeys keys() {
        final FastOpenKeys own = keys;
        return own == null ? engine.keys() : own;
    }

    /** Sets {@link #keys()}; null for the stack's. */
    public FastOpenQueue keys(final @Nullable FastOpenKeys value) {
        keys = value;
        return this;
    }

    /** Connections that are pending now, those that were reset less than a minute ago included. */
    public int pending() {
        return pending;
    }

    /** Connections that a SYN opened. */
    public long accepted() {
        return accepted;
    }

    /** SYNs that opened none because too many were pending. */
    public long overflows() {
        return overflows;
    }

    /** Whether one more may be pending. */
    boolean hasRoom(final long now) {
        final ArrayDeque<Long> ends = resets;
        while (ends != null && !ends.isEmpty() && ends.getFirst() <= now) {
            ends.removeFirst();
            pending--;
        }
        if (pending >= limit) {
            overflows++;
            return false;
        }
        return true;
    }

    /** A SYN opened a connection. */
    void begin() {
        pending++;
        accepted++;
    }

    /** The handshake of one is complete, or was given up. */
    void end() {
        pending--;
    }

    /** One was reset. */
    void reset(final long now) {
        ArrayDeque<Long> ends = resets;
        if (ends == null) {
            ends = new ArrayDeque<>();
            resets = ends;
        }
        ends.add(now + RESET_MICROS);
    }
}
