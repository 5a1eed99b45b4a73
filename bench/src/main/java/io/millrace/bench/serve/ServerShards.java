package io.millrace.bench.serve;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.control.ControlException;
import io.millrace.bench.control.ControlService;
import io.millrace.bench.control.ShardRow;
import io.millrace.bench.plan.ServePlan;
import io.millrace.config.ServeConfig;
import io.millrace.config.problem.Located;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.flow.ShardTable;
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
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a server: starts and ends them while it runs, notices those that are stuck, and tells how busy each is.
 * Any thread that is not a shard's; whoever only looks never waits.
 *
 * <p>A shard that is removed <em>leaves</em> until its last connection is over, then <em>ends</em>. One whose thread does
 * not end in time is <em>lost</em>: nobody asks it anything any more, others look at what it should receive if they can,
 * and what it sends from is taken back once its thread has ended after all. One that is stuck for long while it leaves is
 * lost together with its connections.
 */
final class ServerShards {
    /** How long a poll may take. */
    private static final long STUCK_MICROS = 2_000_000;

    /** How long a shard that has nothing left to do may take to end. */
    private static final long END_MICROS = 10_000_000;

    private final ServePlan plan;
    private final ServerPorts ports;
    private final LostAddresses lost;
    private final ShardTable table;
    private final ShardGroup group;
    private final ShardWatchdog watchdog = new ShardWatchdog(STUCK_MICROS);
    private final Map<Integer, RunningShard> running = new ConcurrentSkipListMap<>();

    /** Those that ended: what they counted still counts, but their stacks need not be kept. */
    private final List<Ended> ended = new CopyOnWriteArrayList<>();

    /** Held by whoever changes which shards there are, also while that waits for another shard. */
    private final ReentrantLock changes = new ReentrantLock();

    private volatile boolean closing;

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
    void start() {
        changes.lock();
        try {
            for (int place = 0; place < plan.config().shards(); place++) {
                start(place);
            }
            if (table.running() < table.places()) {
                ports.shared().forEach(SharedPort::redirect);
            }
        } finally {
            changes.unlock();
        }
    }

    /**
     * Starts one more, which gets its share of new connections from now on.
     *
     * @param place where; -1 for the first that is free
     * @throws ControlException if there is none
     */
    int add(final int place) {
        changes.lock();
        try {
            final int chosen = place == -1 ? firstFree() : place;
            check(chosen);
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
        } finally {
            changes.unlock();
        }
    }

