package io.millrace.bench.serve;

import io.millrace.bench.cli.ServePlan;
import io.millrace.bench.cli.UserErrorException;
import io.millrace.bench.control.ControlException;
import io.millrace.bench.control.ControlService;
import io.millrace.bench.control.ShardRow;
import io.millrace.config.Located;
import io.millrace.config.ServeConfig;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.run.RunCounter;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.dataplane.run.ShardWatchdog;
import io.millrace.dataplane.run.SharedPort;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.shard.ShardGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a server: starts and ends them while it runs, notices those that are stuck, and tells how busy each is.
 * Any thread that is not a shard's.
 */
final class ServerShards {
    /** How long a poll may take. */
    private static final long STUCK_MICROS = 2_000_000;

    private final ServePlan plan;
    private final ServerPorts ports;
    private final LostAddresses lost;
    private final ShardTable table;
    private final ShardGroup group;
    private final ShardWatchdog watchdog = new ShardWatchdog(STUCK_MICROS);
    private final TreeMap<Integer, Running> running = new TreeMap<>();

    /** Those that ended: what they counted still counts, but their stacks need not be kept. */
    private final List<Ended> ended = new ArrayList<>();

    private boolean closing;

    /** The version of the table that the devices know. */
    private int redirected;

    ServerShards(final ServePlan plan, final ServerPorts ports, final LostAddresses lost) {
        this.plan = plan;
        this.ports = ports;
        this.lost = lost;
        this.table = ports.table();
        this.group = new ShardGroup(table, ports.hash());
    }

    /** Starts as many as the configuration says. */
    synchronized void start() {
        for (int place = 0; place < plan.config().shards(); place++) {
            start(place);
        }
        if (table.running() < table.places()) {
            ports.shared().forEach(SharedPort::redirect);
        }
    }

    /**
     * Starts one more, which gets its share of new connections from now on.
     *
     * @param place where; -1 for the first that is free
     * @throws ControlException if there is none
     */
    synchronized int add(final int place) {
        final int chosen = place == -1 ? firstFree() : place;
        if (chosen < 0 || chosen >= table.places()) {
            throw new ControlException("there is no place for another shard: " + running.size() + " run, and "
                    + table.places() + " may; start the server with more --max-shards");
        }
        if (closing) {
            throw new ControlException("the server ends");
        }
        if (table.runs(chosen)) {
            throw new ControlException("shard " + chosen + " runs already; shards lists them");
        }
        if (!running.containsKey(chosen)) {
            reopen(ports.shared(), chosen);
            try {
                start(chosen);
            } catch (final RuntimeException e) {
                ports.shared().forEach(port -> port.vacate(chosen));
                throw e;
            }
        }
        table.add(chosen);
        return chosen;
    }

