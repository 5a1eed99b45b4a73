package io.millrace.bench.control;

import io.millrace.dataplane.run.ShardOptions;

/**
 * A shard of a running server, or a place for one.
 *
 * @param place its number
 * @param state {@code runs}, {@code leaves} while it has connections in buckets that it gave away and gets no new ones,
 *     {@code stuck}, {@code ended}, or {@code free}
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
    /** Its thread is no more. */
    public static final String ENDED = "ended";

    /** A place where no shard is. */
    public static ShardRow free(int place) {
        return new ShardRow(place, "free", ShardOptions.ANY_CPU, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Whether a shard is there. */
    boolean isTaken() {
        return !state.equals("free");
    }
}
