package io.millrace.stack.socket.icmp;

import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/** An echo reply in place: a view that is used again for the next one. */
public final class EchoReply {
    private MemorySegment memory = MemorySegment.NULL;
    private final IpRepr ip = new IpRepr();
    private long offset;
    private int length;
    private int sequence;

    EchoReply() {}

    /** Sequence number of the request, 0 to 65,535. */
    public int sequence() {
        return sequence;
    }

    /** Memory that holds the data, and other packets beside it. */
    public MemorySegment memory() {
        return memory;
    }

    /** Offset of the data's first byte within {@link #memory()}. */
    public long offset() {
        return offset;
    }

    /** Bytes of the data. */
    public int length() {
        return length;
    }

    /** TTL or hop limit that was left. */
    public int hopLimit() {
        return ip.hopLimit;
    }

    /** Who answered, as a new object. */
    public IpAddress source() {
        return IpAddress.of(ip.family, ip.srcHi, ip.srcLo);
    }

    void wrap(
            final IpRepr header,
            final MemorySegment newMemory,
            final long newOffset,
            final int newLength,
            final int newSequence) {
        ip.set(header);
        memory = newMemory;
        offset = newOffset;
        length = newLength;
        sequence = newSequence;
    }
}
