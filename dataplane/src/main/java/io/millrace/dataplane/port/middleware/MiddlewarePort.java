package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.port.LinkState;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import java.util.function.IntUnaryOperator;
import java.util.function.ObjLongConsumer;

/**
 * A port with a {@link Middleware} around its queues. Everything else is the inner port's,
 * the totals included; what the middleware counts is in {@link #forEachCounter}.
 *
 * <pre>{@code
 * Tracer tracer = new Tracer(observer);
 * Port port = MiddlewarePort.wrap(DpdkPort.open(config, pool), tracer);
 * }</pre>
 */
public final class MiddlewarePort implements Port {
    private final Port port;
    private final Middleware middleware;

    private MiddlewarePort(final Port port, final Middleware middleware) {
        this.port = port;
        this.middleware = middleware;
    }

    /**
     * Wraps a port, none of whose queues is taken yet. Closing the result closes the port.
     *
     * @param middleware of this port alone, if it keeps packets
     */
    public static Port wrap(final Port port, final Middleware middleware) {
        return new MiddlewarePort(port, middleware);
    }

    @Override
    public PortInfo info() {
        return port.info();
    }

    @Override
    public PortQueue queue(final int index, final PoolCache cache) {
        return middleware.wrap(port.info(), port.queue(index, cache), index, cache);
    }

    @Override
    public boolean redirect(final IntUnaryOperator queues) {
        return port.redirect(queues);
    }

    @Override
    public boolean linkUp() {
        return port.linkUp();
    }

    @Override
    public LinkState link() {
        return port.link();
    }

    @Override
    public void tend(final long nowMicros) {
        port.tend(nowMicros);
    }

    @Override
    public PortStats stats() {
        return port.stats();
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        port.forEachCounter(consumer);
        middleware.forEachCounter(consumer);
    }

    @Override
    public void close() {
        port.close();
        middleware.close();
    }
}
