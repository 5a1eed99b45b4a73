package io.millrace.dataplane.run;

import java.util.ArrayList;
import java.util.List;

/**
 * Notices shards that are stuck: alive, but in one poll or command for longer than a limit. It only tells; a thread that
 * does not come back cannot be ended from outside, and its connections would be lost with it.
 *
 * <p>Has no thread: whoever waits anyway calls {@link #check} now and then. A shard that idles polls at least each
 * millisecond, so a limit of a second or more is never reached by one that has nothing to do. Any thread.
 */
public final class ShardWatchdog {
    private final List<Watched> shards = new ArrayList<>();
    private final long limitMicros;
    private long found;

    /**
     * Makes one that watches nothing yet.
     *
     * @param limitMicros how long a poll may take
     */
    public ShardWatchdog(final long limitMicros) {
        this.limitMicros = limitMicros;
    }

    /** Watches a shard from now on. */
    public synchronized void watch(final ShardRunner shard, final long nowMicros) {
        shards.add(new Watched(shard, nowMicros));
    }

    /** Watches a shard no more. Harmless if it was not watched. */
    public synchronized void forget(final ShardRunner shard) {
        shards.removeIf(watched -> watched.shard.equals(shard));
    }

    /** How often a shard was found stuck. */
    public synchronized long found() {
        return found;
    }

    /** Whether a shard was stuck when {@link #check} was called last. */
    public synchronized boolean isStuck(final ShardRunner shard) {
        for (final Watched watched : shards) {
            if (watched.shard.equals(shard)) {
                return watched.told;
            }
        }
        return false;
    }

    /**
     * Looks at every shard.
     *
     * @return those that were found stuck by this call; each once, until it has moved again
     */
    public synchronized List<ShardRunner> check(final long nowMicros) {
        final List<ShardRunner> stuck = new ArrayList<>();
        for (final Watched watched : shards) {
            if (watched.isNewlyStuck(nowMicros, limitMicros)) {
                stuck.add(watched.shard);
                found++;
            }
        }
        return stuck;
    }

    private static final class Watched {
        private final ShardRunner shard;
        private long polls;
        private long since;
        private boolean told;

        Watched(final ShardRunner shard, final long nowMicros) {
            this.shard = shard;
            this.since = nowMicros;
        }

        boolean isNewlyStuck(final long nowMicros, final long limitMicros) {
            final long now = shard.counters().get(RunCounter.POLLS);
            if (now != polls || !shard.alive()) {
                polls = now;
                since = nowMicros;
                told = false;
            } else if (!told && nowMicros - since >= limitMicros) {
                told = true;
                return true;
            }
            return false;
        }
    }
}
