package io.millrace.bench.control;

import io.millrace.dataplane.run.ShardOptions;

/**
 * A shard of a running server, or a place for one.
 *
 * @param place its number
 * @param state {@link #RUNS} or another of the words below
 * @param cpu that its thread is pinned to; -1 if it is to none
 * @param buckets of 128, in which new connections are its
 * @param leaving buckets that it gave away and in which it still has connections
 * @param connections it has
 * @param busy share of the time since its start in which it found work, 0 to 1
 * @param rxPackets it received
 * @param txPackets it sent
 * @param longestCycleMicros longest time between the begins of two polls
 */
public record ShardRow(
        int place,
        String state,
        int cpu,
        int buckets,
        int leaving,
        long connections,
        double busy,
        long rxPackets,
        long txPackets,
        long longestCycleMicros) {
    /** It gets its share of new connections. */
    public static final String RUNS = "runs";

    /** It has connections in buckets that it gave away, and gets no new ones. */
    public static final String LEAVES = "leaves";

    /** Its last connection is over, and its thread was asked to end. */
    public static final String ENDS = "ends";

    /** It has been in one poll for too long. */
    public static final String STUCK = "stuck";

    /** It was asked to end and did not in time. Its place is taken until it does. */
    public static final String LOST = "lost";

    /** Its thread is no more. */
    public static final String ENDED = "ended";

    /** Nothing is there. */
    private static final String FREE = "free";

    /** A place where no shard is. */
    public static ShardRow free(int place) {
        return new ShardRow(place, FREE, ShardOptions.ANY_CPU, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Whether a shard is there. */
    boolean isTaken() {
        return !state.equals(FREE);
    }
}
