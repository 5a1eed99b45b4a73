package io.millrace.stack.socket.tcp.config;

import org.jspecify.annotations.Nullable;

/**
 * Data in SYNs (RFC 7413). A part of {@link TcpConfig}; immutable. By default connections may ask for it, by {@link
 * io.millrace.stack.socket.tcp.TcpOptions#fastOpenConnect()}, and listeners do not offer it unless told to, by {@link
 * io.millrace.stack.socket.tcp.TcpListener#fastOpen()}.
 *
 * @param client whether connections that ask for it get it
 * @param clientWithoutCookie whether their SYNs take data along without a cookie, for networks in which nobody forges
 *     addresses
 * @param queue most connections of a listener that a SYN opened and whose handshake is not complete, unless the listener
 *     says otherwise; 0 for no Fast Open
 * @param serverWithoutCookie whether listeners take the data of any SYN, for networks in which nobody forges addresses
 * @param keys what cookies are made with; null for a key of the host's own, drawn at start
 * @param cookies most servers whose cookies are remembered, by each shard; those not used for longest are forgotten
 * @param pathPause how long a server is spared that did not take what it was sent, microseconds; 0 for not at all, and
 *     one that gave no cookie is asked next time by the option from before RFC 7413, as Linux does
 * @param blackHolePause how long all are spared once a path swallowed a connection, microseconds; twice as long each
 *     further time in a row, up to 64 times; 0 for not at all
 */
public record TcpFastOpen(
        boolean client,
        boolean clientWithoutCookie,
        int queue,
        boolean serverWithoutCookie,
        @Nullable FastOpenKeys keys,
        int cookies,
        long pathPause,
        long blackHolePause) {
    private static final TcpFastOpen DEFAULTS =
            new TcpFastOpen(true, false, 0, false, null, 1024, 900_000_000L, 3_600_000_000L);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the first that is out of range
     */
    public TcpFastOpen {
        TcpConfig.require(queue >= 0, "fastOpen.queue", queue, "at least 0");
        TcpConfig.require(cookies >= 1 && cookies <= 1 << 20, "fastOpen.cookies", cookies, "1 to 1048576");
        TcpConfig.require(
                pathPause >= 0 && pathPause <= Long.MAX_VALUE / 256, "fastOpen.pathPause", pathPause, "at least 0");
        TcpConfig.require(
                blackHolePause >= 0 && blackHolePause <= Long.MAX_VALUE / 256,
                "fastOpen.blackHolePause",
                blackHolePause,
                "at least 0");
    }

    /** The defaults. */
    public static TcpFastOpen defaults() {
        return DEFAULTS;
    }

    /** With another {@link #client()}. */
    public TcpFastOpen withClient(final boolean value) {
        return new TcpFastOpen(
                value, clientWithoutCookie, queue, serverWithoutCookie, keys, cookies, pathPause, blackHolePause);
    }

    /** With another {@link #clientWithoutCookie()}. */
    public TcpFastOpen withClientWithoutCookie(final boolean value) {
        return new TcpFastOpen(client, value, queue, serverWithoutCookie, keys, cookies, pathPause, blackHolePause);
    }

    /** With another {@link #queue()}. */
    public TcpFastOpen withQueue(final int value) {
        return new TcpFastOpen(
                client, clientWithoutCookie, value, serverWithoutCookie, keys, cookies, pathPause, blackHolePause);
    }

    /** With another {@link #serverWithoutCookie()}. */
    public TcpFastOpen withServerWithoutCookie(final boolean value) {
        return new TcpFastOpen(client, clientWithoutCookie, queue, value, keys, cookies, pathPause, blackHolePause);
    }

    /** With other {@link #keys()}. */
    public TcpFastOpen withKeys(final @Nullable FastOpenKeys value) {
        return new TcpFastOpen(
                client, clientWithoutCookie, queue, serverWithoutCookie, value, cookies, pathPause, blackHolePause);
    }

    /** With another {@link #cookies()}. */
    public TcpFastOpen withCookies(final int value) {
        return new TcpFastOpen(
                client, clientWithoutCookie, queue, serverWithoutCookie, keys, value, pathPause, blackHolePause);
    }

    /** With another {@link #pathPause()}. */
    public TcpFastOpen withPathPause(final long micros) {
        return new TcpFastOpen(
                client, clientWithoutCookie, queue, serverWithoutCookie, keys, cookies, micros, blackHolePause);
    }

    /** With another {@link #blackHolePause()}. */
    public TcpFastOpen withBlackHolePause(final long micros) {
        return new TcpFastOpen(
                client, clientWithoutCookie, queue, serverWithoutCookie, keys, cookies, pathPause, micros);
    }
}
