package io.millrace.dataplane.port;

/**
 * What work a port takes off the stack.
 *
 * @param receiveChecksums whether it says of received packets, in their offload flags, whether their checksums are right
 * @param transmitChecksums whether it completes the TCP and UDP checksums of packets whose offload flags ask for it
 */
public record PortOffloads(boolean receiveChecksums, boolean transmitChecksums) {
    /** None. */
    public static final PortOffloads NONE = new PortOffloads(false, false);

    /** Checksums in both directions. */
    public static final PortOffloads CHECKSUMS = new PortOffloads(true, true);
}
