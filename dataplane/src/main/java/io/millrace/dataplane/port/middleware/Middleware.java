package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import java.util.function.ObjLongConsumer;

/** Wraps the queues of a port; see {@link MiddlewarePort}. */
@FunctionalInterface
public interface Middleware {
    /**
     * Wraps a queue that is being taken. What it returns keeps the contract of {@link PortQueue} and belongs to the same
     * thread.
     *
     * @param info the port that the queue is of
     * @param queue what to wrap
     * @param index its number
     * @param cache the polling thread's way into the port's pool
     */
    PortQueue wrap(PortInfo info, PortQueue queue, int index, PoolCache cache);

    /** Hands every counter that it keeps to {@code consumer}, once for each queue. */
    default void forEachCounter(final ObjLongConsumer<CounterName> consumer) {}

    /**
     * Called when the port has closed: gives back every buffer that is still held, through the caches of the queues. No
     * queue is polled any more. Called once at least.
     */
    default void close() {}
}
