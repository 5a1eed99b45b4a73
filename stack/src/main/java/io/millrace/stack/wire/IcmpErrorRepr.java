package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/**
 * A received ICMP error of either family (RFC 792, RFC 4443) and the packet of ours that it quotes; reused from error to
 * error. Addresses are in the form that {@link IpFamily} describes.
 *
 * <p>The quoted packet says which socket caused the error. Everything in it came from outside: that its source is one of
 * our addresses, and that somebody really sent it, is for whoever uses this to check. The 8 bytes behind its IP header
 * that RFC 792 promises suffice for ports, TCP sequence number and echo identifier.
 *
 * <p>Not thread-safe. Plain fields, since it is filled and read within one poll by one thread.
 */
public final class IcmpErrorRepr {
    /** {@link #kind}: a type or code that this class does not know. */
    public static final int OTHER = 0;

    /** {@link #kind}: no route to the destination's network. */
    public static final int NET_UNREACHABLE = 1;

    /** {@link #kind}: the host does not answer, or is beyond the scope of the source address. */
    public static final int HOST_UNREACHABLE = 2;

    /** {@link #kind}: the host does not serve the protocol; for IPv6 a parameter problem with code 1. */
    public static final int PROTOCOL_UNREACHABLE = 3;

    /** {@link #kind}: nobody on the host serves the port. */
    public static final int PORT_UNREACHABLE = 4;

    /** {@link #kind}: somebody forbids it. */
    public static final int ADMIN_PROHIBITED = 5;

    /** {@link #kind}: the packet is larger than a link on its way takes; see {@link #mtu}. */
    public static final int PACKET_TOO_BIG = 6;

    /** {@link #kind}: TTL or hop limit ran out on the way. */
    public static final int TIME_EXCEEDED_TRANSIT = 7;

    /** {@link #kind}: not all fragments came in time. */
    public static final int TIME_EXCEEDED_REASSEMBLY = 8;

    /** {@link #kind}: a field of the header makes no sense to the reporter. */
    public static final int PARAMETER_PROBLEM = 9;

    /** {@link #kind}: source quench, which must be ignored (RFC 6633). */
    public static final int SOURCE_QUENCH = 10;

    /** Sequence number of a quoted TCP segment that was not quoted. */
    public static final long NO_SEQUENCE = -1;

    private static final int LEAST_EXTENDED_QUOTE = 128;
    private static final int PORTS_LENGTH = 4;

    /** Family of the error and of the quoted packet: {@link IpFamily#V4} or {@link IpFamily#V6}. */
    public int family;

    /** ICMP type, as that family numbers them. */
    public int type;

    /** ICMP code. */
    public int code;

    /** What it means, whatever the family: one of the constants above. */
    public int kind;

    /** Upper half of the address of whoever sent the error; 0 for IPv4. */
    public long reporterHi;

    /** Lower half of the address of whoever sent the error. */
    public long reporterLo;

    /** TTL or hop limit that the error had left. */
    public int reporterHopLimit;

    /** Bytes of the largest packet that would have passed; 0 unless {@link #PACKET_TOO_BIG}, or if the router is old. */
    public int mtu;

    /** Bytes of the quoted packet when it was sent, as its header says; it is quoted in part. */
    public int sentLength;

    /** What a parameter problem points at, in bytes from the start of the quoted packet; 0 for other types. */
    public int pointer;

    /** Upper half of the quoted packet's source; 0 for IPv4. */
    public long srcHi;

    /** Lower half of the quoted packet's source. */
    public long srcLo;

    /** Upper half of the quoted packet's destination; 0 for IPv4. */
    public long dstHi;

    /** Lower half of the quoted packet's destination. */
    public long dstLo;

    /** Protocol of the quoted packet, behind all extension headers. */
    public int protocol;

    /** Source port of a quoted UDP datagram or TCP segment, 0 to 65,535; -1 if there is none. */
    public int srcPort;

    /** Destination port of a quoted UDP datagram or TCP segment, 0 to 65,535; -1 if there is none. */
    public int dstPort;

    /** Sequence number of a quoted TCP segment, 0 to 2^32 - 1; {@link #NO_SEQUENCE} if there is none. */
    public long tcpSequence;

    /**
     * Destination port of the UDP datagram that the quoted TCP segment was within, once {@link #enterUdp} found that; 0
     * else.
     */
    public int udpPort;

    /** Identifier of a quoted echo request, 0 to 65,535; -1 if there is none. */
    public int identifier;

    /** Sequence number of a quoted echo request, 0 to 65,535; -1 if there is none. */
    public int echoSequence;

    /** Offset of the quoted packet's IP header within the memory that was parsed. */
    public long quotedOffset;

    /** Bytes that are quoted, IP header included; extensions behind the quote (RFC 4884) are not counted. */
    public int quotedLength;

    /** Offset of what follows the quoted packet's IP headers, within the memory that was parsed. */
    public long transportOffset;

    /** Bytes quoted from {@link #transportOffset} on; 0 or more. */
    public int transportLength;

