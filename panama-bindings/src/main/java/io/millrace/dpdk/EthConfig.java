package io.millrace.dpdk;

/**
 * How a device is to be set up. What it cannot do of offloads and RSS is left out silently: ask
 * {@link EthDevice#info()} before, if it matters.
 *
 * @param receiveQueues receive queues, at least 1
 * @param transmitQueues transmit queues, at least 1
 * @param symmetricRss whether packets are spread over the receive queues by address and port, so that both directions of
 *     a connection meet; without effect on a device without RSS
 * @param rssKeyWord 16-bit word that the key of the symmetric hash repeats, such as {@link #DEFAULT_KEY_WORD}
 * @param receiveOffloads {@code RTE_ETH_RX_OFFLOAD_*} flags wanted
 * @param transmitOffloads {@code RTE_ETH_TX_OFFLOAD_*} flags wanted
 */
public record EthConfig(
        int receiveQueues,
        int transmitQueues,
        boolean symmetricRss,
        int rssKeyWord,
        long receiveOffloads,
        long transmitOffloads) {
    /** The word of the symmetric key that is known from the literature (Woo and Park, KAIST, 2012). */
    public static final int DEFAULT_KEY_WORD = 0x6D5A;

    /** Checks the numbers. */
    public EthConfig {
        if (receiveQueues < 1 || transmitQueues < 1 || receiveQueues > 0xFFFF || transmitQueues > 0xFFFF) {
            throw new IllegalArgumentException(
                    receiveQueues + " receive and " + transmitQueues + " transmit queues; both are 1 to 65535");
        }
    }

    /** As many receive as transmit queues, spread by a symmetric hash if there are several, no offloads. */
    public static EthConfig queues(final int queues) {
        return queues(queues, DEFAULT_KEY_WORD);
    }

    /** As many receive as transmit queues, spread by the symmetric hash of a key if there are several, no offloads. */
    public static EthConfig queues(final int queues, final int rssKeyWord) {
        return new EthConfig(queues, queues, queues > 1, rssKeyWord, 0, 0);
    }

    /** The same with offloads, as far as the device has them. */
    public EthConfig withOffloads(final long receive, final long transmit) {
        return new EthConfig(receiveQueues, transmitQueues, symmetricRss, rssKeyWord, receive, transmit);
    }
}
