package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/**
 * What the layers above IP need to know of a packet's IP header, of either family; reused from packet to packet. The
 * addresses are in the form that {@link IpFamily} describes.
 *
 * <p>Not thread-safe. Plain fields, since it is filled and read within one poll by one thread.
 */
public final class IpRepr {
    /** Bit of {@link #trusted}: the header of IPv4. */
    public static final int CHECKSUM_IPV4 = 1;

    /** Bit of {@link #trusted}: UDP. */
    public static final int CHECKSUM_UDP = 2;

    /** Bit of {@link #trusted}: TCP. */
    public static final int CHECKSUM_TCP = 4;

    /** Bit of {@link #trusted}: ICMP for IPv4. */
    public static final int CHECKSUM_ICMPV4 = 8;

    /** Bit of {@link #trusted}: ICMP for IPv6. */
    public static final int CHECKSUM_ICMPV6 = 16;

    /**
     * Bit of {@link #trusted}: that UDP over IPv6 comes without a checksum. An interface that was told not to check UDP
     * grants it; a device that found the checksum good does not, since there is none (RFC 8200 section 8.1).
     */
    public static final int CHECKSUM_UDP_ABSENT = 32;

    /** In place of a {@link #flowLabel} to send: the stack chooses one. */
    public static final int AUTO_FLOW_LABEL = -1;

    /** {@link IpFamily#V4} or {@link IpFamily#V6}. */
    public int family;

    /** Upper half of the source address; 0 for IPv4. */
    public long srcHi;

    /** Lower half of the source address, or the IPv4 address zero-extended. */
    public long srcLo;

    /** Upper half of the destination address; 0 for IPv4. */
    public long dstHi;

    /** Lower half of the destination address, or the IPv4 address zero-extended. */
    public long dstLo;

    /** Protocol number of the payload (IANA), for IPv6 that of the upper layer. */
    public int protocol;

    /** TTL or hop limit, 0 to 255. */
    public int hopLimit;

    /** DSCP and ECN, 0 to 255. */
    public int trafficClass;

    /** Flow label of IPv6, 0 to 1,048,575, or {@link #AUTO_FLOW_LABEL} of a packet to send; 0 for received IPv4. */
    public int flowLabel = AUTO_FLOW_LABEL;

    /** Bytes of the payload. */
    public int payloadLength;

    /** Index of the interface within its stack: where the packet came in, or must go out; -1 to let routes decide. */
    public int interfaceIndex = -1;

    /**
     * Whether the packet must not be fragmented on its way, nor before. Otherwise one that fits the path's MTU is sent as
     * it is, a longer one in fragments. Of a received packet: whether its header says so.
     */
    public boolean dontFragment;

    /**
     * Whether routers may fragment the packet, to be sent over IPv4: it has a number then, and no DF (RFC 6864). Otherwise
     * what is not sent in fragments has DF set and no number.
     */
    public boolean routersMayFragment;

    /** Whether the packet, to be sent, may go to a broadcast address. */
    public boolean broadcast;

    /** Whether the packet, to be sent to a group or to everyone, is received by this stack too if it listens to that. */
    public boolean loop;

    /** Whether the packet, to be sent, begins with its IP header, which is sent as it is but for lengths and checksum. */
    public boolean headerIncluded;

    /** Checksums of a received packet that need not be checked, because the device did or the interface is told so. */
    public int trusted;

    /**
     * Whether the packet, to be sent, must leave by {@link #interfaceIndex} even if no route leads there, as a socket
     * that is bound to an interface asks for. Otherwise the best of all routes takes over then.
     */
    public boolean strictInterface;

    /** Bytes of options in the header of a received IPv4 packet, 0 to 40. */
    public int optionsLength;

    /**
     * Of a packet that would go somewhere, to ask about its way.
     *
     * @param interfaceIndex the interface that it must leave by; -1 to let routes decide
     */
    public static IpRepr towards(final IpAddress destination, final int interfaceIndex) {
        final IpRepr ip = new IpRepr();
        ip.family = destination.family();
        ip.dstHi = destination.hi();
        ip.dstLo = destination.lo();
        ip.interfaceIndex = interfaceIndex;
        ip.strictInterface = interfaceIndex >= 0;
        return ip;
    }

