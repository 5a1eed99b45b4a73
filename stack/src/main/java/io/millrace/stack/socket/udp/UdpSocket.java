package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.Memberships;
import io.millrace.stack.socket.PacketQueue;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket of one family.
 *
 * <p><b>Receiving.</b> A datagram to one of our addresses goes to one socket: the one that is {@linkplain #connect
 * connected} to its source, else one that is bound to its destination address, else one bound to any address. A datagram
 * to a group or a broadcast address goes to each socket that listens there: those bound to any address or to that very
 * one, and to its port, which {@linkplain #join joined} the group on the interface that it came in by, or joined no group
 * at all. All but the last of them get copies, so that each may do with it what it wants.
 *
 * <p>With a handler, datagrams are handed to it as they come, in place. Without one they wait in order, up to the limits
 * of {@link UdpConfig} and up to a quarter of the pool's buffers for all sockets together; what comes then is dropped and
 * counted, the oldest stay. Nothing is truncated: {@link UdpDatagram#copyTo} copies what fits, and the whole stays where
 * it is until the datagram is no longer valid.
 *
 * <p><b>Zones.</b> A link-local address or group may come with a zone, the name or index of an interface (RFC 4007):
 * bound to {@code fe80::1%eth0}, it receives what comes in there and sends by it; connected or sending to {@code
 * fe80::2%eth0}, it sends by that. Each interface has ports of its own then.
 *
 * <p><b>Sending</b> either copies the payload into a packet, or fills a packet in place between {@link #allocate(int)}
 * and {@link #send(long, long, long, int, int)}. {@link #settings()} says how, {@link SendOptions} how one packet
 * differs.
 *
 * <p>Not thread-safe: all calls on the thread that polls the stack.
 *
 * @param <A> family
 */
public final class UdpSocket<A extends IpAddress> implements AutoCloseable {
    private final UdpEngine engine;
    private final UdpSender sender;
    private final Endpoint<A> local;
    private UdpConfig config;
    private final SocketSettings settings = new SocketSettings();
    private final UdpInbox inbox;
    private final Memberships groups = new Memberships();
    private @Nullable UdpHandler handler;
    private @Nullable Object attachment;
    private @Nullable UdpTimes times;
    private @Nullable Endpoint<A> remote;
    private boolean closed;

    /** Its end, in numbers. */
    final UdpPlace place;

    /** Its entry among the bound; null if it was connected from the start, or is closed. */
    @Nullable
    UdpBinding binding;

    /** Its entry among the connected; null if it is not. */
    @Nullable
    UdpFlow flow;

    UdpSocket(
            final UdpEngine engine,
            final Endpoint<A> local,
            final int zone,
            final UdpConfig config,
            final PacketQueue queue,
            final @Nullable UdpHandler handler) {
        this.engine = engine;
        this.sender = engine.sender();
        this.local = local;
        this.place = UdpPlace.of(local, zone);
        this.config = config;
        this.inbox = new UdpInbox(sender, queue);
        this.handler = handler;
    }

    /** Where it receives; the unspecified address means any of ours. */
    public Endpoint<A> local() {
        return local;
    }

    /** Whom it is connected to; null if to nobody. */
    public @Nullable Endpoint<A> remote() {
        return remote;
    }

    /** Sets who gets the datagrams from now on; null to let them wait for {@link #receive()}. */
    public void handler(final @Nullable UdpHandler newHandler) {
        handler = newHandler;
    }

    /**
     * Sets what is called, within the stack's poll, whenever a datagram begins to wait for {@link #receive()} or an error
     * for {@link #takeError}; null for nothing.
     */
    public void onWaiting(final @Nullable Runnable newSignal) {
        inbox.onWaiting(newSignal);
    }

    /** What the application attached. */
    public @Nullable Object attachment() {
        return attachment;
    }

    /** Attaches something of the application's own. */
    public void attachment(final @Nullable Object newAttachment) {
        attachment = newAttachment;
    }

    /** How it sends: TTL, traffic class, whether datagrams may be fragmented or broadcast, and so on. */
    public SocketSettings settings() {
        return settings;
    }

    /** SO_TIMESTAMPING: what is told of when datagrams were sent; nothing at first. */
    public UdpTimes times() {
        UdpTimes current = times;
        if (current == null) {
            current = new UdpTimes(engine);
            times = current;
        }
        return current;
    }

    /** Shares those of another socket: datagrams of both are numbered in one order, and told to its handler. */
    public void times(final UdpTimes shared) {
        times = shared;
    }

    /** As {@link #times()}; null if nobody asked for them. */
    @Nullable
    UdpTimes timesOrNull() {
        return times;
    }

    /**
     * Sets how much may wait when there is no handler; what waits already stays.
     *
     * @throws IllegalArgumentException if one is less than 1, or there are to be more than 65,535 datagrams
     */
    public void queueLimits(final int datagrams, final int bytes) {
        inbox.limits(datagrams, bytes);
    }

    /**
     * Changes who else may be bound to its address and port from now on; those that are stay.
     *
     * @param shared {@link UdpConfig#shared()}
     * @param reused {@link UdpConfig#reused()}
     */
    public void permit(final boolean shared, final boolean reused) {
        final UdpConfig changed = config.withShared(shared).withReused(reused);
        final UdpBinding bound = binding;
        if (bound != null) {
            bound.permit(this, changed);
        }
        config = changed;
    }

    /**
     * Receives from one peer only from now on, and is told of ICMP errors. What waits already stays. If it is bound to
     * any address, the one that routes choose towards the peer is its own until it is disconnected.
     *
     * @throws io.millrace.stack.socket.AddressInUseException if another socket at the same place is connected there
     * @throws IllegalArgumentException if the peer is not a host and port, or no route leads there
     * @throws IllegalStateException if it is closed
     */
    public void connect(final Endpoint<A> peer) {
        requireOpen();
        engine.connect(this, peer);
        remote = peer;
    }

    /** Receives from everyone again. If it was opened connected, it receives nothing until it is connected again. */
    public void disconnect() {
        if (!closed) {
            engine.disconnect(this);
            remote = null;
        }
    }

    /**
     * Joins a multicast group of its family on an interface, which it leaves when it is closed. From now on only groups
     * that it joined reach it.
     *
     * @return false if it is a member already
     * @throws IllegalArgumentException if it is no group, or there is no such interface
     * @throws IllegalStateException if it is closed
     */
    public boolean join(final A group, final int interfaceIndex) {
        requireOpen();
        return groups.join(engine.output(), group, interfaceIndex);
    }

    /** Leaves a group on an interface. Returns false if it is no member. */
    public boolean leave(final A group, final int interfaceIndex) {
        return groups.leave(engine.output(), group, interfaceIndex);
    }

    /**
     * The last ICMP error that was told, once: a copy, whose quoted packet is gone.
     *
     * @return valid until the next error; null if none came since the last call
     */
    public @Nullable IcmpErrorRepr takeError() {
        return inbox.takeError();
    }

    /**
     * Sends a copy of bytes.
     *
     * @return {@link IpOutput#SENT} or why not
     * @throws IllegalArgumentException if the length is not 0 to 65,527, or no interface is called like the zone
     */
    public int send(final Endpoint<A> to, final MemorySegment source, final long offset, final int length) {
        final int by = to.zone().isEmpty() ? sendZone() : engine.zone(to);
        final A address = to.address();
        return sender.sendCopy(this, by, address.hi(), address.lo(), to.port(), source, offset, length, null);
    }

    /**
     * Sends a copy of bytes to the peer that it is connected to.
     *
     * @return {@link IpOutput#SENT} or why not
     * @throws IllegalStateException if it is not connected
     */
    public int send(final MemorySegment source, final long offset, final int length) {
        return send(source, offset, length, null);
    }

    /**
     * Sends a copy of bytes to the peer with what is different from the settings in {@code options}; otherwise as
     * without.
     */
    public int send(
            final MemorySegment source, final long offset, final int length, final @Nullable SendOptions options) {
        final UdpFlow to = requireFlow();
        return send(to.remoteHi, to.remoteLo, to.remotePort(), source, offset, length, options);
    }

    /** Sends a copy of bytes to an address of the socket's family; touches no object. */
    public int send(
            final long hi,
            final long lo,
            final int port,
            final MemorySegment source,
            final long offset,
            final int length) {
        return send(hi, lo, port, source, offset, length, null);
    }

    /**
     * Sends a copy of bytes to an address of the socket's family, up to 65,507 over IPv4 and 65,527 over IPv6, in
     * fragments if the path needs them; touches no object.
     *
     * @param options what is different from the settings; null for nothing. With {@link SendOptions#segmentSize} it is
     *     several datagrams, and the length also more than one holds
     * @return {@link IpOutput#SENT} or why not; of several datagrams perhaps some were sent nevertheless
     * @throws IllegalArgumentException if the length is not 0 to 65,527, or an option is out of its range
     */
    public int send(
            final long hi,
            final long lo,
            final int port,
            final MemorySegment source,
            final long offset,
            final int length,
            final @Nullable SendOptions options) {
        return sender.sendCopy(this, sendZone(), hi, lo, port, source, offset, length, options);
    }

    /**
     * Sends a copy of bytes to an address of the socket's family in datagrams of one size, the last one perhaps shorter:
     * UDP_SEGMENT. The way is looked up once for {@value UdpSegments#MOST} of them. None is sent in fragments. Touches no
     * object.
     *
     * @param length bytes in all, 1 or more, also more than a datagram holds
     * @param size bytes of payload of each, 1 to 65,527
     * @param options what is different from the settings; null for nothing
     * @return how many bytes were sent: all of them, or those of the first datagrams if there was no room for more; or,
     *     below zero, why none was: {@code -}{@link IpOutput#TOO_BIG} if the path or a buffer of the pool takes no
     *     datagram of that size
     * @throws IllegalArgumentException if length or size is out of range, or an option
     * @throws IndexOutOfBoundsException if the bytes are not all in {@code source}
     */
    public int sendSegments(
            final long hi,
            final long lo,
            final int port,
            final MemorySegment source,
            final long offset,
            final int length,
            final int size,
            final @Nullable SendOptions options) {
        return sender.sendSegments(this, sendZone(), hi, lo, port, source, offset, length, size, options);
    }

    /**
     * Sends a copy of bytes to the peer that it is connected to, otherwise as the other one.
     *
     * @throws IllegalStateException if it is not connected
     */
    public int sendSegments(final MemorySegment source, final long offset, final int length, final int size) {
        final UdpFlow to = requireFlow();
        return sendSegments(to.remoteHi, to.remoteLo, to.remotePort(), source, offset, length, size, null);
    }

    /**
     * Allocates a packet to fill in place, for a payload that fits a buffer of the pool.
     *
     * @return its handle, or {@link PacketPool#NONE} if there is none
     */
    public long allocate() {
        return sender.allocate(0);
    }

    /**
     * Allocates a packet to fill in place.
     *
     * @param payloadLength bytes that it must hold, 0 to 65,527
     * @return its handle, or {@link PacketPool#NONE} if there is none
     */
    public long allocate(final int payloadLength) {
        return sender.allocate(Objects.checkIndex(payloadLength, UdpView.MAX_PAYLOAD + 1));
    }

    /** Memory that holds an allocated packet. */
    public MemorySegment memory(final long handle) {
        return sender.memory(handle);
    }

    /** Where the payload of an allocated packet begins within {@link #memory(long)}. */
    public long payloadOffset(final long handle) {
        return sender.payloadOffset(handle);
    }

    /** Most bytes of payload that an allocated packet holds. */
    public int payloadCapacity(final long handle) {
        return sender.roomFrom(handle, payloadOffset(handle));
    }

    /** Sends an allocated packet as the settings say; otherwise as with options. */
    public int send(final long handle, final long hi, final long lo, final int port, final int length) {
        return send(handle, hi, lo, port, length, null);
    }

    /**
     * Sends an allocated packet to an address of the socket's family. Takes it over, even if it throws.
     *
     * @param length bytes of the payload, at most {@link #payloadCapacity}
     * @param options what is different from the settings; null for nothing
     * @return {@link IpOutput#SENT} or why not
     * @throws IllegalArgumentException if an option is out of its range
     * @throws IndexOutOfBoundsException if the payload does not fit into the packet
     */
    public int send(
            final long handle,
            final long hi,
            final long lo,
            final int port,
            final int length,
            final @Nullable SendOptions options) {
        return sender.send(this, handle, sendZone(), hi, lo, port, length, options);
    }

    /** Frees an allocated packet that is not sent. */
    public void free(final long handle) {
        sender.free(handle);
    }

    /** Bytes of the longest payload that reaches an address without fragments, as far as is known; 0 without a route. */
    public int maxPayload(final A to) {
        final int by = sendZone() == UdpTable.NO_ZONE ? settings.interfaceIndex() : sendZone();
        final IpRepr ip = IpRepr.towards(to, by);
        return Math.max(0, engine.output().pathMtu(ip) - UdpView.LENGTH - IpFamily.headerLength(ip.family));
    }

    /**
     * The oldest datagram that waits, in place.
     *
     * @return a view that is valid until the next call, {@link #peek} or {@link #close}; null if none waits
     */
    public @Nullable UdpDatagram receive() {
        return inbox.next(this, true);
    }

    /**
     * The oldest datagram that waits, and goes on waiting.
     *
     * @return a view that is valid until the next call, {@link #receive} or {@link #close}; null if none waits
     */
    public @Nullable UdpDatagram peek() {
        return inbox.next(this, false);
    }

    /**
     * Takes datagrams that wait and were sent by one peer in one size, the last one perhaps shorter, and puts their
     * payloads one behind the other: UDP_GRO. Touches no object.
     *
     * @param room bytes; of a single datagram that is longer, the rest is lost
     * @param into gets what there is to tell of them
     * @return bytes copied, perhaps 0; -1 if no datagram waits
     */
    public int receiveSegments(final MemorySegment target, final long offset, final int room, final UdpSegments into) {
        Objects.checkFromIndexSize(offset, room, target.byteSize());
        return into.take(this, inbox, target, offset, room);
    }

    /** Datagrams that wait. */
    public int readable() {
        return inbox.size();
    }

    /** Ends it: nothing is received any more, what waits is freed, groups are left. Harmless when called again. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            engine.remove(this);
            inbox.close(engine.output());
            groups.leaveAll(engine.output());
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("UDP socket " + local + " is closed");
        }
    }

    private UdpFlow requireFlow() {
        final UdpFlow to = flow;
        if (to == null) {
            throw new IllegalStateException("UDP socket " + local + " is not connected; say where to send");
        }
        return to;
    }

    /** Whether a datagram to a group, or to everyone, is for it. */
    boolean hears(final IpRepr ip) {
        return groups.hear(ip);
    }

    /** Whether it ever joined a group, and so hears only those that it is in. */
    public boolean joinsGroups() {
        return groups.joins();
    }

    void remote(final Endpoint<A> peer) {
        remote = peer;
    }

    @Nullable
    UdpHandler handler() {
        return handler;
    }

    UdpInbox inbox() {
        return inbox;
    }

    UdpConfig config() {
        return config;
    }

    boolean isClosed() {
        return closed;
    }

    /** Index of the interface that it sends by unless it is told otherwise. */
    private int sendZone() {
        return place.sendZone(flow);
    }
}
