package io.millrace.dataplane.run;

import io.millrace.dataplane.port.Port;

/** A port with a queue for each place of a shard table, which brings every packet to the shard that it is for. */
public interface SharedPort extends Port {
    /**
     * Says who knows the flows of a shard. Needed only if shards come and go. Called on the shard's thread, or before it
     * polls for the first time.
     */
    void owner(int shard, FlowOwner owner);

    /**
     * Makes a place ready for another shard, whose predecessor's thread has ended. Waits, if need be, until no other
     * shard polls its queue.
     *
     * @throws IllegalStateException if another shard does not let go of it in time
     */
    void reopen(int shard);

    /**
     * Takes what a place receives away from a shard that serves nothing any more and whose thread does not end, so that
     * the first shard looks at it, until the thread has ended after all and the place is {@linkplain #vacate vacated}.
     * What the thread is at cannot be seen from outside, so this takes two calls, the second one {@value #SEIZE_MICROS}
     * microseconds after the first or later, and does not succeed while the thread is in the device's own code.
     *
     * @param nowMicros any clock that does not go back, in microseconds
     * @return whether it is done; if not, call again later
     */
    boolean seize(int shard, long nowMicros);

    /** How long a {@link #seize} waits for the last that a thread did to be seen by others: far more than that takes. */
    long SEIZE_MICROS = 100_000;

    /**
     * Lets the device bring packets to the shards that they go to first, where the table of shards has changed. A device
     * that cannot goes on as before: shards hand packets on.
     */
    void redirect();

    /**
     * Frees what is on its way to a shard whose thread has ended, through its cache. Called before any port is {@linkplain
     * #vacate vacated}.
     */
    void discard(int shard);

    /**
     * Says that a shard's thread has ended, so that what its place receives is for others to look at, who use the place's
     * cache for that.
     */
    void vacate(int shard);
}
