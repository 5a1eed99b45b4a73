package io.millrace.stack.socket;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/**
 * What sockets of every kind tell of something received: where it lies, and what its IP header says. A view that is used
 * again for the next one; valid as long as whoever hands it out says. Which bytes it covers, the class says.
 *
 * <p>Not thread-safe. Meant for the sockets' packages: nothing is gained by extending it elsewhere.
 */
public abstract class ReceivedPacket {
    /** Its IP header; for sockets, which hand out what it says. */
    protected final IpRepr ip = new IpRepr();

    private MemorySegment memory = MemorySegment.NULL;
    private long offset;
    private long timestamp;
    private int length;

    /** Makes one that is a view of nothing. */
    protected ReceivedPacket() {}

    /** Memory that holds it, and other packets beside it. */
    public final MemorySegment memory() {
        return memory;
    }

    /** Offset of its first byte within {@link #memory()}. */
    public final long offset() {
        return offset;
    }

    /** Its bytes. */
    public final int length() {
        return length;
    }

    /** {@link IpFamily#V4} or {@link IpFamily#V6}. */
    public final int family() {
        return ip.family;
    }

    /** Upper half of the address of whoever sent it; 0 for IPv4. */
    public final long sourceHi() {
        return ip.srcHi;
    }

    /** Lower half of the address of whoever sent it, or the IPv4 address zero-extended. */
    public final long sourceLo() {
        return ip.srcLo;
    }

    /** Upper half of the address that it was sent to; 0 for IPv4. */
    public final long destinationHi() {
        return ip.dstHi;
    }

    /** Lower half of the address that it was sent to, or the IPv4 address zero-extended. */
    public final long destinationLo() {
        return ip.dstLo;
    }

    /** The address that it was sent to, as a new object: one of ours, a group or a broadcast address. */
    public final IpAddress destination() {
        return IpAddress.of(ip.family, ip.dstHi, ip.dstLo);
    }

    /** TTL or hop limit that was left. */
    public final int hopLimit() {
        return ip.hopLimit;
    }

    /** DSCP and ECN, 0 to 255. */
    public final int trafficClass() {
        return ip.trafficClass;
    }

    /** The two ECN bits of {@link #trafficClass()} (RFC 3168): 3 means that a router on the way was congested. */
    public final int ecn() {
        return ip.trafficClass & 3;
    }

    /** Flow label of IPv6 (RFC 6437), 0 to 1,048,575: 0 for none, and for IPv4. */
    public final int flowLabel() {
        return ip.flowLabel;
    }

    /** Index of the interface that it came in by. */
    public final int interfaceIndex() {
        return ip.interfaceIndex;
    }

    /** When it came, in microseconds: the time of the poll that received it. */
    public final long timestamp() {
        return timestamp;
    }

    /**
     * Copies it, or as much of it as fits; the rest is not lost as long as the view is valid.
     *
     * @return bytes copied
     */
    public final int copyTo(final MemorySegment target, final long targetOffset, final int room) {
        final int count = Math.min(room, length);
        MemorySegment.copy(memory, offset, target, targetOffset, count);
        return count;
    }

    /** Who sent it, as a new object. */
    protected final IpAddress sender() {
        return IpAddress.of(ip.family, ip.srcHi, ip.srcLo);
    }

    /** Makes it a view of something else. */
    protected final void point(
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

    /** Leaves nothing in view of its bytes. */
    protected final void empty() {
        length = 0;
    }
}
