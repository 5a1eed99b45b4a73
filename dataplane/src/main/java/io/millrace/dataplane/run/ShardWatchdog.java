package io.millrace.dataplane.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Notices shards that are stuck: alive, but in one poll or command for longer than a limit. It only tells; a thread that
 * does not come back cannot be ended from outside, and its connections would be lost with it.
 *
 * <p>Has no thread: whoever waits anyway calls {@link #check} now and then, always the same thread. A shard that idles
 * polls at least each millisecond, so a limit of a second or more is never reached by one that has nothing to do.
 */
public final class ShardWatchdog {
    private final List<ShardRunner> shards;
    private final long limitMicros;
    private final long[] polls;
    private final long[] since;
    private final boolean[] told;

    /**
     * Watches shards from now on.
     *
     * @param limitMicros how long a poll may take
     */
    public ShardWatchdog(final List<ShardRunner> shards, final long limitMicros, final long nowMicros) {
        this.shards = List.copyOf(shards);
        this.limitMicros = limitMicros;
        this.polls = new long[shards.size()];
        this.since = new long[shards.size()];
        this.told = new boolean[shards.size()];
        Arrays.fill(since, nowMicros);
    }

    /**
     * Looks at every shard.
     *
     * @return those that were found stuck by this call; each once, until it has moved again
     */
    public List<ShardRunner> check(final long nowMicros) {
        final List<ShardRunner> stuck = new ArrayList<>();
        for (int i = 0; i < polls.length; i++) {
            final ShardRunner shard = shards.get(i);
            final long now = shard.counters().get(RunCounter.POLLS);
            if (now != polls[i] || !shard.alive()) {
                polls[i] = now;
                since[i] = nowMicros;
                told[i] = false;
            } else if (!told[i] && nowMicros - since[i] >= limitMicros) {
                told[i] = true;
                stuck.add(shard);
            }
        }
        return stuck;
    }
}
