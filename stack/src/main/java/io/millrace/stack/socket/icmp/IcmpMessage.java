package io.millrace.stack.socket.icmp;

import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A received ICMP message in place, header included: a view that is used again for the next one. */
public final class IcmpMessage {
    private final IpRepr ip = new IpRepr();
    private final IcmpErrorRepr error = new IcmpErrorRepr();
    private MemorySegment memory = MemorySegment.NULL;
    private long offset;
    private long timestamp;
    private int length;
    private boolean isError;

    IcmpMessage() {}

    /** ICMP type, as its family numbers them. */
    public int type() {
        return IcmpView.type(memory, offset);
    }

    /** ICMP code. */
    public int code() {
        return IcmpView.code(memory, offset);
    }

    /** Memory that holds the message, and other packets beside it. */
    public MemorySegment memory() {
        return memory;
    }

    /** Offset of the ICMP header within {@link #memory()}. */
    public long offset() {
        return offset;
    }

    /** Bytes of the message, its header of 8 bytes included. */
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

    /** Upper half of the address of who sent it; 0 for IPv4. */
    public long sourceHi() {
        return ip.srcHi;
    }

    /** Lower half of the address of who sent it, or the IPv4 address zero-extended. */
    public long sourceLo() {
        return ip.srcLo;
    }

    /** Who sent it, as a new object. */
    public IpAddress source() {
        return IpAddress.of(ip.family, ip.srcHi, ip.srcLo);
    }

    /** The error that the message is, taken apart; null if it is none. */
    public @Nullable IcmpErrorRepr error() {
        return isError ? error : null;
    }

    /**
     * Copies the message, or as much of it as fits.
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
            final boolean newIsError,
            final long now) {
        ip.set(header);
        memory = newMemory;
        offset = newOffset;
        length = newLength;
        timestamp = now;
        isError = newIsError && error.parse(ip, memory, offset, length);
    }
}
