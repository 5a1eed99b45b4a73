package io.millrace.stack.socket;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/**
 * How the protocol engines send: the IP layer seen from above. One implementation in a stack, one in tests.
 *
 * <p>An engine {@linkplain #allocate allocates} a buffer, writes its header and payload as the packet's data (the
 * buffer's headroom suffices for all headers below), computes its checksum and hands it to {@link #send}.
 *
 * <p>Packets that are longer than a buffer of the pool, sent or received, are {@linkplain PacketStore large packets}: an
 * engine that {@linkplain #allocate(int) allocates by length} and reaches packets through {@link #packets} serves
 * datagrams of any length that IP knows. What exceeds the path's MTU is sent in fragments, unless
 * {@link IpRepr#dontFragment} says otherwise; what came in fragments arrives whole.
 */
public interface IpOutput {
    /** The packet was handed to the link or waits for its neighbour's link address. */
    int SENT = 0;

    /** No route leads to the destination; the buffer was freed. */
    int NO_ROUTE = 1;

    /** The packet is larger than the path allows and must not be fragmented, or than IP allows; the buffer was freed. */
    int TOO_BIG = 2;

    /**
     * The transmit queue is full, or the pool has too few buffers for the fragments; the buffer was freed. The engine
     * tries again when it is polled next.
     */
    int BUSY = 3;

    /** A broadcast without {@link IpRepr#broadcast}, or a source that is not ours; the buffer was freed. */
    int NOT_PERMITTED = 4;

    /** All packets, large ones too. */
    PacketStore packets();

    /** The pool whose buffers travel here. */
    PacketPool pool();

    /** Memory of {@link #pool()}. */
    MemorySegment memory();

    /**
     * Allocates an empty packet.
     *
     * @return its handle, or {@link PacketPool#NONE} if there is none
     */
    long allocate();

    /**
     * Allocates an empty packet that holds so many bytes of transport header and payload, large if it must be.
     *
     * @param length bytes, 0 to 65,535
     * @return its handle, or {@link PacketPool#NONE} if there is none
     */
    long allocate(int length);

    /** Frees a packet that was not sent. */
    void free(long handle);

    /**
     * Sends a packet whose data begins with the transport header. Takes the buffer over, whatever it returns.
     *
     * @param handle the packet
     * @param ip its addresses, protocol, hop limit, traffic class; {@code payloadLength} is taken from the buffer
     * @return {@link #SENT} or why not
     */
    int send(long handle, IpRepr ip);

    /**
     * Asks to hear when a packet leaves, before it is handed to {@link #send} or {@link #sendRun}. If it is cut into
     * fragments, the first one counts. One that is lost on its way to the port is not heard of, nor are those that too many
     * others were watched after. Does nothing where there is no port.
     *
     * @param first whatever the watcher wants to be told
     * @param end the same
     */
    default void watch(final long handle, final TransmitWatcher watcher, final long first, final long end) {}

    /**
     * How many segments that follow on one another may be sent as a single packet, which a device cuts. Such a packet has
     * {@code OffloadFlags.TX_SEGMENT} and what belongs to it, and leaves by {@link #sendRun}.
     *
     * @param ip the way of the segments
     * @param header bytes of each segment's TCP header
     * @param length bytes of each segment's payload, at least 1
     * @return 1 if each has to be a packet by itself
     */
    default int segmentsAtOnce(final IpRepr ip, final int header, final int length) {
        return 1;
    }

    /**
     * Sends packets in buffers of the pool as {@link #send} does, the way looked up once. They differ only in what
     * they carry, none is longer than the first, or cut into longer ones, and none may be fragmented.
     *
     * @param handles the packets, from index 0 on; all are taken over
     * @param count how many, at least 1
     * @return how many left or are as good as lost on the way, the first ones: the link had no room for the rest. Or,
     *     if the path takes no packets of that size, {@code -TOO_BIG}
     */
    default int sendRun(final long[] handles, final int count, final IpRepr ip) {
        for (int i = 0; i < count; i++) {
            final int result = send(handles[i], ip);
            if (result == BUSY || result == TOO_BIG) {
                for (int j = i + 1; j < count; j++) {
                    free(handles[j]);
                }
                return result == BUSY ? i : -TOO_BIG;
            }
        }
        return count;
    }

    /**
     * Chooses the source address for a destination and stores it in {@code ip} (RFC 6724 for IPv6).
     *
     * @return false if there is no route or no address to choose
     */
    boolean selectSource(IpRepr ip);

    /**
     * Whether checksums of TCP may be left to those below: the sender then puts the folded sum of the pseudo header where
     * the checksum belongs, and {@code OffloadFlags.TX_TCP} into the buffer's offload flags. Such a packet must not be
     * fragmented.
     */
    default boolean completesChecksums() {
        return false;
    }

    /** Whether an address, in the form of {@link io.millrace.stack.wire.IpFamily}, is one of ours and usable. */
    boolean isLocalAddress(int family, long hi, long lo);

    /**
     * The index of the interface that a zone id means: its name, or its index as text.
     *
     * @throws IllegalArgumentException if there is none, which is always so where there are no interfaces
     */
    default int zone(final String zone) {
        throw new IllegalArgumentException("no interface has the name or index " + zone);
    }

    /** Whether an address is one of ours at one interface. */
    default boolean isAddressOf(final int interfaceIndex, final IpAddress address) {
        return isLocalAddress(address.family(), address.hi(), address.lo());
    }

    /** Whether an address is an anycast address of ours, which ICMP answers do not come from (RFC 4443 section 2.2). */
    default boolean isAnycast(final int family, final long hi, final long lo) {
        return false;
    }

    /** Whether an address is a broadcast address of one of our networks, or of all (IPv4). */
    boolean isBroadcast(int family, long hi, long lo);

    /**
     * Joins a multicast group on an interface; it listens to it until left as often.
     *
     * @throws IllegalArgumentException if it is no group, or there is no such interface
     */
    void join(int interfaceIndex, IpAddress group);

    /** Takes one {@link #join} back. */
    void leave(int interfaceIndex, IpAddress group);

    /** What is known of the paths to {@code ip}'s destination, from its source. */
    default RouteMetrics metrics(final IpRepr ip) {
        return RouteMetrics.NONE;
    }

    /** Largest IP packet in bytes towards {@code ip}'s destination; 0 if there is no route. */
    int pathMtu(IpRepr ip);

    /** The same as links and routes have it, whatever routers told; what is received is not bound by what they told. */
    default int linkMtu(final IpRepr ip) {
        return pathMtu(ip);
    }

    /**
     * Notes that what was sent to a destination arrives there, as new acknowledgments show: its next hop need not be
     * asked whether it is still there (RFC 4861 section 7.3.1). Worth a call a second while that goes on. Does nothing
     * where there are no neighbours.
     */
    default void confirm(final int family, final long hi, final long lo, final long now) {}

    /**
     * Whether a packet that was sent to a destination at a time still waits for the link to take it: nobody else has seen
     * it, so that it is not lost, and another one like it would only wait behind it. False if that is not certain.
     */
    default boolean holds(final int family, final long hi, final long lo, final long sentAt) {
        return false;
    }

    /** Whether packets can be handed to the link now; false when its transmit queue is full. */
    boolean ready();
}
