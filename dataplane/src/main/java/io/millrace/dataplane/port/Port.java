package io.millrace.dataplane.port;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import java.util.function.IntUnaryOperator;
import java.util.function.ObjLongConsumer;

/**
 * A network device, opened and running. Opening is the business of each implementation, since each needs something else;
 * everything behind it is the same.
 *
 * <p>Control methods may be called by any thread, one at a time.
 */
public interface Port extends AutoCloseable {
    /** What this port is. */
    PortInfo info();

    /**
     * Hands a queue pair to the thread that will poll it.
     *
     * @param index 0 to {@code info().queues() - 1}; each may be taken once
     * @param cache that thread's way into the pool that this port was opened with
     * @throws IllegalStateException if there is no such queue, or it was taken
     * @throws IllegalArgumentException if the cache is of another pool
     */
    PortQueue queue(int index, PoolCache cache);

    /**
     * Leads packets to other queues from now on, if the device has a redirection table; else flows are spread as before.
     *
     * @param queues the queue of each bucket of {@link io.millrace.dataplane.flow.FlowHash}
     * @return whether the device took the table
     */
    default boolean redirect(final IntUnaryOperator queues) {
        return false;
    }

    /** Whether the link is up. */
    boolean linkUp();

    /** The same, with how often it has gone down if the device counts that. */
    default LinkState link() {
        return LinkState.of(linkUp());
    }

    /**
     * Does what the device needs beside being polled, if it needs something: one whose other side has gone may have to be
     * opened again. Called some times a second; it may take as long as opening a device.
     *
     * @param nowMicros any clock that does not go back, in microseconds
     */
    default void tend(final long nowMicros) {}

    /** Totals since the port was opened. */
    PortStats stats();

    /**
     * Hands every counter that this port keeps beyond {@link #stats} to {@code consumer}, once for each queue. The
     * reasons of drops that the totals only sum up are among them.
     */
    default void forEachCounter(final ObjLongConsumer<CounterName> consumer) {}

    /**
     * Stops the device and gives all buffers that it holds back to the pool; what a driver keeps all the same, {@link
     * io.millrace.dataplane.buffer.PacketPool#reclaim} gets back. No queue may be polled any more. Harmless when called
     * again.
     */
    @Override
    void close();
}
