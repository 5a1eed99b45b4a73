package io.millrace.stack.iface;

/**
 * Bounds of what an interface holds.
 *
 * @param neighbors most neighbours of each family, at least 2
 * @param packetsPerNeighbor most packets that wait for one neighbour's link address, at least 1; the fragments of one
 *     datagram alone may be more, and wait or go as a whole
 * @param unresolvedPackets most packets that wait for link addresses in all, at least 1
 * @param transmitQueue most packets that wait for the port, at least 64
 */
public record LinkLimits(int neighbors, int packetsPerNeighbor, int unresolvedPackets, int transmitQueue) {
    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if one is too small
     */
    public LinkLimits {
        atLeast(2, neighbors, "neighbors");
        atLeast(1, packetsPerNeighbor, "packetsPerNeighbor");
        atLeast(1, unresolvedPackets, "unresolvedPackets");
        atLeast(64, transmitQueue, "transmitQueue");
    }

    private static void atLeast(final int least, final int value, final String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; it is at least " + least);
        }
    }
}
