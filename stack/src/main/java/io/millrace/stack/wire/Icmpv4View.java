package io.millrace.stack.wire;

import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * Types and codes of ICMP for IPv4 (RFC 792, RFC 1122 section 3.2.2) and its checksum; fields are in {@link IcmpView}.
 */
public final class Icmpv4View {
    /** IANA protocol number. */
    public static final int PROTOCOL = 1;

    /** Type: echo reply. */
    public static final int ECHO_REPLY = 0;

    /** Type: destination unreachable. */
    public static final int UNREACHABLE = 3;

    /** Type: source quench, of no use any more (RFC 6633). */
    public static final int SOURCE_QUENCH = 4;

    /** Type: redirect. */
    public static final int REDIRECT = 5;

    /** Type: echo request. */
    public static final int ECHO_REQUEST = 8;

    /** Type: router advertisement (RFC 1256). */
    public static final int ROUTER_ADVERTISEMENT = 9;

    /** Type: router solicitation (RFC 1256). */
    public static final int ROUTER_SOLICITATION = 10;

    /** Type: time exceeded. */
    public static final int TIME_EXCEEDED = 11;

    /** Type: parameter problem. */
    public static final int PARAMETER_PROBLEM = 12;

    /** Type: timestamp request. */
    public static final int TIMESTAMP = 13;

    /** Type: timestamp reply. */
    public static final int TIMESTAMP_REPLY = 14;

    /** Code of {@link #UNREACHABLE}: network. */
    public static final int NET_UNREACHABLE = 0;

    /** Code of {@link #UNREACHABLE}: host. */
    public static final int HOST_UNREACHABLE = 1;

    /** Code of {@link #UNREACHABLE}: protocol. */
    public static final int PROTOCOL_UNREACHABLE = 2;

    /** Code of {@link #UNREACHABLE}: port. */
    public static final int PORT_UNREACHABLE = 3;

    /** Code of {@link #UNREACHABLE}: fragmentation needed and not allowed. */
    public static final int FRAGMENTATION_NEEDED = 4;

    /** Code of {@link #UNREACHABLE}: source route failed. */
    public static final int SOURCE_ROUTE_FAILED = 5;

    /** Code of {@link #UNREACHABLE}: network unknown (RFC 1122 section 3.2.2.1, as all from here on). */
    public static final int NET_UNKNOWN = 6;

    /** Code of {@link #UNREACHABLE}: host unknown. */
    public static final int HOST_UNKNOWN = 7;

    /** Code of {@link #UNREACHABLE}: source host isolated. */
    public static final int SOURCE_ISOLATED = 8;

    /** Code of {@link #UNREACHABLE}: network prohibited. */
    public static final int NET_PROHIBITED = 9;

    /** Code of {@link #UNREACHABLE}: host prohibited. */
    public static final int HOST_PROHIBITED = 10;

    /** Code of {@link #UNREACHABLE}: network, for this type of service. */
    public static final int NET_UNREACHABLE_FOR_TOS = 11;

    /** Code of {@link #UNREACHABLE}: host, for this type of service. */
    public static final int HOST_UNREACHABLE_FOR_TOS = 12;

    /** Code of {@link #UNREACHABLE}: filtered (RFC 1812 section 5.2.7.1). */
    public static final int ADMINISTRATIVELY_PROHIBITED = 13;

    /** Code of {@link #UNREACHABLE}: host precedence violation (RFC 1812). */
    public static final int PRECEDENCE_VIOLATION = 14;

    /** Code of {@link #UNREACHABLE}: precedence cut-off in effect (RFC 1812). */
    public static final int PRECEDENCE_CUTOFF = 15;

    /** Code of {@link #TIME_EXCEEDED}: TTL came to 0 on the way. */
    public static final int TTL_EXCEEDED = 0;

    /** Code of {@link #TIME_EXCEEDED}: fragments did not come in time. */
    public static final int REASSEMBLY_TIME_EXCEEDED = 1;

    /** Code of {@link #REDIRECT}: for the network. */
    public static final int REDIRECT_NET = 0;

    /** Code of {@link #REDIRECT}: for the host. */
    public static final int REDIRECT_HOST = 1;

    /** Code of {@link #PARAMETER_PROBLEM}: the pointer's octet is wrong. */
    public static final int POINTER_ERROR = 0;

    /** Code of {@link #PARAMETER_PROBLEM}: a required option is missing (RFC 1108). */
    public static final int OPTION_MISSING = 1;

    /** Code of {@link #PARAMETER_PROBLEM}: bad length. */
    public static final int BAD_LENGTH = 2;

    /** Bytes of a timestamp message: header and three times in milliseconds since midnight UT (RFC 792). */
    public static final int TIMESTAMP_LENGTH = 20;

    private Icmpv4View() {}

    /** Whether a type is that of an error about a packet. */
    public static boolean isError(final int type) {
        return switch (type) {
            case UNREACHABLE, SOURCE_QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
            default -> false;
        };
    }

    /** Whether the checksum of a message of {@code length} bytes is right. */
    public static boolean verifies(final MemorySegment memory, final long offset, final int length) {
        return InternetChecksum.verifies(InternetChecksum.partial(memory, offset, length));
    }

    /** Writes the checksum of a message whose checksum field is 0. */
    public static void seal(final MemorySegment memory, final long offset, final int length) {
        IcmpView.checksum(memory, offset, InternetChecksum.finish(InternetChecksum.partial(memory, offset, length)));
    }
}