    private final Ipv6HeaderChain chain = new Ipv6HeaderChain();

    /** Makes an empty one. */
    public IcmpErrorRepr() {}

    /**
     * Takes an error apart.
     *
     * @param ip the error's own IP header
     * @param memory where it is
     * @param offset of the ICMP header; the message's checksum is right and its type is that of an error
     * @param length bytes of the message, at least {@link IcmpView#LENGTH}
     * @return false if the quoted packet's IP header is not all there or makes no sense; the fields then mean nothing
     */
    public boolean parse(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        family = ip.family;
        type = IcmpView.type(memory, offset);
        code = IcmpView.code(memory, offset);
        reporterHi = ip.srcHi;
        reporterLo = ip.srcLo;
        reporterHopLimit = ip.hopLimit;
        mtu = 0;
        pointer = 0;
        srcPort = -1;
        dstPort = -1;
        tcpSequence = NO_SEQUENCE;
        udpPort = 0;
        identifier = -1;
        echoSequence = -1;
        quotedOffset = offset + IcmpView.DATA_OFFSET;
        quotedLength = length - IcmpView.DATA_OFFSET;
        final int parameter = IcmpView.parameter(memory, offset);
        if (family == IpFamily.V4) {
            kind = kindV4(type, code);
            if (type != Icmpv4View.REDIRECT && type != Icmpv4View.SOURCE_QUENCH) {
                limitQuote((parameter >>> 16 & 0xFF) * 4);
            }
            mtu = kind == PACKET_TOO_BIG ? parameter & 0xFFFF : 0;
            pointer = kind == PARAMETER_PROBLEM ? parameter >>> 24 : 0;
            return quoteV4(memory);
        }
        kind = kindV6(type, code);
        if (type == Icmpv6View.UNREACHABLE || type == Icmpv6View.TIME_EXCEEDED) {
            limitQuote((parameter >>> 24) * 8);
        }
        mtu = kind == PACKET_TOO_BIG ? clamp(parameter) : 0;
        pointer = type == Icmpv6View.PARAMETER_PROBLEM ? clamp(parameter) : 0;
        return quoteV6(memory);
    }

    /** Copies all fields; where the quote is concerns only whoever still has the packet. */
    public void set(final IcmpErrorRepr other) {
        family = other.family;
        type = other.type;
        code = other.code;
        kind = other.kind;
        reporterHi = other.reporterHi;
        reporterLo = other.reporterLo;
        reporterHopLimit = other.reporterHopLimit;
        mtu = other.mtu;
        sentLength = other.sentLength;
        pointer = other.pointer;
        srcHi = other.srcHi;
        srcLo = other.srcLo;
        dstHi = other.dstHi;
        dstLo = other.dstLo;
        protocol = other.protocol;
        srcPort = other.srcPort;
        dstPort = other.dstPort;
        tcpSequence = other.tcpSequence;
        udpPort = other.udpPort;
        identifier = other.identifier;
        echoSequence = other.echoSequence;
        quotedOffset = other.quotedOffset;
        quotedLength = other.quotedLength;
        transportOffset = other.transportOffset;
        transportLength = other.transportLength;
    }

    /**
     * Reads on behind the quoted UDP header: a TCP segment follows. From then on the error is about that.
     *
     * @param memory that was parsed
     * @return false if the quote ends before the segment's sequence number; the fields are as before then
     */
    public boolean enterUdp(final MemorySegment memory) {
        if (protocol != UdpView.PROTOCOL
                || dstPort <= 0
                || transportLength < UdpView.LENGTH + TcpView.SEQ_OFFSET + Integer.BYTES) {
            return false;
        }
        udpPort = dstPort;
        protocol = TcpView.PROTOCOL;
        transportOffset += UdpView.LENGTH;
        transportLength -= UdpView.LENGTH;
        srcPort = Net.u16(memory, transportOffset);
        dstPort = Net.u16(memory, transportOffset + 2);
        tcpSequence = Net.u32(memory, transportOffset + TcpView.SEQ_OFFSET);
        return true;
    }

    /** Who sent the error, as a new object. */
    public IpAddress reporter() {
        return IpAddress.of(family, reporterHi, reporterLo);
    }

    /** Where the quoted packet was going, as a new object. */
    public IpAddress destination() {
        return IpAddress.of(family, dstHi, dstLo);
    }

    /** Whether the quoted packet is a TCP segment of which ports and sequence number are there. */
    public boolean quotesTcp() {
        return tcpSequence != NO_SEQUENCE;
    }

    private boolean quoteV4(final MemorySegment memory) {
        final long at = quotedOffset;
        if (quotedLength < Ipv4View.MIN_LENGTH || Ipv4View.version(memory, at) != IpFamily.V4) {
            return false;
        }
        final int headerLength = Ipv4View.headerLength(memory, at);
        final int totalLength = Ipv4View.totalLength(memory, at);
        if (headerLength < Ipv4View.MIN_LENGTH || headerLength > quotedLength || totalLength < headerLength) {
            return false;
        }
        sentLength = totalLength;
        quotedLength = Math.min(quotedLength, totalLength);
        srcHi = 0;
        srcLo = Ipv4View.src(memory, at);
        dstHi = 0;
        dstLo = Ipv4View.dst(memory, at);
        protocol = Ipv4View.protocol(memory, at);
        return quoteTransport(memory, headerLength, Ipv4View.fragmentOffset(memory, at) == 0, Icmpv4View.PROTOCOL);
    }

