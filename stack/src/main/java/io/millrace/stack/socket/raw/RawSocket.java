package io.millrace.stack.socket.raw;

import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.Memberships;
import io.millrace.stack.socket.PacketInbox;
import io.millrace.stack.socket.PacketQueue;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * IP packets of a version and a protocol, or of all, header included both ways.
 *
 * <p><b>Receiving.</b> Every packet to this stack that passed the checks of the IP layer reaches each raw socket that it
 * fits, then goes its usual way. That one fits a raw socket keeps the stack from telling the sender that nobody serves
 * its protocol or port, and from resetting its connection. With a handler, packets are handed to it as they come, in
 * place. Without one copies wait, up to the {@linkplain #queueLimits limits}; what comes then is dropped and counted.
 * Nothing is truncated.
 *
 * <p><b>Router alerts.</b> Where the stack forwards, a socket may {@linkplain #routerAlert ask} for packets to others
 * that carry a router alert, as RSVP and others send them. Those are its own then: they go no further unless it sends
 * them on.
 *
 * <p><b>Sending.</b> The bytes are a whole packet that begins with its IP header. The stack fills in the length and the
 * header checksum of IPv4, and a source address of zeros; addresses, TTL, options, extension headers and payload go as
 * they are, the payload's checksum too. What is too long for its path, as routers told of earlier packets, is sent in
 * fragments, unless it is IPv4 and its header forbids that.
 *
 * <p><b>Zones.</b> Addresses in headers have none, so it is the socket that may be {@linkplain #zone(String) limited}
 * to one interface.
 *
 * <p>Not thread-safe: all calls on the thread that polls the stack.
 */
public final class RawSocket implements AutoCloseable {
    /** Every version, or every protocol. */
    public static final int ANY = -1;

    private final RawEngine engine;
    private final int version;
    private final int protocol;
    private final @Nullable RawHandler handler;
    private final PacketInbox inbox;
    private final SocketSettings settings = new SocketSettings();
    private final RawPacket view = new RawPacket();
    private final Memberships groups = new Memberships();
    private int zone = ANY;
    private int routerAlert = ANY;
    private boolean foreignSources;
    private boolean closed;

    RawSocket(
            final RawEngine engine,
            final int version,
            final int protocol,
            final PacketInbox inbox,
            final @Nullable RawHandler handler) {
        this.engine = engine;
        this.version = version;
        this.protocol = protocol;
        this.inbox = inbox;
        this.handler = handler;
    }

    /** 4, 6, or {@link #ANY}. */
    public int version() {
        return version;
    }

    /** Protocol number (IANA), or {@link #ANY}. */
    public int protocol() {
        return protocol;
    }

    /**
     * How it sends. Only the interface, whether broadcasts are permitted and whether groups loop back matter: all else
     * is in the header.
     */
    public SocketSettings settings() {
        return settings;
    }

    /**
     * Limits it to one interface, both ways: it receives only what comes in there, and what it sends leaves there
     * whatever {@link #settings()} says.
     *
     * @param newZone name or index of the interface (RFC 4007 section 11); empty for all again
     * @throws IllegalArgumentException if there is no such interface
     */
    public void zone(final String newZone) {
        zone = newZone.isEmpty() ? ANY : engine.zone(newZone);
    }

    /** Index of the interface that it is limited to, or {@link #ANY}. */
    public int zone() {
        return zone;
    }

    /**
     * Takes packets to others, where the stack {@linkplain io.millrace.stack.Stack#forwarding forwards}, that fit this
     * socket and ask routers to look closer (RFC 2113, RFC 2711). They come with their hop limit as it was, are handed to
     * every socket that asks for them, counted as {@code routerAlerts}, and not forwarded. IPv4 packets come whole, IPv6
     * fragments one by one. All others are forwarded as if they asked for nothing (RFC 6398 section 5).
     *
     * <p>This is IP_ROUTER_ALERT and IPV6_ROUTER_ALERT of Linux, but for two things: Linux knows no value but 0 over
     * IPv4, and over IPv6 gives a socket packets of every protocol, as here one of protocol {@link #ANY} gets.
     *
     * @param value of the option, 0 to 65,535: 0 for all protocols over IPv4, for MLD over IPv6; {@link #ANY} for none,
     *     which is so unless set
     * @throws IllegalArgumentException if it is none of these
     */
    public void routerAlert(final int value) {
        if (value < ANY || value > 0xFFFF) {
            throw new IllegalArgumentException(
                    "router alert " + value + "; it is 0 to 65,535, or RawSocket.ANY for none");
        }
        routerAlert = value;
    }

    /**
     * Joins a multicast group on an interface, which it leaves when it is closed: what comes for the group is received
     * by this stack from then on, and so by every raw socket that it fits.
     *
     * @return false if it is a member already
     * @throws IllegalArgumentException if it is no group, or there is no such interface
     * @throws IllegalStateException if it is closed
     */
    public boolean join(final IpAddress group, final int interfaceIndex) {
        if (closed) {
            throw new IllegalStateException("raw socket is closed");
        }
        return groups.join(engine.output(), group, interfaceIndex);
    }

    /** Leaves a group on an interface. Returns false if it is no member. */
    public boolean leave(final IpAddress group, final int interfaceIndex) {
        return groups.leave(engine.output(), group, interfaceIndex);
    }

    /** Sets whether packets may have a source that is none of our addresses. False unless set: they are refused. */
    public void foreignSources(final boolean permitted) {
        foreignSources = permitted;
    }

    /**
     * Sets how much may wait: 64 packets and 256 KiB unless set.
     *
     * @throws IllegalArgumentException if one is less than 1, or there are to be more than 65,535 packets
     */
    public void queueLimits(final int packets, final int bytes) {
        inbox.queue().limits(packets, bytes);
    }

    /** Sets what is called, within the stack's poll, whenever a packet begins to wait; null for nothing. */
    public void onWaiting(final @Nullable Runnable newSignal) {
        inbox.onWaiting(newSignal);
    }

    /** Packets that wait. */
    public int readable() {
        return inbox.queue().size();
    }

    /**
     * The oldest packet that waits.
     *
     * @return a view that is valid until the next call or {@link #close}; null if none waits
     */
    public @Nullable RawPacket receive() {
        final RawPacket packet = peek();
        if (packet != null) {
            inbox.take();
        }
        return packet;
    }

    /** The oldest packet that waits, which goes on waiting; otherwise as {@link #receive}. */
    public @Nullable RawPacket peek() {
        if (!inbox.next()) {
            return null;
        }
        final PacketQueue queue = inbox.queue();
        view.wrap(queue.ip(), inbox.memory(), queue.offset(), queue.length(), queue.time());
        return view;
    }

    /**
     * Sends a packet: a copy of bytes that begin with an IP header.
     *
     * @param length bytes, header included
     * @return {@link IpOutput#SENT}, or why not; {@link IpOutput#NOT_PERMITTED} if the header makes no sense or is of a
     *     version or protocol that is not the socket's
     */
    public int send(final MemorySegment source, final long offset, final int length) {
        return closed ? IpOutput.NO_ROUTE : engine.send(this, source, offset, length);
    }

    /** Ends it: nothing is received any more, what waits is freed. Harmless when called again. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            engine.remove(this);
            inbox.close();
            groups.leaveAll(engine.output());
        }
    }

    boolean fits(final int family, final int ofProtocol) {
        return (version == ANY || version == family) && (protocol == ANY || protocol == ofProtocol);
    }

    /** Whether it receives what comes in by an interface. */
    boolean hears(final int interfaceIndex) {
        return zone == ANY || zone == interfaceIndex;
    }

    /** Whether it takes a packet to others with a router alert. */
    boolean takes(final IpRepr ip, final int alert) {
        return !closed && routerAlert == alert && fits(ip.family, ip.protocol) && hears(ip.interfaceIndex);
    }

    boolean foreignSources() {
        return foreignSources;
    }

    boolean isClosed() {
        return closed;
    }

    @Nullable
    RawHandler handler() {
        return handler;
    }

    PacketInbox inbox() {
        return inbox;
    }
}
