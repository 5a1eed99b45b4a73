package io.millrace.bench.serve;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.control.ControlSocket;
import io.millrace.bench.control.PortRequests;
import io.millrace.bench.plan.ServePlan;
import io.millrace.config.PortConfig;
import io.millrace.config.ServeConfig;
import io.millrace.config.ServiceSpec;
import io.millrace.config.problem.Located;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.run.Dispatcher;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.stack.NetInterface;
import io.millrace.stack.StackCounter;
import io.millrace.stack.wire.address.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A running server: ports, a thread for each shard, the services on it. Starts as a whole or not at all; {@link #stop}
 * closes connections in order, threads, ports and pool, and counts what is missing.
 *
 * <p>Controlled by one thread at a time.
 */
public final class Server implements Running {
    private static final long DRAIN_NANOS = 3_000_000_000L;
    private static final long DRAIN_POLL_NANOS = 1_000_000;
    private static final long DISPATCHERS_NANOS = 5_000_000_000L;

    private final ServePlan plan;
    private final long originNanos = System.nanoTime();
    private final ServerPorts ports;
    private final List<ShardRunner> dispatchers = new ArrayList<>();
    private final LostAddresses lost = new LostAddresses();
    private final ServerShards shards;
    private boolean stopped;
    private @Nullable ServeSummary summary;

    private Server(ServePlan plan) {
        this.plan = plan;
        final long epochMicros = System.currentTimeMillis() * 1_000;
        this.ports = ServerPorts.open(plan.config(), epochMicros - ShardOptions.monotonicMicros());
        this.shards = new ServerShards(plan, ports, lost);
    }

    /**
     * Starts a server; when this returns, it can be reached.
     *
     * @throws UserErrorException with what the user can mend
     * @throws io.millrace.dataplane.port.PortException if a port cannot be opened
     */
    public static Server start(ServePlan plan) {
        final Server server = new Server(plan);
        try {
            server.startShards();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void startShards() {
        final ServeConfig config = plan.config();
        shards.start();
        for (final Dispatcher dispatcher : ports.dispatchers()) {
            dispatchers.add(ShardRunner.start(
                    ports.threadOptions("dispatcher-" + dispatcher.info().name(), config), dispatcher));
        }
    }

    @Override
    public String readyLine() {
        final StringBuilder line = new StringBuilder("ready");
        for (final NetInterface netInterface :
                shards.shards().getFirst().stack().interfaces()) {
            final PortConfig port = plan.config().ports().get(netInterface.index());
            line.append(" port=").append(netInterface.name());
            line.append(" driver=").append(netInterface.port().driver());
            line.append(" mac=").append(netInterface.macAddress());
            line.append(" mtu=").append(netInterface.mtu());
            if (port.vlan() != null) {
                line.append(" vlan=").append(port.vlan().value());
            }
            line.append(" address=")
                    .append(netInterface.addresses().stream()
                            .map(Cidr::toString)
                            .collect(Collectors.joining(",")));
        }
        line.append(services(" tcp=", plan.config().tcp()));
        line.append(services(" udp=", plan.config().udp()));
        line.append(plan.config().forward() ? " forward=yes" : "");
        line.append(" shards=").append(plan.config().shards());
        if (plan.config().places() > plan.config().shards()) {
            line.append(" max-shards=").append(plan.config().places());
        }
        return line.toString();
    }

    private static String services(String key, List<Located<ServiceSpec>> services) {
        return services.isEmpty()
                ? ""
                : key
                        + services.stream()
                                .map(located -> located.value().toString())
                                .collect(Collectors.joining(","));
    }

    @Override
    public List<String> news() {
        final List<String> news = ports.news();
        news.addAll(shards.tend(ShardOptions.monotonicMicros()));
        for (final LostAddress address : lost.news()) {
            news.add(address + "; take it from that station, or choose another");
        }
        return news;
    }

    @Override
    public @Nullable String captureFailure() {
        return ports.captureFailure();
    }

    @Override
    public LiveCounters.Sample sample() {
        long connections = 0;
        for (final ServerShard shard : shards.shards()) {
            connections += shard.connections();
        }
        long dropped = 0;
        for (final Counters<StackCounter> counters : shards.counters()) {
            dropped += counters.drops();
        }
        return ports.sample(connections, dropped);
    }

    @Override
    public String detail() {
        return shards.busy();
    }

    @Override
    public ControlSocket.Service control() {
        return new PortRequests(ports.ports(), ports.controls(), new ShardRequests(shards));
    }

    @Override
    public @Nullable Throwable failure() {
        final Throwable failure = shards.failure();
        return failure != null
                ? failure
                : dispatchers.stream()
                        .map(ShardRunner::failure)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
    }

    /** Stops serving at once, and waits for nothing. Any thread; {@link #stop} is still to be called. */
    public void abandon() {
        shards.abandon();
    }

    /**
     * Ends the server: no new connections, those there are closed in order within a bounded time, then everything else.
     * Returns the same summary when called again.
     *
     * @throws IllegalStateException if a thread does not end: what it uses can only be closed with the process
     */
    @Override
    public synchronized ServeSummary stop() {
        ServeSummary done = summary;
        if (done == null) {
            stopped = true;
            drain();
            final List<String> left = new ArrayList<>(shards.close());
            dispatchers.forEach(ShardRunner::stop); // behind the shards, to send their last words
            final long deadline = System.nanoTime() + DISPATCHERS_NANOS;
            for (final ShardRunner dispatcher : dispatchers) {
                if (!dispatcher.end(deadline)) {
                    left.add(dispatcher.options().name());
                }
            }
            if (!left.isEmpty()) {
                throw new IllegalStateException(String.join(" and ", left)
                        + " cannot be ended; what is in use there is closed with the process");
            }
            done = summarise(ports.settle(ports.caches()));
            summary = done;
            ports.close();
        }
        return done;
    }

    /** Lets the connections end in order, but not for ever. */
    private void drain() {
        final boolean asked = shards.shutdown();
        final long deadline = System.nanoTime() + DRAIN_NANOS;
        while (asked && !shards.drained() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(DRAIN_POLL_NANOS);
        }
    }

    private ServeSummary summarise(ServeSummary.Buffers buffers) {
        return ServeSummary.of(
                        (System.nanoTime() - originNanos) / 1e9, shards.counters(), ports.ports(), lost.all(), buffers)
                .withShards(shards.summaries(), shards.stuck());
    }

    /** Ends the server, unless somebody has tried that already. */
    @Override
    public synchronized void close() {
        if (!stopped) {
            stop();
        }
    }
}
