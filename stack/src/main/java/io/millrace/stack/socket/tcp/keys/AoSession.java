package io.millrace.stack.socket.tcp.keys;

import org.jspecify.annotations.Nullable;

/**
 * What TCP-AO knows of one connection: its initial sequence numbers, the traffic keys of both directions, and how often
 * sequence numbers wrapped (RFC 5925 section 6.2). Positions are sequence numbers of 64 bits, the upper half of which is
 * the extension. Belongs to the thread of its stack.
 */
public final class AoSession {
    private final int localIsn;
    private int remoteIsn;
    private boolean synchronised;
    private long sent;
    private long received;
    private @Nullable TrafficKey sending;
    private @Nullable TrafficKey receiving;

    /** Of a connection that we open. */
    public AoSession(final int localIsn) {
        this.localIsn = localIsn;
        this.sent = Integer.toUnsignedLong(localIsn);
    }

    /** The peer's SYN came, signed right. */
    public void onSyn(final int isn) {
        remoteIsn = isn;
        synchronised = true;
        received = Integer.toUnsignedLong(isn);
        sending = null;
        receiving = null;
    }

    /** Whether the peer's initial sequence number is known. */
    public boolean isSynchronised() {
        return synchronised;
    }

    /** Our initial sequence number. */
    public int localIsn() {
        return localIsn;
    }

    /** The peer's; 0 if it is not known yet. */
    public int remoteIsn() {
        return remoteIsn;
    }

    /** The key of what we send by a master key; null if it is to be derived. */
    public @Nullable TrafficKey sending(final AoKey master) {
        final TrafficKey current = sending;
        return current != null && current.master() == master ? current : null;
    }

    /** Keeps the key of what we send. */
    public void sending(final TrafficKey key) {
        sending = key;
    }

    /** The key of what we receive by a master key; null if it is to be derived. */
    public @Nullable TrafficKey receiving(final AoKey master) {
        final TrafficKey current = receiving;
        return current != null && current.master() == master ? current : null;
    }

    /** Keeps the key of what we receive. */
    public void receiving(final TrafficKey key) {
        receiving = key;
    }

    /** The extension for a segment that we send. */
    public int sentExtension(final int seq) {
        final long position = extend(sent, seq);
        sent = Math.max(sent, position);
        return (int) (position >>> Integer.SIZE);
    }

    /** The extension for a segment that came. */
    public int receivedExtension(final int seq) {
        return (int) (extend(received, seq) >>> Integer.SIZE);
    }

    /** A segment that came was signed right. */
    public void onReceived(final int seq) {
        received = Math.max(received, extend(received, seq));
    }

    /** The extension for a segment of a connection that nothing else is known of. */
    public static int extension(final int isn, final int seq) {
        return (int) (extend(Integer.toUnsignedLong(isn), seq) >>> Integer.SIZE);
    }

    /** The position nearest to another one that has these lower bits. */
    private static long extend(final long near, final int seq) {
        return near + (seq - (int) near);
    }
}
