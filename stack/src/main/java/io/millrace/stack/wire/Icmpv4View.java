package io.millrace.stack.wire;

import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/** Types and codes of ICMP for IPv4 (RFC 792, RFC 1122 section 3.2.2) and its checksum; fields are in {@link IcmpView}. */
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

    /** Type: time exceeded. */
    public static final int TIME_EXCEEDED = 11;

    /** Type: parameter problem. */
    public static final int PARAMETER_PROBLEM = 12;

    /** Code of {@link #UNREACHABLE}: host. */
    public static final int HOST_UNREACHABLE = 1;

    /** Code of {@link #UNREACHABLE}: protocol. */
    public static final int PROTOCOL_UNREACHABLE = 2;

    /** Code of {@link #UNREACHABLE}: port. */
    public static final int PORT_UNREACHABLE = 3;

    /** Code of {@link #UNREACHABLE}: fragmentation needed and not allowed. */
    public static final int FRAGMENTATION_NEEDED = 4;

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
