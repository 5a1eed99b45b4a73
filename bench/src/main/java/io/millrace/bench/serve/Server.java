package io.millrace.bench.serve;

import io.millrace.bench.cli.ServePlan;
import io.millrace.bench.cli.UserErrorException;
import io.millrace.bench.control.ControlService;
import io.millrace.bench.control.ControlSocket;
import io.millrace.bench.control.PortRequests;
import io.millrace.config.Located;
import io.millrace.config.PortConfig;
import io.millrace.config.ServeConfig;
import io.millrace.config.ServiceSpec;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.run.Dispatcher;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.stack.NetInterface;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.wire.address.Cidr;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A running server: ports, a thread for each shard, the services on it. Starts as a whole or not at all; {@link #stop}
 * closes connections in order, threads, ports and pool, and counts what is missing.
 *
 * <p>Controlled by one thread at a time.
 */
public final class Server implements Running {
    /** Handles in each shard's cache. */
    private static final int CACHE = 512;

    private static final long DRAIN_NANOS = 3_000_000_000L;
    private static final long DRAIN_POLL_NANOS = 1_000_000;

    private final ServePlan plan;
    private final long originNanos = System.nanoTime();
    private final ServerPorts ports;
    private final List<PoolCache> caches = new ArrayList<>();
    private final List<ServerShard> shards = new ArrayList<>();
    private final List<ShardRunner> runners = new ArrayList<>();
    private final List<ShardRunner> dispatchers = new ArrayList<>();
    private final LostAddresses lost = new LostAddresses();
    private @Nullable ServeSummary summary;

    private Server(ServePlan plan) {
        this.plan = plan;
        final long epochMicros = System.currentTimeMillis() * 1_000;
        this.ports = ServerPorts.open(plan.config(), epochMicros - ShardOptions.monotonicMicros());
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
        for (int i = 0; i < config.shards(); i++) {
            final PoolCache cache = new PoolCache(ports.pool(), CACHE);
            caches.add(cache);
            final ServerShard shard = makeShard(i, cache);
            shards.add(shard);
            runners.add(ShardRunner.start(
                    ports.threadOptions("shard-" + i, config)
                            .withCpu(
                                    config.cpus().isEmpty()
                                            ? ShardOptions.ANY_CPU
                                            : config.cpus().get(i)),
                    shard));
        }
        for (final Dispatcher dispatcher : ports.dispatchers()) {
            dispatchers.add(ShardRunner.start(
                    ports.threadOptions("dispatcher-" + dispatcher.info().name(), config), dispatcher));
        }
    }

    private ServerShard makeShard(int index, PoolCache cache) {
        final ServerShard shard = new ServerShard(StackConfig.defaults(), cache);
        try {
            ports.addInterfaces(plan, shard.stack(), index, cache);
            shard.stack().interfaces().forEach(lost::watch);
            final ServeConfig config = plan.config();
            shard.stack().forwarding(config.forward() ? ForwardingRules.ROUTER : ForwardingRules.OFF);
            final Located<Path> root = config.httpRoot();
            shard.open(values(config.tcp()), values(config.udp()), root == null ? null : root.value());
            return shard;
        } catch (IOException e) {
            shard.close();
            throw new UserErrorException("the services cannot be opened: " + e.getMessage(), e);
        } catch (UserErrorException e) {
            shard.close();
            throw e;
        }
    }

    @Override
    public String readyLine() {
        final StringBuilder line = new StringBuilder("ready");
        for (final NetInterface netInterface : shards.getFirst().stack().interfaces()) {
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
        return line.append(" shards=").append(shards.size()).toString();
    }

    private static <T> List<T> values(List<Located<T>> located) {
        return located.stream().map(Located::value).toList();
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
        return lost.news().stream()
                .map(address -> address + "; take it from that station, or choose another")
                .toList();
    }

    @Override
    public LiveCounters.Sample sample() {
        long connections = 0;
        long dropped = 0;
        for (final ServerShard shard : shards) {
            connections += shard.connections();
            dropped += shard.stack().counters().drops();
        }
        return ports.sample(connections, dropped);
    }

    @Override
    public ControlSocket.Service control() {
        final List<ControlService.Shard> all = new ArrayList<>();
        for (int i = 0; i < shards.size(); i++) {
            final ServerShard shard = shards.get(i);
            all.add(new ControlService.Shard(shard.stack(), shard::datagrams, runners.get(i)::execute));
        }
        return new PortRequests(ports.ports(), ports.injectors(), new ControlService(all));
    }

    @Override
    public @Nullable Throwable failure() {
        return Stream.concat(runners.stream(), dispatchers.stream())
                .map(ShardRunner::failure)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Stops serving at once, and waits for nothing. Any thread; {@link #stop} is still to be called. */
    public void abandon() {
        runners.forEach(ShardRunner::stop);
    }

    /**
     * Ends the server: no new connections, those there are closed in order within a bounded time, then everything else.
     * Returns the same summary when called again.
     */
    @Override
    public synchronized ServeSummary stop() {
        ServeSummary done = summary;
        if (done == null) {
            drain();
            runners.forEach(ShardRunner::close);
            dispatchers.forEach(ShardRunner::close); // behind the shards, to send their last words
            done = summarise(ports.settle(caches));
            summary = done;
            ports.close();
        }
        return done;
    }

    /** Lets the connections end in order, but not for ever. */
    private void drain() {
        boolean asked = true;
        for (int i = 0; i < runners.size(); i++) {
            asked &= runners.get(i).execute(shards.get(i)::shutdown);
        }
        final long deadline = System.nanoTime() + DRAIN_NANOS;
        boolean open = asked;
        while (open && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(DRAIN_POLL_NANOS);
            open = false;
            for (int i = 0; i < runners.size(); i++) {
                open |= runners.get(i).alive() && !shards.get(i).drained();
            }
        }
    }

    private ServeSummary summarise(ServeSummary.Buffers buffers) {
        final List<Counters<StackCounter>> counters =
                shards.stream().map(shard -> shard.stack().counters()).toList();
        return ServeSummary.of((System.nanoTime() - originNanos) / 1e9, counters, ports.ports(), lost.all(), buffers);
    }

    @Override
    public void close() {
        stop();
    }
}
