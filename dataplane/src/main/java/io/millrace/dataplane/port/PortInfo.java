package io.millrace.dataplane.port;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;

/**
 * What a port is, fixed while it is open.
 *
 * @param name name that a person knows it by, for instance the device's argument or the interface
 * @param driver what drives it, for instance {@code net_af_packet}, {@code tap}, {@code loopback}
 * @param medium what its packets begin with
 * @param macAddress its MAC address in the low 48 bits; 0 if the medium has none
 * @param mtu largest IP packet in bytes, link header not counted
 * @param queues number of queue pairs
 * @param offloads what work it takes off the stack
 */
public record PortInfo(
        String name, String driver, Medium medium, long macAddress, int mtu, int queues, PortOffloads offloads) {
    /** A port without offloads. */
    public PortInfo(
            final String name,
            final String driver,
            final Medium medium,
            final long macAddress,
            final int mtu,
            final int queues) {
        this(name, driver, medium, macAddress, mtu, queues, PortOffloads.NONE);
    }

    /**
     * Checks what every port asks of whoever takes a queue of it.
     *
     * @param index the queue that is wanted
     * @param free whether there is such a queue, and nobody has it
     * @param pool the pool that the port was opened with
     * @param cache the taker's
     * @throws IllegalStateException if it is not free
     * @throws IllegalArgumentException if the cache is of another pool
     */
    public void checkQueue(final int index, final boolean free, final PacketPool pool, final PoolCache cache) {
        if (!free) {
            throw new IllegalStateException(
                    "port " + name + ": queue " + index + " is taken or not there; it has " + queues + " from 0 on");
        }
        if (!cache.pool().equals(pool)) {
            throw new IllegalArgumentException("port " + name + " was opened with another pool than that of the cache");
        }
    }
}
