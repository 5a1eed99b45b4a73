package io.millrace.dataplane.port;

/**
 * How a device cuts TCP segments that are longer than the path takes (TCP segmentation offload, TSO). What the packets
 * look like says {@link io.millrace.dataplane.buffer.OffloadFlags}.
 *
 * @param ipv4 whether it does so over IPv4
 * @param ipv6 whether it does so over IPv6
 * @param largestPacket most bytes of the IP packet that it is given, at most 65,535
 * @param buffers most buffers that such a packet lies in
 * @param segments most segments that it makes of one
 */
public record Segmentation(boolean ipv4, boolean ipv6, int largestPacket, int buffers, int segments) {
    /** Where the device has no limit of its own. */
    public static final int NO_LIMIT = 0xFFFF;

    /** The device cuts nothing. */
    public static final Segmentation NONE = new Segmentation(false, false, 0, 0, 0);

    /** Both families, as much as IP allows, in as many buffers as needed. */
    public static final Segmentation ALL = new Segmentation(true, true, NO_LIMIT, NO_LIMIT, NO_LIMIT);

    /** Whether it cuts anything. */
    public boolean any() {
        return ipv4 || ipv6;
    }
}
