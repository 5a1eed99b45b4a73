package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket of one family. With a handler, datagrams are handed to it as they come; without one, up to the limit of
 * the stack's configuration wait in order, and what comes then is dropped and counted.
 *
 * <p>Sending either copies the payload into a packet, or fills a packet in place between {@link #allocate} and
 * {@link #send(long, long, long, int, int)}. Not thread-safe: all calls on the thread that polls the stack.
 *
 * @param <A> family
 */
public final class UdpSocket<A extends IpAddress> implements AutoCloseable {
    private final UdpEngine engine;
    private final Endpoint<A> local;
    private final int family;
    private final long localHi;
    private final long localLo;
    private final int localPort;
    private @Nullable UdpHandler handler;
    private @Nullable Object attachment;
    private @Nullable UdpQueue queue;
    private int hopLimit = UdpEngine.HOP_LIMIT;
    private boolean dontFragment;
    private boolean closed;

    UdpSocket(final UdpEngine engine, final Endpoint<A> local, final @Nullable UdpHandler handler) {
        this.engine = engine;
        this.local = local;
        this.family = local.address().family();
        this.localHi = local.address().hi();
        this.localLo = local.address().lo();
        this.localPort = local.port();
        this.handler = handler;
    }

    /** Where it receives; the unspecified address means any of ours. */
    public Endpoint<A> local() {
        return local;
    }

    /** Sets who gets the datagrams from now on; null to let them wait for {@link #receive()}. */
    public void handler(final @Nullable UdpHandler newHandler) {
        handler = newHandler;
    }

    /** What the application attached. */
    public @Nullable Object attachment() {
        return attachment;
    }

    /** Attaches something of the application's own. */
    public void attachment(final @Nullable Object newAttachment) {
        attachment = newAttachment;
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

    /** TTL or hop limit of what is sent. */
    public int hopLimit() {
        return hopLimit;
    }

    /**
     * Sets whether what is sent from now on must not be fragmented: datagrams that are too long for their path are refused
     * with {@link IpOutput#TOO_BIG}. False unless set: they are sent in fragments.
     */
    public void dontFragment(final boolean refuse) {
        dontFragment = refuse;
    }

    /** Whether what is sent must not be fragmented. */
    public boolean dontFragment() {
        return dontFragment;
    }

    /**
     * Sends a copy of bytes, up to 65,507 over IPv4 and 65,527 over IPv6, in fragments if the path needs them.
     *
     * @return {@link IpOutput#SENT} or why not
     * @throws IllegalArgumentException if the length is not 0 to 65,527
     */
    public int send(final Endpoint<A> to, final MemorySegment source, final long offset, final int length) {
        return send(to.address().hi(), to.address().lo(), to.port(), source, offset, length);
    }

    /**
     * Sends a copy of bytes to an address of the socket's family; touches no object.
     *
     * @return {@link IpOutput#SENT} or why not
     */
    public int send(
            final long hi,
            final long lo,
            final int port,
            final MemorySegment source,
            final long offset,
            final int length) {
        final long handle = closed ? PacketPool.NONE : engine.copy(source, offset, length);
        if (handle == PacketPool.NONE) {
            return closed ? IpOutput.NO_ROUTE : IpOutput.BUSY;
        }
        return engine.send(this, handle, hi, lo, port, length);
    }

    /**
     * Allocates a packet to fill in place, for a payload that fits a buffer of the pool.
     *
     * @return its handle, or {@link PacketPool#NONE} if there is none
     */
    public long allocate() {
        return engine.allocate(0);
    }

    /**
     * Allocates a packet to fill in place.
     *
     * @param payloadLength bytes that it must hold, 0 to 65,527
     * @return its handle, or {@link PacketPool#NONE} if there is none
     */
    public long allocate(final int payloadLength) {
        return engine.allocate(Objects.checkIndex(payloadLength, UdpView.MAX_PAYLOAD + 1));
    }

    /** Memory that holds an allocated packet. */
    public MemorySegment memory(final long handle) {
        return engine.memory(handle);
    }

    /** Where the payload of an allocated packet begins within {@link #memory(long)}. */
    public long payloadOffset(final long handle) {
        return engine.payloadOffset(handle);
    }

    /** Most bytes of payload that an allocated packet holds. */
    public int payloadCapacity(final long handle) {
        return engine.roomFrom(handle, payloadOffset(handle));
    }

    /**
     * Sends an allocated packet. Takes it over.
     *
     * @param length bytes of the payload, at most {@link #payloadCapacity}
     * @return {@link IpOutput#SENT} or why not
     */
    public int send(final long handle, final long hi, final long lo, final int port, final int length) {
        if (closed) {
            engine.free(handle);
            return IpOutput.NO_ROUTE;
        }
        return engine.send(this, handle, hi, lo, port, length);
    }

    /** Frees an allocated packet that is not sent. */
    public void free(final long handle) {
        engine.free(handle);
    }

    /**
     * The oldest datagram that waits, in place.
     *
     * @return a view that is valid until the next call or {@link #close}; null if none waits
     */
    public @Nullable UdpDatagram receive() {
        return queue == null ? null : queue.next();
    }

    /** Datagrams that wait. */
    public int readable() {
        return queue == null ? 0 : queue.size();
    }

    /** Ends it: nothing is received any more, what waits is freed. Harmless when called again. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            engine.remove(this);
            if (queue != null) {
                queue.close();
            }
        }
    }

    @Nullable
    UdpHandler handler() {
        return handler;
    }

    UdpQueue queue() {
        UdpQueue q = queue;
        if (q == null) {
            q = engine.newQueue();
            queue = q;
        }
        return q;
    }

    int family() {
        return family;
    }

    long localHi() {
        return localHi;
    }

    long localLo() {
        return localLo;
    }

    int localPort() {
        return localPort;
    }

    boolean boundTo(final int otherFamily, final long hi, final long lo, final int port) {
        return localPort == port && localLo == lo && localHi == hi && family == otherFamily;
    }
}
