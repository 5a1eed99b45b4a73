package io.millrace.bench.serve.service;

import io.millrace.stack.socket.tcp.TcpHandler;

/**
 * What one shard offers on a TCP port: a handler for the connections that its listener accepts, and whatever the service
 * has to do on its own.
 */
public interface TcpService {
    /** Handles accepted connections. */
    TcpHandler handler();

    /** Lets deadlines pass. Called between polls, a few times a second; the shard's clock is up to date. */
    default void tick() {}

    /** Ends what is idle and lets the rest finish. The stack closes the connections themselves. */
    default void shutdown() {}
}
