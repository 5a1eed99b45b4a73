package io.millrace.stack.socket.raw;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/** A received IP packet in place, header included: a view that is used again for the next one. */
public final class RawPacket {
    private final IpRepr ip = new IpRepr();
    private MemorySegment memory = MemorySegment.NULL;
    private long offset;
    private long timestamp;
    private int length;

    RawPacket() {}

    /** Memory that holds the packet, and others beside it. */
    public MemorySegment memory() {
        return memory;
    }

    /** Offset of the IP header within {@link #memory()}. */
    public long offset() {
        return offset;
    }

    /** Bytes of the packet, its header included, padding of the link not. A packet that came in fragments is whole. */
    public int length() {
        return length;
    }

    /** {@link IpFamily#V4} or {@link IpFamily#V6}. */
    public int family() {
        return ip.family;
    }

    /** Protocol number of the payload (IANA), for IPv6 behind all extension headers. */
    public int protocol() {
        return ip.protocol;
    }

    /** Offset of the payload within {@link #memory()}: behind options, or extension headers. */
    public long payloadOffset() {
        return offset + length - ip.payloadLength;
    }

    /** Bytes of the payload. */
    public int payloadLength() {
        return ip.payloadLength;
    }

    /** TTL or hop limit that was left. */
    public int hopLimit() {
        return ip.hopLimit;
    }

    /** DSCP and ECN, 0 to 255. */
    public int trafficClass() {
        return ip.trafficClass;
    }

    /** Index of the interface that it came in by. */
    public int interfaceIndex() {
        return ip.interfaceIndex;
    }

    /** When it came, in microseconds: the time of the poll that received it. */
    public long timestamp() {
        return timestamp;
    }

    /** Who sent it, as a new object. */
    public IpAddress source() {
        return IpAddress.of(ip.family, ip.srcHi, ip.srcLo);
    }

    /** To whom it was sent, as a new object. */
    public IpAddress destination() {
        return IpAddress.of(ip.family, ip.dstHi, ip.dstLo);
    }

    /**
     * Copies the packet, or as much of it as fits; the rest is not lost as long as the packet is valid.
     *
     * @return bytes copied
     */
    public int copyTo(final MemorySegment target, final long targetOffset, final int room) {
        final int count = Math.min(room, length);
        MemorySegment.copy(memory, offset, target, targetOffset, count);
        return count;
    }

    void wrap(
            final IpRepr header,
            final MemorySegment newMemory,
            final long newOffset,
            final int newLength,
            final long now) {
        ip.set(header);
        memory = newMemory;
        offset = newOffset;
        length = newLength;
        timestamp = now;
    }
}
