package io.millrace.stack.socket.icmp;

import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.PacketInbox;
import io.millrace.stack.socket.PacketQueue;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * ICMP messages of one family for an application that wants them whole, for instance a traceroute. It is bound to one of
 *
 * <ul>
 *   <li>an echo identifier: it receives the echo replies and requests with that identifier from whomever, though the
 *   stack answers the requests, and errors about echo requests with it;
 *   <li>a local UDP or TCP port: it receives the errors about datagrams or segments that were sent from it, beside the
 *       socket that sent them. The 8 bytes that routers must quote suffice.
 * </ul>
 *
 * <p>Bound to a link-local address with a zone, it receives by that interface alone and sends by it.
 *
 * <p>With a handler, messages are handed to it as they come. Without one copies wait, up to the {@linkplain #queueLimits
 * limits}; what comes then is dropped and counted. Not thread-safe: all calls on the thread that polls the stack.
 *
 * @param <A> family
 */
public final class IcmpSocket<A extends IpAddress> extends IcmpReceiver implements AutoCloseable {
    private final IcmpEngine engine;
    private final A local;
    private final @Nullable IcmpHandler handler;
    private final SocketSettings settings = new SocketSettings();
    private final PacketInbox inbox;
    private final IcmpMessage view = new IcmpMessage();

    IcmpSocket(
            final IcmpEngine engine,
            final int key,
            final int zone,
            final A local,
            final PacketInbox inbox,
            final @Nullable IcmpHandler handler) {
        super(key, zone);
        this.engine = engine;
        this.local = local;
        this.inbox = inbox;
        this.handler = handler;
    }

    /** The address that it is bound to; the unspecified one for any of ours. */
    public A local() {
        return local;
    }

    /** The echo identifier or port that it is bound to. */
    public int boundTo() {
        return key & 0xFFFF;
    }

    /** How it sends. */
    public SocketSettings settings() {
        return settings;
    }

    /**
     * Sets how much may wait: 64 messages and 256 KiB unless set.
     *
     * @throws IllegalArgumentException if one is less than 1, or there are to be more than 65,535 messages
     */
    public void queueLimits(final int messages, final int bytes) {
        inbox.queue().limits(messages, bytes);
    }

    /** Sets what is called, within the stack's poll, whenever a message begins to wait; null for nothing. */
    public void onWaiting(final @Nullable Runnable newSignal) {
        inbox.onWaiting(newSignal);
    }

    /** Messages that wait. */
    public int readable() {
        return inbox.queue().size();
    }

    /**
     * The oldest message that waits.
     *
     * @return a view that is valid until the next call or {@link #close}; null if none waits
     */
    public @Nullable IcmpMessage receive() {
        final IcmpMessage message = peek();
        if (message != null) {
            inbox.take();
        }
        return message;
    }

    /** The oldest message that waits, which goes on waiting; otherwise as {@link #receive}. */
    public @Nullable IcmpMessage peek() {
        if (!inbox.next()) {
            return null;
        }
        final PacketQueue queue = inbox.queue();
        view.wrap(queue.ip(), inbox.memory(), queue.offset(), queue.length(), queue.tag() != 0, queue.time());
        return view;
    }

    /**
     * Sends a message: a copy of bytes, of which the checksum is replaced by the right one.
     *
     * @param remote whereto
     * @param length bytes, the ICMP header included
     * @return {@link IpOutput#SENT} or why not
     * @throws IllegalArgumentException if there are fewer than 8 bytes
     */
    public int send(final A remote, final MemorySegment source, final long offset, final int length) {
        return send(remote, source, offset, length, null);
    }

    /** Sends a message with what is different from the settings in {@code options}; otherwise as without. */
    public int send(
            final A remote,
            final MemorySegment source,
            final long offset,
            final int length,
            final @Nullable SendOptions options) {
        return closed ? IpOutput.NO_ROUTE : engine.send(this, remote, source, offset, length, options);
    }

    /** Ends it: nothing is received any more, what waits is freed. Harmless when called again. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            engine.remove(this);
            inbox.close();
        }
    }

    @Nullable
    IcmpHandler handler() {
        return handler;
    }

    PacketInbox inbox() {
        return inbox;
    }

    /** Whether a message to, or about a packet from, one of our addresses that came in by an interface is for it. */
    boolean at(final long hi, final long lo, final int interfaceIndex) {
        return hears(interfaceIndex) && (local.isUnspecified() || (local.hi() == hi && local.lo() == lo));
    }
}
