package io.millrace.stack.socket;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.wire.IpRepr;
import java.lang.foreign.MemorySegment;

/**
 * How the protocol engines send: the IP layer seen from above. One implementation in a stack, one in tests.
 *
 * <p>An engine {@linkplain #allocate allocates} a buffer, writes its header and payload as the packet's data (the buffer's
 * headroom suffices for all headers below), computes its checksum and hands it to {@link #send}.
 */
public interface IpOutput {
    /** The packet was handed to the link or waits for its neighbour's link address. */
    int SENT = 0;

    /** No route leads to the destination; the buffer was freed. */
    int NO_ROUTE = 1;

    /** The packet is larger than the path allows and must not be fragmented; the buffer was freed. */
    int TOO_BIG = 2;

    /** The transmit queue is full; the buffer was freed. The engine tries again when it is polled next. */
    int BUSY = 3;

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
     * Chooses the source address for a destination and stores it in {@code ip} (RFC 6724 for IPv6).
     *
     * @return false if there is no route or no address to choose
     */
    boolean selectSource(IpRepr ip);

    /** Whether an address, in the form of {@link io.millrace.stack.wire.IpFamily}, is one of ours and usable. */
    boolean isLocalAddress(int family, long hi, long lo);

    /** Largest IP packet in bytes towards {@code ip}'s destination; 0 if there is no route. */
    int pathMtu(IpRepr ip);

    /** Whether packets can be handed to the link now; false when its transmit queue is full. */
    boolean ready();
}
