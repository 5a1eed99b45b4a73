package io.millrace.stack.socket.icmp;

import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/** An echo reply in place: a view that is used again for the next one. */
public final class EchoReply {
    private MemorySegment memory = MemorySegment.NULL;
    private final IpRepr ip = new IpRepr();
    private long offset;
    private long timestamp;
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

    /** Bytes of the data, ICMP header not included: 0 to 65,527. */
    public int length() {
        return length;
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

    /** Upper half of the address of who answered; 0 for IPv4. */
    public long sourceHi() {
        return ip.srcHi;
    }

    /** Lower half of the address of who answered, or the IPv4 address zero-extended. */
    public long sourceLo() {
        return ip.srcLo;
    }

    /** Who answered, as a new object. */
    public IpAddress source() {
        return IpAddress.of(ip.family, ip.srcHi, ip.srcLo);
    }

    /** Which of our addresses it was sent to, as a new object. */
    public IpAddress destination() {
        return IpAddress.of(ip.family, ip.dstHi, ip.dstLo);
    }

    void wrap(
            final IpRepr header,
            final MemorySegment newMemory,
            final long newOffset,
            final int newLength,
            final int newSequence,
            final long now) {
        ip.set(header);
        memory = newMemory;
        offset = newOffset;
        length = newLength;
        sequence = newSequence;
        timestamp = now;
    }
}
