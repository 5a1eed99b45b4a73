package io.millrace.dpdk;

/**
 * A device's counters as its driver keeps them.
 *
 * @param receivedPackets packets received
 * @param sentPackets packets sent
 * @param receivedBytes bytes received
 * @param sentBytes bytes sent
 * @param missed packets dropped by the device because no buffer was posted
 * @param receiveErrors erroneous packets received
 * @param sendErrors packets that could not be sent
 * @param noBuffers failed allocations of receive buffers
 */
public record EthStats(
        long receivedPackets,
        long sentPackets,
        long receivedBytes,
        long sentBytes,
        long missed,
        long receiveErrors,
        long sendErrors,
        long noBuffers) {}
