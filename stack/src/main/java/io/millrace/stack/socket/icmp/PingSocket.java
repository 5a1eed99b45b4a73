package io.millrace.stack.socket.icmp;

import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/**
 * Asks one host, or one group, for echoes. Its identifier is random and its own, so that replies find it. Not
 * thread-safe: all calls on the thread that polls the stack.
 *
 * @param <A> family
 */
public final class PingSocket<A extends IpAddress> implements AutoCloseable {
    private final IcmpEngine engine;
    private final A remote;
    private final int identifier;
    private final PingHandler handler;
    private int hopLimit = 64;
    private boolean closed;

    PingSocket(final IcmpEngine engine, final A remote, final int identifier, final PingHandler handler) {
        this.engine = engine;
        this.remote = remote;
        this.identifier = identifier;
        this.handler = handler;
    }

    /** Whom it asks. */
    public A remote() {
        return remote;
    }

    /** Identifier of its requests, 0 to 65,535. */
    public int identifier() {
        return identifier;
    }

    /**
     * Sets the TTL or hop limit of what is sent from now on; 64 unless set.
     *
     * @throws IllegalArgumentException if it is not 1 to 255
     */
    public void hopLimit(final int limit) {
        if (limit < 1 || limit > 255) {
            throw new IllegalArgumentException("hop limit " + limit + "; it is 1 to 255");
        }
        hopLimit = limit;
    }

    /**
     * Sends an echo request with a copy of bytes.
     *
     * @param sequence 0 to 65,535
     * @return {@link IpOutput#SENT} or why not
     */
    public int send(final int sequence, final MemorySegment source, final long offset, final int length) {
        return closed ? IpOutput.NO_ROUTE : engine.request(this, sequence, source, offset, length);
    }

    /** Ends it: replies do not find it any more. Harmless when called again. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            engine.remove(this);
        }
    }

    PingHandler handler() {
        return handler;
    }

    int hopLimit() {
        return hopLimit;
    }
}
