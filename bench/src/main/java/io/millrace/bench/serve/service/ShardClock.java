package io.millrace.bench.serve.service;

/**
 * The time of one shard's poll loop, for services that keep deadlines. The loop sets it once a round, before it polls the
 * stack, so that every handler of that round sees the same time.
 *
 * <p>Not thread-safe.
 */
public final class ShardClock {
    private long micros;

    /** Makes a clock that stands at 0. */
    public ShardClock() {}

    /** The time in microseconds, on the scale of the poll loop. */
    public long micros() {
        return micros;
    }

    /** Sets the time. */
    public void micros(long now) {
        micros = now;
    }
}