    /** Takes back what others look at for a place, from all ports or from none. */
    static void reopen(final List<SharedPort> shared, final int place) {
        try {
            shared.forEach(port -> port.reopen(place));
        } catch (final IllegalStateException e) {
            // Nobody would look at the queues that were taken back already.
            shared.forEach(port -> port.vacate(place));
            throw new ControlException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Gives a shard no new connections any more. It ends when those that it has are over.
     *
     * @throws ControlException if it does not run, or is the last one
     */
    synchronized void remove(final int place) {
        if (place < 0 || place >= table.places() || !table.runs(place)) {
            throw new ControlException("no shard " + place + " runs; shards lists those that do");
        }
        if (table.running() == 1) {
            throw new ControlException("shard " + place + " is the last one; end the server instead");
        }
        table.remove(place);
    }

    /** Ends shards that have nothing left to do, and looks for stuck ones. Returns what the user should know. */
    synchronized List<String> tend() {
        final List<String> news = new ArrayList<>();
        for (final Running one : List.copyOf(running.values())) {
            if (!table.serves(one.place) && !closing) {
                one.runner.close();
                watchdog.forget(one.runner);
                group.leave(one.place);
                ports.shared().forEach(port -> port.vacate(one.place));
                running.remove(one.place);
                ended.add(new Ended(one.row(table, watchdog), one.shard.stack().counters()));
                news.add(one.runner.options().name() + " has ended; its last connection is over");
            }
        }
        if (redirected != table.version() && !closing) {
            redirected = table.version();
            ports.shared().forEach(SharedPort::redirect);
        }
        for (final ShardRunner stuck : watchdog.check(ShardOptions.monotonicMicros())) {
            news.add(stuck.options().name() + " is stuck: it has been in one poll for more than "
                    + STUCK_MICROS / 1_000_000 + " s");
        }
        return news;
    }

    private int firstFree() {
        for (int place = 0; place < table.places(); place++) {
            if (!table.runs(place)) {
                return place;
            }
        }
        return -1;
    }

    private void start(final int place) {
        final PoolCache cache = ports.caches().get(place);
        final ServerShard shard = make(place, cache);
        final ShardRunner runner;
        try {
            runner = connect(place, shard);
        } catch (final RuntimeException e) {
            group.leave(place);
            shard.close();
            throw e;
        }
        watchdog.watch(runner, ShardOptions.monotonicMicros());
        running.put(place, new Running(place, shard, runner));
    }

    /** Makes a shard one of the group, and starts its thread. */
    private ShardRunner connect(final int place, final ServerShard shard) {
        final ServeConfig config = plan.config();
        final AtomicReference<ShardRunner> thread = new AtomicReference<>();
        if (table.places() > 1) {
            shard.member(group.join(place, shard.stack(), task -> {
                final ShardRunner runner = thread.get();
                return runner != null && runner.execute(task);
            }));
            for (final SharedPort port : ports.shared()) {
                port.owner(place, shard.stack().sharding()::owns);
            }
        }
        final int cpu =
                config.cpus().isEmpty() ? ShardOptions.ANY_CPU : config.cpus().get(place);
        final ShardRunner runner =
                ShardRunner.start(ports.threadOptions("shard-" + place, config).withCpu(cpu), shard);
        thread.set(runner);
        return runner;
    }

    private ServerShard make(final int place, final PoolCache cache) {
        final ServeConfig config = plan.config();
        final ServerShard shard = new ServerShard(plan.stack().forOneOf(table.places()), cache);
        try {
            ports.addInterfaces(plan, shard.stack(), place, cache);
            shard.stack().interfaces().forEach(lost::watch);
            shard.stack().forwarding(config.forward() ? ForwardingRules.ROUTER : ForwardingRules.OFF);
            final Located<Path> root = config.httpRoot();
            shard.open(
                    config.tcp().stream().map(Located::value).toList(),
                    config.udp().stream().map(Located::value).toList(),
                    root == null ? null : root.value());
            return shard;
        } catch (final IOException e) {
            shard.close();
            throw new UserErrorException("the services cannot be opened: " + e.getMessage(), e);
        } catch (final UserErrorException e) {
            shard.close();
            throw e;
        }
    }

    /** The shards that there are, as requests see them; those that leave included. */
    synchronized List<ControlService.Shard> controls() {
        return running.values().stream()
                .map(one -> new ControlService.Shard(
                        one.place, one.shard.stack(), one.shard::datagrams, one.runner::execute))
                .toList();
    }

    /** All places, one row each. */
    synchronized List<ShardRow> rows() {
        final List<ShardRow> rows = new ArrayList<>();
        for (int place = 0; place < table.places(); place++) {
            final Running one = running.get(place);
            rows.add(one == null ? ShardRow.free(place) : one.row(table, watchdog));
        }
        return rows;
    }

    /** Share of the time since the last call in which each shard found work, for the live line; empty for one shard. */
    synchronized String busy() {
        final StringBuilder text = new StringBuilder("  busy");
        for (final Running one : running.values()) {
            text.append(String.format(Locale.ROOT, " %3.0f%%", 100 * one.recentShare()));
        }
        return text.toString();
    }

    /** What each did from its start on, those that ended included. */
    synchronized List<ShardRow> summaries() {
        final List<ShardRow> rows = new ArrayList<>();
        ended.forEach(one -> rows.add(one.row));
        running.values().forEach(one -> rows.add(one.row(table, watchdog)));
        return rows;
    }

    /** How often a shard was found stuck. */
    long stuck() {
        return watchdog.found();
    }

    synchronized List<ServerShard> shards() {
        return running.values().stream().map(Running::shard).toList();
    }

    /** The counters of all stacks that there ever were. */
    synchronized List<Counters<StackCounter>> counters() {
        final List<Counters<StackCounter>> counters = new ArrayList<>();
        ended.forEach(one -> counters.add(one.counters));
        running.values().forEach(one -> counters.add(one.shard.stack().counters()));
        return counters;
    }

    synchronized @Nullable Throwable failure() {
        return running.values().stream()
                .map(one -> one.runner.failure())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Asks all to end, and does not wait. */
    synchronized void abandon() {
        running.values().forEach(one -> one.runner.stop());
    }

    /** Asks all to take no more connections. Returns whether all heard it. */
    synchronized boolean shutdown() {
        closing = true;
        boolean all = true;
        for (final Running one : running.values()) {
            all &= one.runner.execute(one.shard::shutdown);
        }
        return all;
    }

    /** Whether all connections are over, or their shards ended. */
    synchronized boolean drained() {
        return running.values().stream().allMatch(one -> one.shard.drained() || !one.runner.alive());
    }

    /** Ends all, and waits for it. */
    synchronized void close() {
        closing = true;
        running.values().forEach(one -> one.runner.close());
    }

    private record Ended(ShardRow row, Counters<StackCounter> counters) {}

    private static final class Running {
        private final int place;
        private final ServerShard shard;
        private final ShardRunner runner;
        private long lastBusy;
        private long lastRun;

        Running(final int place, final ServerShard shard, final ShardRunner runner) {
            this.place = place;
            this.shard = shard;
            this.runner = runner;
        }

        ServerShard shard() {
            return shard;
        }

        double recentShare() {
            final long busy = runner.counters().get(RunCounter.BUSY_MICROS);
            final long run = runner.counters().get(RunCounter.RUN_MICROS);
            final double share = (double) (busy - lastBusy) / Math.max(1, run - lastRun);
            lastBusy = busy;
            lastRun = run;
            return share;
        }

        ShardRow row(final ShardTable table, final ShardWatchdog watchdog) {
            final String state = !runner.alive()
                    ? ShardRow.ENDED
                    : watchdog.isStuck(runner) ? "stuck" : table.runs(place) ? "runs" : "leaves";
            final Counters<RunCounter> counters = runner.counters();
            final Counters<StackCounter> packets = shard.stack().counters();
            return new ShardRow(
                    place,
                    state,
                    runner.options().cpu(),
                    table.buckets(place),
                    table.leaving(place),
                    shard.connections(),
                    runner.busyShare(),
                    packets.get(StackCounter.RX_PACKETS),
                    packets.get(StackCounter.TX_PACKETS),
                    counters.get(RunCounter.LONGEST_CYCLE_MICROS));
        }
    }
}
