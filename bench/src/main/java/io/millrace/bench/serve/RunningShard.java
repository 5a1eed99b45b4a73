package io.millrace.bench.serve;

import io.millrace.bench.control.ShardRow;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.run.RunCounter;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.dataplane.run.ShardWatchdog;
import io.millrace.stack.StackCounter;

/**
 * A shard at its place, from its start until its thread is no more. Whoever holds the lock of {@link ServerShards}
 * changes it; any thread may look.
 */
final class RunningShard {
    private static final long NEVER = Long.MAX_VALUE;

    private final int place;
    private final ServerShard shard;
    private final ShardRunner runner;
    private volatile long deadline = NEVER;
    private volatile boolean lost;
    private boolean withConnections;
    private boolean seized;
    private long stuckSince = NEVER;

    /** What it had done at the last {@link #recentShare}. */
    private long lastBusy;

    private long lastRun;

    RunningShard(final int place, final ServerShard shard, final ShardRunner runner) {
        this.place = place;
        this.shard = shard;
        this.runner = runner;
    }

    int place() {
        return place;
    }

    String name() {
        return runner.options().name();
    }

    ServerShard shard() {
        return shard;
    }

    ShardRunner runner() {
        return runner;
    }

    /** Asks its thread to end, and does not wait for it. */
    void end(final long newDeadline) {
        deadline = newDeadline;
        runner.stop();
    }

    /** Whether it was asked to end. */
    boolean ends() {
        return deadline != NEVER;
    }

    /** Whether its thread is still there past the deadline, found for the first time. */
    boolean isNewlyLost(final long nowMicros) {
        if (lost || nowMicros < deadline || !runner.alive()) {
            return false;
        }
        lost = true;
        return true;
    }

    /** Whether it has been found stuck for so long, at each look in between. */
    boolean hangs(final boolean stuck, final long nowMicros, final long micros) {
        if (!stuck) {
            stuckSince = NEVER;
        } else if (stuckSince == NEVER) {
            stuckSince = nowMicros;
        }
        return stuck && nowMicros - stuckSince >= micros;
    }

    /** Whether others look at what it should receive. */
    boolean isSeized() {
        return seized;
    }

    void seized() {
        seized = true;
    }

    /** Gives it up with all that it has; its thread ends when it can. */
    void giveUp(final long nowMicros) {
        end(nowMicros);
        lost = true;
        withConnections = true;
    }

    /** Whether it was given up while it had connections. */
    boolean lostConnections() {
        return withConnections;
    }

    /** Whether it was given up. */
    boolean isLost() {
        return lost;
    }

    /** Share of the time since the last call in which it found work, 0 to 1. For one thread. */
    double recentShare() {
        final long busy = runner.counters().get(RunCounter.BUSY_MICROS);
        final long run = runner.counters().get(RunCounter.RUN_MICROS);
        final double share = (double) (busy - lastBusy) / Math.max(1, run - lastRun);
        lastBusy = busy;
        lastRun = run;
        return share;
    }

    private String state(final ShardTable table, final ShardWatchdog watchdog) {
        if (!runner.alive()) {
            return ShardRow.ENDED;
        } else if (lost) {
            return ShardRow.LOST;
        } else if (watchdog.isStuck(runner)) {
            return ShardRow.STUCK;
        } else if (ends()) {
            return ShardRow.ENDS;
        }
        return table.runs(place) ? ShardRow.RUNS : ShardRow.LEAVES;
    }

    ShardRow row(final ShardTable table, final ShardWatchdog watchdog) {
        final Counters<StackCounter> packets = shard.stack().counters();
        return new ShardRow(
                place,
                state(table, watchdog),
                runner.options().cpu(),
                table.buckets(place),
                table.leaving(place),
                shard.connections(),
                runner.busyShare(),
                packets.get(StackCounter.RX_PACKETS),
                packets.get(StackCounter.TX_PACKETS),
                runner.counters().get(RunCounter.LONGEST_CYCLE_MICROS));
    }
}