    private boolean quoteV6(final MemorySegment memory) {
        final long start = quotedOffset;
        if (quotedLength < Ipv6View.LENGTH || Ipv6View.version(memory, start) != IpFamily.V6) {
            return false;
        }
        sentLength = Ipv6View.LENGTH + Ipv6View.payloadLength(memory, start);
        quotedLength = Math.min(quotedLength, sentLength);
        srcHi = Ipv6View.srcHi(memory, start);
        srcLo = Ipv6View.srcLo(memory, start);
        dstHi = Ipv6View.dstHi(memory, start);
        dstLo = Ipv6View.dstLo(memory, start);
        if (!chain.walk(memory, start, quotedLength)) {
            return false;
        }
        protocol = chain.protocol;
        return quoteTransport(memory, chain.length, !chain.laterFragment, Icmpv6View.PROTOCOL);
    }

    /** Reads what is there of the quoted transport header. An error about an ICMP error is none (RFC 1122, RFC 4443). */
    private boolean quoteTransport(final MemorySegment memory, final int at, final boolean first, final int icmp) {
        final long offset = quotedOffset + at;
        final int length = quotedLength - at;
        transportOffset = offset;
        transportLength = length;
        if (!first || length < PORTS_LENGTH) {
            return true;
        }
        if (protocol == TcpView.PROTOCOL || protocol == UdpView.PROTOCOL) {
            srcPort = Net.u16(memory, offset);
            dstPort = Net.u16(memory, offset + 2);
            if (protocol == TcpView.PROTOCOL && length >= TcpView.SEQ_OFFSET + 4) {
                tcpSequence = Net.u32(memory, offset + TcpView.SEQ_OFFSET);
            }
            return true;
        }
        if (protocol != icmp) {
            return true;
        }
        final int quotedType = IcmpView.type(memory, offset);
        final boolean v4 = family == IpFamily.V4;
        if (quotedType == (v4 ? Icmpv4View.ECHO_REQUEST : Icmpv6View.ECHO_REQUEST) && length >= IcmpView.LENGTH) {
            identifier = IcmpView.identifier(memory, offset);
            echoSequence = IcmpView.sequence(memory, offset);
        }
        return !(v4 ? Icmpv4View.isError(quotedType) : Icmpv6View.isError(quotedType));
    }

    /** Where extensions follow, the length of the quote is given, and at least 128 (RFC 4884 sections 4 and 5). */
    private void limitQuote(final int bytes) {
        if (bytes >= LEAST_EXTENDED_QUOTE && bytes < quotedLength) {
            quotedLength = bytes;
        }
    }

    private static int clamp(final int unsigned) {
        return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
    }

    private static int kindV4(final int type, final int code) {
        return switch (type) {
            case Icmpv4View.UNREACHABLE ->
                switch (code) {
                    case 0, 6, 11 -> NET_UNREACHABLE;
                    case 1, 5, 7, 8, 12 -> HOST_UNREACHABLE;
                    case 2 -> PROTOCOL_UNREACHABLE;
                    case 3 -> PORT_UNREACHABLE;
                    case 4 -> PACKET_TOO_BIG;
                    case 9, 10, 13, 14, 15 -> ADMIN_PROHIBITED;
                    default -> OTHER;
                };
            case Icmpv4View.TIME_EXCEEDED -> timeExceeded(code);
            case Icmpv4View.PARAMETER_PROBLEM -> PARAMETER_PROBLEM;
            case Icmpv4View.SOURCE_QUENCH -> SOURCE_QUENCH;
            default -> OTHER;
        };
    }

    private static int kindV6(final int type, final int code) {
        return switch (type) {
            case Icmpv6View.UNREACHABLE ->
                switch (code) {
                    case 0 -> NET_UNREACHABLE;
                    case 2, 3 -> HOST_UNREACHABLE;
                    case 4 -> PORT_UNREACHABLE;
                    case 1, 5, 6 -> ADMIN_PROHIBITED;
                    default -> OTHER;
                };
            case Icmpv6View.PACKET_TOO_BIG -> PACKET_TOO_BIG;
            case Icmpv6View.TIME_EXCEEDED -> timeExceeded(code);
            case Icmpv6View.PARAMETER_PROBLEM ->
                code == Icmpv6View.UNKNOWN_NEXT_HEADER ? PROTOCOL_UNREACHABLE : PARAMETER_PROBLEM;
            default -> OTHER;
        };
    }

    private static int timeExceeded(final int code) {
        return switch (code) {
            case 0 -> TIME_EXCEEDED_TRANSIT;
            case 1 -> TIME_EXCEEDED_REASSEMBLY;
            default -> OTHER;
        };
    }
}
