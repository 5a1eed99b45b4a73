package io.millrace.stack.client;

/**
 * How much memory application threads and a shard share. {@link #defaults()} suits most.
 *
 * @param places requests that may be under way at the same time, 1 to 65,536; a thread that finds all places lent waits
 *     for one
 * @param placeBytes most bytes of payload that one request carries, 2,048 to 2^24; what is longer takes several requests,
 *     except a datagram, which then is {@linkplain SocketError#EMSGSIZE too long} to be sent and is cut when it is
 *     received
 */
public record ClientConfig(int places, int placeBytes) {
    private static final int LEAST_BYTES = 2_048;
    private static final ClientConfig DEFAULTS = new ClientConfig(64, 64 * 1_024);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public ClientConfig {
        if (places < 1 || places > 1 << 16) {
            throw new IllegalArgumentException("places is " + places + "; it is 1 to 65536");
        }
        if (placeBytes < LEAST_BYTES || placeBytes > 1 << 24) {
            throw new IllegalArgumentException("placeBytes is " + placeBytes + "; it is 2048 to 16777216");
        }
    }

    /** 64 places of 64 KiB. */
    public static ClientConfig defaults() {
        return DEFAULTS;
    }
}
