package io.millrace.dataplane.port;

/**
 * What work a port takes off the stack.
 *
 * @param receiveChecksums whether it says of received packets, in their offload flags, whether their checksums are right
 * @param transmitChecksums whether it completes the TCP and UDP checksums of packets whose offload flags ask for it
 * @param segmentation how it cuts long TCP segments; a port that does completes checksums too
 */
public record PortOffloads(boolean receiveChecksums, boolean transmitChecksums, Segmentation segmentation) {
    /** None. */
    public static final PortOffloads NONE = new PortOffloads(false, false);

    /** Checksums in both directions. */
    public static final PortOffloads CHECKSUMS = new PortOffloads(true, true);

    /**
     * Checks that the parts fit together.
     *
     * @throws IllegalArgumentException if segments are cut and their checksums are not completed
     */
    public PortOffloads {
        if (segmentation.any() && !transmitChecksums) {
            throw new IllegalArgumentException("a port that cuts segments completes their checksums");
        }
    }

    /** Checksums only. */
    public PortOffloads(final boolean receiveChecksums, final boolean transmitChecksums) {
        this(receiveChecksums, transmitChecksums, Segmentation.NONE);
    }
}
