package io.millrace.dataplane.flow;

/**
 * The flow that a packet's headers name, as {@link FlowClassifier#classify} found it. Reused from packet to packet by one
 * thread; the fields mean something only as far as the packet's kind says.
 */
public final class FlowKey {
    /** 4 or 6. */
    public int family;

    /** IP protocol number, the one behind IPv6's extension headers. */
    public int protocol;

    /** Upper half of the source address; 0 for IPv4. */
    public long srcHi;

    /** Lower half of the source address, of IPv4 the 32 bits zero-extended. */
    public long srcLo;

    /** Upper half of the destination address; 0 for IPv4. */
    public long dstHi;

    /** Lower half of the destination address. */
    public long dstLo;

    /**
     * Source port in the upper and destination port in the lower 16 bits, or an echo's identifier; 0 where there is
     * none.
     */
    public int ports;

    /** Whether the flow is that of echoes which we asked for: whatever the addresses, {@link #ports} name it. */
    public boolean echo;

    /** Whether the flow is that of a packet which an ICMP error quotes: one of ours, so that its source is our end. */
    public boolean quoted;

    /** Identification of the datagram that a fragment belongs to: 16 bits of IPv4, 32 of IPv6. */
    public int fragmentId;

    /**
     * Whether a fragment is its datagram's first, so that {@link #ports} and {@link #whole} are those of the datagram.
     */
    public boolean start;

    /** What a first fragment's datagram is: {@link FlowClassifier#FLOW}, {@code FIRST} or {@code ALL}. */
    public int whole;

    /** Makes one that says nothing. */
    public FlowKey() {}

    /** The hash of the flow; the same for both directions. */
    public int hash(final FlowHash hash) {
        return echo ? hash.hash(0, 0, 0, 0, ports) : hash.hash(srcHi, srcLo, dstHi, dstLo, ports);
    }

    /** The hash of the two addresses. */
    public int hashOfAddresses(final FlowHash hash) {
        return hash.hash(srcHi, srcLo, dstHi, dstLo, 0);
    }

    /** Whether a fragment is of a protocol whose flows have ports, or kinds that only its first fragment tells. */
    boolean needsStart() {
        return FlowClassifier.hasPorts(protocol) || FlowClassifier.isIcmp(protocol);
    }
}
