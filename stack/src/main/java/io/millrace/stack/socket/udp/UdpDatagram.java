package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A received datagram in place: a view that is used again for the next one. Its payload may be read, changed and sent
 * back without a copy.
 *
 * <p>Not thread-safe; valid as long as whoever hands it out says.
 */
public final class UdpDatagram {
    private final UdpSender sender;
    private final IpRepr ip = new IpRepr();
    private @Nullable UdpSocket<?> socket;
    private MemorySegment memory = MemorySegment.NULL;
    private long handle = PacketPool.NONE;
    private long offset;
    private long timestamp;
    private int length;
    private int sourcePort;

    UdpDatagram(final UdpSender sender) {
        this.sender = sender;
    }

    /** Memory that holds the payload, and other packets beside it. */
    public MemorySegment memory() {
        return memory;
    }

    /** Offset of the payload's first byte within {@link #memory()}. */
    public long offset() {
        return offset;
    }

    /** Bytes of the payload, 0 to 65,527. */
    public int length() {
        return length;
    }

    /** {@link IpFamily#V4} or {@link IpFamily#V6}. */
    public int family() {
        return ip.family;
    }

    /** Upper half of the source address; 0 for IPv4. */
    public long sourceHi() {
        return ip.srcHi;
    }

    /** Lower half of the source address, or the IPv4 address zero-extended. */
    public long sourceLo() {
        return ip.srcLo;
    }

    /** Source port; 0 if no answer is wanted. */
    public int sourcePort() {
        return sourcePort;
    }

    /** Source address and port, as a new object. */
    public Endpoint<? extends IpAddress> source() {
        return new Endpoint<>(IpAddress.of(ip.family, ip.srcHi, ip.srcLo), sourcePort);
    }

    /** Upper half of the address that the datagram was sent to; 0 for IPv4. */
    public long destinationHi() {
        return ip.dstHi;
    }

    /** Lower half of the address that the datagram was sent to, or the IPv4 address zero-extended. */
    public long destinationLo() {
        return ip.dstLo;
    }

    /** TTL or hop limit that was left. */
    public int hopLimit() {
        return ip.hopLimit;
    }

    /** DSCP and ECN, 0 to 255. */
    public int trafficClass() {
        return ip.trafficClass;
    }

    /** The two ECN bits of {@link #trafficClass()} (RFC 3168): 3 means that a router on the way was congested. */
    public int ecn() {
        return ip.trafficClass & 3;
    }

    /** The address that the datagram was sent to, as a new object: one of ours, a group or a broadcast address. */
    public IpAddress destination() {
        return IpAddress.of(ip.family, ip.dstHi, ip.dstLo);
    }

    /** When the datagram came, in microseconds: the time of the poll that received it. */
    public long timestamp() {
        return timestamp;
    }

    /** Index of the interface that the datagram came in by. */
    public int interfaceIndex() {
        return ip.interfaceIndex;
    }

    /** Bytes that fit into the buffer from {@link #offset()} on: the longest answer in place. 0 if it was used up. */
    public int capacity() {
        return handle == PacketPool.NONE ? 0 : sender.roomFrom(handle, offset);
    }

    /**
     * Copies the payload, or as much of it as fits; the rest is not lost as long as the datagram is valid.
     *
     * @return bytes copied
     */
    public int copyTo(final MemorySegment target, final long targetOffset, final int room) {
        final int count = Math.min(room, length);
        MemorySegment.copy(memory, offset, target, targetOffset, count);
        return count;
    }

    /**
     * Sends the buffer back to where the datagram came from, with what is now in its first {@code newLength} bytes and the
     * socket's settings. The datagram is used up.
     *
     * @return {@link IpOutput#SENT} or why not
     * @throws IllegalStateException if the datagram was used up before, or only peeked at
     */
    public int reply(final int newLength) {
        if (handle == PacketPool.NONE || socket == null) {
            throw new IllegalStateException("the datagram was answered in place already, or only peeked at");
        }
        Objects.checkFromIndexSize(0, newLength, capacity());
        final long mine = handle;
        handle = PacketPool.NONE;
        return sender.reply(socket, mine, offset, newLength, ip, sourcePort);
    }

    /**
     * Sends a copy of bytes back to where the datagram came from; the datagram stays as it is.
     *
     * @return {@link IpOutput#SENT} or why not
     */
    public int reply(final MemorySegment source, final long from, final int count) {
        if (socket == null) {
            throw new IllegalStateException("there is no datagram to answer");
        }
        return sender.replyCopy(socket, source, from, count, ip, sourcePort);
    }

    void wrap(
            final UdpSocket<?> newSocket,
            final IpRepr header,
            final long newHandle,
            final MemorySegment newMemory,
            final long newOffset,
            final int newLength,
            final int newSourcePort,
            final long now) {
        socket = newSocket;
        ip.set(header);
        handle = newHandle;
        memory = newMemory;
        offset = newOffset;
        length = newLength;
        sourcePort = newSourcePort;
        timestamp = now;
    }

    /** Takes the buffer from the view; {@link PacketPool#NONE} if it was used up. */
    long release() {
        final long mine = handle;
        handle = PacketPool.NONE;
        length = 0;
        return mine;
    }
}