    private void check(final int place) {
        if (closing) {
            throw new ControlException("the server ends");
        }
        if (place < 0 || place >= table.places()) {
            throw new ControlException("there is no place for another shard: " + running.size() + " run, and "
                    + table.places() + " may; start the server with more --max-shards");
        }
        if (table.runs(place)) {
            throw new ControlException("shard " + place + " runs already; shards lists them");
        }
        final RunningShard there = running.get(place);
        if (there != null && there.ends()) {
            throw new ControlException("the shard that was at place " + place + " has not ended"
                    + (there.isLost() ? " when it should; choose another place" : " yet; try again"));
        }
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
    void remove(final int place) {
        changes.lock();
        try {
            if (place < 0 || place >= table.places() || !table.runs(place)) {
                throw new ControlException("no shard " + place + " runs; shards lists those that do");
            }
            if (table.running() == 1) {
                throw new ControlException("shard " + place + " is the last one; end the server instead");
            }
            table.remove(place);
        } finally {
            changes.unlock();
        }
    }

    /**
     * Looks after the shards: asks those to end that have nothing left to do, takes away those that have ended, and looks
     * for stuck ones. Never waits: while somebody adds or removes a shard, shards that end are looked after next time.
     *
     * @return what the user should know
     */
    List<String> tend(final long nowMicros) {
        final List<String> news = new ArrayList<>();
        if (changes.tryLock()) {
            try {
                if (!closing) {
                    running.values().forEach(one -> tend(one, nowMicros, news));
                    redirect();
                }
            } finally {
                changes.unlock();
            }
        }
        for (final ShardRunner stuck : watchdog.check(nowMicros)) {
            news.add(stuck.options().name() + " is stuck: it has been in one poll for more than "
                    + STUCK_MICROS / 1_000_000 + " s; millrace shards remove gives what is new to others");
        }
        return news;
    }

    private void tend(final RunningShard one, final long nowMicros, final List<String> news) {
        if (!one.ends()) {
            final boolean hangs = one.hangs(watchdog.isStuck(one.runner()), nowMicros, END_MICROS);
            if (!table.serves(one.place())) {
                one.end(nowMicros + END_MICROS);
            } else if (hangs && !table.runs(one.place())) {
                one.giveUp(nowMicros);
                table.abandon(one.place());
                group.leave(one.place());
                news.add(one.name() + " is stuck and was to leave; its connections are given up, and its place is taken"
                        + " until its thread ends");
            }
        } else if (!one.runner().alive()) {
            takeAway(one);
            final Throwable failure = one.runner().failure();
            news.add(one.name() + " has ended" + (one.lostConnections() ? "" : "; its last connection is over")
                    + (failure == null ? "" : ", but not in order: " + failure));
        } else if (one.isNewlyLost(nowMicros)) {
            group.leave(one.place()); // nobody is to ask it anything any more, or to tell it
            news.add(one.name() + " was to end and has not within " + END_MICROS / 1_000_000
                    + " s; its place is taken until it does");
        } else if (one.isLost() && !one.isSeized() && seize(one.place(), nowMicros)) {
            one.seized();
        }
    }

    private boolean seize(final int place, final long nowMicros) {
        boolean all = true;
        for (final SharedPort port : ports.shared()) {
            all &= port.seize(place, nowMicros);
        }
        return all;
    }

    /** Frees the place of a shard whose thread is no more. */
    private void takeAway(final RunningShard one) {
        watchdog.forget(one.runner());
        group.leave(one.place());
        ports.shared().forEach(port -> port.discard(one.place()));
        ports.shared().forEach(port -> port.vacate(one.place()));
        ended.add(new Ended(one.row(table, watchdog), one.shard().stack().counters()));
        running.remove(one.place());
    }

    private void redirect() {
        if (redirected != table.version()) {
            redirected = table.version();
            ports.shared().forEach(SharedPort::redirect);
        }
    }

    /** The first place that nobody has; else one whose shard leaves and may as well stay, or ends; -1 if all run. */
    private int firstFree() {
        int free = -1;
        int leaves = -1;
        int ends = -1;
        for (int place = table.places() - 1; place >= 0; place--) {
            final RunningShard there = running.get(place);
            if (there == null) {
                free = place;
            } else if (there.ends()) {
                ends = place;
            } else if (!table.runs(place)) {
                leaves = place;
            }
        }
        return free >= 0 ? free : leaves >= 0 ? leaves : ends;
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
        running.put(place, new RunningShard(place, shard, runner));
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
                    root == null ? null : root.value(),
                    plan.keys());
            return shard;
        } catch (final IOException e) {
            shard.close();
            throw new UserErrorException("the services cannot be opened: " + e.getMessage(), e);
        } catch (final UserErrorException e) {
            shard.close();
            throw e;
        }
    }

    /** The shards that there are, as requests see them: those that leave included, those that were asked to end not. */
    List<ControlService.Shard> controls() {
        return running.values().stream()
                .filter(one -> !one.ends())
                .map(one -> new ControlService.Shard(
                        one.place(), one.shard().stack(), one.shard()::datagrams, one.runner()::execute))
                .toList();
    }

    /** All places, one row each. */
    List<ShardRow> rows() {
        final List<ShardRow> rows = new ArrayList<>();
        for (int place = 0; place < table.places(); place++) {
            final RunningShard one = running.get(place);
            rows.add(one == null ? ShardRow.free(place) : one.row(table, watchdog));
        }
        return rows;
    }

    /** Share of the time since the last call in which each shard found work, for the live line. For one thread. */
    String busy() {
        final StringBuilder text = new StringBuilder("  busy");
        for (final RunningShard one : running.values()) {
            text.append(String.format(Locale.ROOT, " %3.0f%%", 100 * one.recentShare()));
        }
        return text.toString();
    }

    /** What each did from its start on, those that ended included. */
    List<ShardRow> summaries() {
        final List<ShardRow> rows = new ArrayList<>();
        ended.forEach(one -> rows.add(one.row));
        running.values().forEach(one -> rows.add(one.row(table, watchdog)));
        return rows;
    }

    /** How often a shard was found stuck. */
    long stuck() {
        return watchdog.found();
    }

    List<ServerShard> shards() {
        return running.values().stream().map(RunningShard::shard).toList();
    }

    /** The counters of all stacks that there ever were. */
    List<Counters<StackCounter>> counters() {
        final List<Counters<StackCounter>> counters = new ArrayList<>();
        ended.forEach(one -> counters.add(one.counters));
        running.values().forEach(one -> counters.add(one.shard().stack().counters()));
        return counters;
    }

    /** What ended a shard that nobody had asked to end; null if nothing did. */
    @Nullable
    Throwable failure() {
        return running.values().stream()
                .filter(one -> !one.ends())
                .map(one -> one.runner().failure())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Asks all to end, and does not wait. */
    void abandon() {
        running.values().forEach(one -> one.runner().stop());
    }

    /** Asks all to take no more connections. Returns whether all heard it that are to. */
    boolean shutdown() {
        closing = true;
        boolean all = true;
        for (final RunningShard one : running.values()) {
            all &= one.ends() || one.runner().execute(one.shard()::shutdown);
        }
        return all;
    }

    /** Whether all connections are over, or their shards ended. */
    boolean drained() {
        return running.values().stream()
                .allMatch(one ->
                        one.ends() || one.shard().drained() || !one.runner().alive());
    }

    /**
     * Ends all, and waits for it, for ten seconds at most.
     *
     * @return those that do not end
     */
    List<String> close() {
        closing = true;
        changes.lock();
        try {
            running.values().forEach(one -> one.runner().stop());
            final long deadline = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(END_MICROS);
            return running.values().stream()
                    .filter(one -> !one.runner().end(deadline))
                    .map(RunningShard::name)
                    .toList();
        } finally {
            changes.unlock();
        }
    }

    private record Ended(ShardRow row, Counters<StackCounter> counters) {}
}
