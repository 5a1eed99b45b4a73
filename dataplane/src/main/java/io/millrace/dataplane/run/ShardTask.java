package io.millrace.dataplane.run;

/**
 * What a shard does: usually one stack and its ports. All methods are called by the shard's one thread.
 */
public interface ShardTask {
    /** Called once, before the first poll. What it throws, {@link ShardRunner#start} throws. */
    default void onStart(final long nowMicros) {}

    /**
     * Does a bounded amount of work, without blocking.
     *
     * @param nowMicros the time, in microseconds; it never goes back
     * @return how much was done, 0 if there was nothing to do
     */
    int poll(long nowMicros);

    /**
     * When {@link #poll} must be called next even if no packet comes, in microseconds: {@code nowMicros} or less for at
     * once, {@link Long#MAX_VALUE} for never. Asked only before the thread would sleep.
     */
    long pollAt(long nowMicros);

    /** Called once, after the last poll, also after a failure. */
    default void onClose(final long nowMicros) {}
}
