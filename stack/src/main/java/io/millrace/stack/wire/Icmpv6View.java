package io.millrace.stack.wire;

import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/** Types and codes of ICMP for IPv6 (RFC 4443) and its checksum; fields are in {@link IcmpView}. */
public final class Icmpv6View {
    /** IANA protocol number. */
    public static final int PROTOCOL = 58;

    /** Type: destination unreachable. */
    public static final int UNREACHABLE = 1;

    /** Type: packet too big. */
    public static final int PACKET_TOO_BIG = 2;

    /** Type: time exceeded. */
    public static final int TIME_EXCEEDED = 3;

    /** Type: parameter problem. */
    public static final int PARAMETER_PROBLEM = 4;

    /** Type: echo request. */
    public static final int ECHO_REQUEST = 128;

    /** Type: echo reply. */
    public static final int ECHO_REPLY = 129;

    /** Code of {@link #UNREACHABLE}: no route. */
    public static final int NO_ROUTE = 0;

    /** Code of {@link #UNREACHABLE}: administratively prohibited. */
    public static final int PROHIBITED = 1;

    /** Code of {@link #UNREACHABLE}: beyond the scope of the source address. */
    public static final int BEYOND_SCOPE = 2;

    /** Code of {@link #UNREACHABLE}: address. */
    public static final int ADDRESS_UNREACHABLE = 3;

    /** Code of {@link #UNREACHABLE}: port. */
    public static final int PORT_UNREACHABLE = 4;

    /** Code of {@link #UNREACHABLE}: the source address fails a policy. */
    public static final int SOURCE_POLICY = 5;

    /** Code of {@link #UNREACHABLE}: the route rejects. */
    public static final int ROUTE_REJECTS = 6;

    /** Code of {@link #TIME_EXCEEDED}: the hop limit came to 0 on the way. */
    public static final int HOP_LIMIT_EXCEEDED = 0;

    /** Code of {@link #TIME_EXCEEDED}: fragments did not come in time. */
    public static final int REASSEMBLY_TIME_EXCEEDED = 1;

    /** Code of {@link #PARAMETER_PROBLEM}: erroneous header field. */
    public static final int ERRONEOUS_FIELD = 0;

    /** Code of {@link #PARAMETER_PROBLEM}: unknown next header type. */
    public static final int UNKNOWN_NEXT_HEADER = 1;

    /** Code of {@link #PARAMETER_PROBLEM}: unknown option. */
    public static final int UNKNOWN_OPTION = 2;

    /** Code of {@link #PARAMETER_PROBLEM}: the first fragment lacks part of the header chain (RFC 7112). */
    public static final int INCOMPLETE_HEADER_CHAIN = 3;

    private Icmpv6View() {}

    /** Whether a type is that of an error about a packet. */
    public static boolean isError(final int type) {
        return type < 128;
    }

    /** Whether the checksum of a message is right. */
    public static boolean verifies(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        return InternetChecksum.verifies(sum(ip, memory, offset, length));
    }

    /** Writes the checksum of a message whose checksum field is 0. */
    public static void seal(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        IcmpView.checksum(memory, offset, InternetChecksum.finish(sum(ip, memory, offset, length)));
    }

    private static long sum(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        return InternetChecksum.pseudoHeader(ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, PROTOCOL, length)
                + InternetChecksum.partial(memory, offset, length);
    }
}
