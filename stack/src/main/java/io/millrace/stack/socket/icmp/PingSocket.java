package io.millrace.stack.socket.icmp;

import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Asks one host, or one group, for echoes. Its identifier is random and its own, so that replies find it; replies of
 * hosts that were not asked do not. Errors about its requests are told to its handler. Not thread-safe: all calls on the
 * thread that polls the stack.
 *
 * @param <A> family
 */
public final class PingSocket<A extends IpAddress> extends IcmpReceiver implements AutoCloseable {
    private final IcmpEngine engine;
    private final A remote;
    private final int identifier;
    private final PingHandler handler;
    private final SocketSettings settings = new SocketSettings();

    PingSocket(
            final IcmpEngine engine,
            final int key,
            final int zone,
            final A remote,
            final int identifier,
            final PingHandler handler) {
        super(key, zone);
        this.engine = engine;
        this.remote = remote;
        this.identifier = identifier;
        this.handler = handler;
        settings.multicastLoop(false);
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
     * How it sends: TTL, traffic class, whether requests may be fragmented, and so on. Requests to a group do not come
     * back to this stack unless {@link SocketSettings#multicastLoop(boolean)} is set.
     */
    public SocketSettings settings() {
        return settings;
    }

    /**
     * Sets the TTL or hop limit of what is sent from now on, to a group too; 64 to a host and 1 to a group unless set.
     *
     * @throws IllegalArgumentException if it is not 1 to 255
     */
    public void hopLimit(final int limit) {
        settings.hopLimit(limit).multicastHopLimit(limit);
    }

    /**
     * Sends an echo request with a copy of bytes.
     *
     * @param sequence 0 to 65,535
     * @param length bytes, 0 to 65,507 for IPv4, to 65,527 for IPv6
     * @return {@link IpOutput#SENT} or why not
     */
    public int send(final int sequence, final MemorySegment source, final long offset, final int length) {
        return send(sequence, source, offset, length, null);
    }

    /**
     * Sends an echo request with a copy of bytes.
     *
     * @param options what is different from the settings; null for nothing
     * @return {@link IpOutput#SENT} or why not
     */
    public int send(
            final int sequence,
            final MemorySegment source,
            final long offset,
            final int length,
            final @Nullable SendOptions options) {
        return closed ? IpOutput.NO_ROUTE : engine.request(this, sequence, source, offset, length, options);
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
}
