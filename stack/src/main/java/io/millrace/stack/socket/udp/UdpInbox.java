package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.PacketQueue;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpRepr;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the application of a socket to ask for it: datagrams, and the last error. What it takes to show them is
 * made when it is first needed, so that an idle socket stays small.
 */
final class UdpInbox {
    private final UdpSender sender;
    private final PacketQueue queue;
    private @Nullable Runnable signal;
    private @Nullable UdpDatagram view;
    private @Nullable IcmpErrorRepr lastError;
    private boolean errorPending;

    UdpInbox(final UdpSender sender, final PacketQueue queue) {
        this.sender = sender;
        this.queue = queue;
    }

    /** Sets what is called when something begins to wait. */
    void onWaiting(final @Nullable Runnable newSignal) {
        signal = newSignal;
    }

    /** Sets how much may wait. */
    void limits(final int datagrams, final int bytes) {
        queue.limits(datagrams, bytes);
    }

    /** Datagrams that wait. */
    int size() {
        return queue.size();
    }

    /**
     * Keeps a datagram. Takes its buffer over.
     *
     * @return false if there was no room; the buffer is the caller's then
     */
    boolean add(
            final IpRepr ip, final long handle, final long payload, final int length, final int port, final long now) {
        return queue.add(ip, handle, payload, length, port, now);
    }

    /** Keeps an error, in place of the one before. */
    void keep(final IcmpErrorRepr error) {
        IcmpErrorRepr copy = lastError;
        if (copy == null) {
            copy = new IcmpErrorRepr();
            lastError = copy;
        }
        copy.set(error);
        errorPending = true;
    }

    /** Tells whoever wants to know that something waits: what the application set, which may throw. */
    void signal() {
        final Runnable told = signal;
        if (told != null) {
            told.run();
        }
    }

    /** The last error, once. */
    @Nullable
    IcmpErrorRepr takeError() {
        if (!errorPending) {
            return null;
        }
        errorPending = false;
        return lastError;
    }

    /**
     * The oldest datagram, until the next call.
     *
     * @param take whether it waits no longer
     */
    @Nullable
    UdpDatagram next(final UdpSocket<?> socket, final boolean take) {
        release();
        if (queue.size() == 0) {
            return null;
        }
        UdpDatagram datagram = view;
        if (datagram == null) {
            datagram = new UdpDatagram(sender);
            view = datagram;
        }
        final long handle = queue.handle();
        datagram.wrap(
                socket,
                queue.ip(),
                take ? handle : PacketPool.NONE,
                sender.memory(handle),
                queue.offset(),
                queue.length(),
                queue.tag(),
                queue.time());
        if (take) {
            queue.remove();
        }
        return datagram;
    }

    /** Frees everything. */
    void close(final IpOutput output) {
        release();
        queue.close(output);
    }

    private void release() {
        final long handle = view == null ? PacketPool.NONE : view.release();
        if (handle != PacketPool.NONE) {
            sender.free(handle);
        }
    }
}
