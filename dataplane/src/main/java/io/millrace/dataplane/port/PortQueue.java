package io.millrace.dataplane.port;

/**
 * One receive and one transmit queue of a port, polled by one thread. Neither method blocks, allocates or throws for
 * what comes from outside.
 */
public interface PortQueue {
    /**
     * Receives packets. Each has one segment and lies wholly within its pool's memory; what the device delivered
     * otherwise was dropped and counted.
     *
     * @param handles receives the handles, from index 0 on; the caller owns them
     * @param max how many at most
     * @param nowMicros the poll loop's time in microseconds, for ports that live on virtual time or stamp packets
     * @return how many
     */
    int receive(long[] handles, int max, long nowMicros);

    /**
     * Transmits packets.
     *
     * @param handles the packets, in order
     * @param from index of the first
     * @param count how many
     * @param nowMicros the poll loop's time in microseconds
     * @return how many the port took over, the first ones; the rest still belongs to the caller
     */
    int transmit(long[] handles, int from, int count, long nowMicros);
}
