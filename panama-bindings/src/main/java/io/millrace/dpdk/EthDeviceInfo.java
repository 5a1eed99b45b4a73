package io.millrace.dpdk;

/**
 * What a device is and can do, as its driver says.
 *
 * @param driver name of the driver, for instance {@code net_af_packet}
 * @param maxReceiveQueues most receive queues
 * @param maxTransmitQueues most transmit queues
 * @param minMtu smallest MTU in bytes
 * @param maxMtu largest MTU in bytes; 0 if the driver does not say
 * @param receiveOffloads {@code RTE_ETH_RX_OFFLOAD_*} flags that it can do
 * @param transmitOffloads {@code RTE_ETH_TX_OFFLOAD_*} flags that it can do
 * @param rssTypes {@code RTE_ETH_RSS_*} flags of what it can hash; 0 without RSS
 * @param rssKeyLength bytes of its RSS key; 0 if the driver does not say
 * @param redirectionTableSize entries of its RSS table
 * @param maxTransmitBuffers most mbufs of one packet that is sent
 * @param socket NUMA node, -1 if it has none
 */
public record EthDeviceInfo(
        String driver,
        int maxReceiveQueues,
        int maxTransmitQueues,
        int minMtu,
        int maxMtu,
        long receiveOffloads,
        long transmitOffloads,
        long rssTypes,
        int rssKeyLength,
        int redirectionTableSize,
        int maxTransmitBuffers,
        int socket) {}