    /** Copies all fields. */
    public void set(final IpRepr other) {
        family = other.family;
        srcHi = other.srcHi;
        srcLo = other.srcLo;
        dstHi = other.dstHi;
        dstLo = other.dstLo;
        protocol = other.protocol;
        hopLimit = other.hopLimit;
        trafficClass = other.trafficClass;
        flowLabel = other.flowLabel;
        payloadLength = other.payloadLength;
        interfaceIndex = other.interfaceIndex;
        dontFragment = other.dontFragment;
        routersMayFragment = other.routersMayFragment;
        broadcast = other.broadcast;
        loop = other.loop;
        headerIncluded = other.headerIncluded;
        trusted = other.trusted;
        strictInterface = other.strictInterface;
        optionsLength = other.optionsLength;
    }

    /** Takes over what an IPv4 header says, but for the payload's length; {@link Ipv4View#MIN_LENGTH} bytes are there. */
    public void readIpv4(final MemorySegment memory, final long offset) {
        readIpv4(
                Net.i64(memory, offset),
                Net.i32(memory, offset + Ipv4View.TTL_OFFSET),
                Net.i64(memory, offset + Ipv4View.SRC_OFFSET));
    }

    /**
     * As {@link #readIpv4(MemorySegment, long)}, of a header at hand.
     *
     * @param first bytes 0 to 7
     * @param middle bytes 8 to 11
     * @param addresses bytes 12 to 19
     */
    public void readIpv4(final long first, final int middle, final long addresses) {
        family = IpFamily.V4;
        srcHi = 0;
        srcLo = addresses >>> 32;
        dstHi = 0;
        dstLo = addresses & 0xFFFF_FFFFL;
        protocol = middle >>> 16 & 0xFF;
        hopLimit = middle >>> 24;
        trafficClass = (int) (first >>> 48) & 0xFF;
        flowLabel = 0;
        optionsLength = Ipv4View.headerLength((int) (first >>> 32)) - Ipv4View.MIN_LENGTH;
        dontFragment = (first & Ipv4View.DONT_FRAGMENT) != 0;
    }

    /**
     * Takes over what an IPv6 header says, but for the payload's length and protocol, which extension headers may be in
     * front of; {@link Ipv6View#LENGTH} bytes are there.
     */
    public void readIpv6(final MemorySegment memory, final long offset) {
        final long first = Net.i64(memory, offset);
        family = IpFamily.V6;
        srcHi = Ipv6View.srcHi(memory, offset);
        srcLo = Ipv6View.srcLo(memory, offset);
        dstHi = Ipv6View.dstHi(memory, offset);
        dstLo = Ipv6View.dstLo(memory, offset);
        hopLimit = (int) first & 0xFF;
        trafficClass = (int) (first >>> 52) & 0xFF;
        flowLabel = (int) (first >>> 32) & 0xF_FFFF;
        dontFragment = true; // IPv6 has no fragmentation on the way
    }

    /** Whether one of the checksums that {@link #trusted} has bits for must be checked. */
    public boolean distrusts(final int checksum) {
        return (trusted & checksum) == 0;
    }

    /** Makes this the header of an answer to {@code received}: addresses swapped, same interface, defaults elsewhere. */
    public void replyTo(final IpRepr received, final int newHopLimit) {
        family = received.family;
        srcHi = received.dstHi;
        srcLo = received.dstLo;
        dstHi = received.srcHi;
        dstLo = received.srcLo;
        protocol = received.protocol;
        hopLimit = newHopLimit;
        trafficClass = 0;
        flowLabel = AUTO_FLOW_LABEL;
        payloadLength = 0;
        interfaceIndex = received.interfaceIndex;
        dontFragment = false;
        routersMayFragment = false;
        broadcast = false;
        loop = false;
        headerIncluded = false;
        strictInterface = false;
    }
}
