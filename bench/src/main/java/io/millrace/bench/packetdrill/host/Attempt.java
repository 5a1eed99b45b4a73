package io.millrace.bench.packetdrill.host;

import org.jspecify.annotations.Nullable;

/** A system call that has begun. */
@FunctionalInterface
public interface Attempt {
    /**
     * Goes on with it.
     *
     * @param now microseconds
     * @return what it returned, or null while it blocks
     */
    @Nullable
    Outcome run(long now);

    /** When to go on with it at the latest, in microseconds; a call with a timeout is over then. */
    default long deadline() {
        return Long.MAX_VALUE;
    }
}
