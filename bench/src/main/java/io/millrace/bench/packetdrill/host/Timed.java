package io.millrace.bench.packetdrill.host;

import org.jspecify.annotations.Nullable;

/** A call that is over at a time, whatever happened. */
abstract class Timed implements Attempt {
    private final long deadline;

    Timed(final long deadline) {
        this.deadline = deadline;
    }

    /** Goes on with it; {@code last} if its time is over. */
    abstract @Nullable Outcome attempt(boolean last);

    @Override
    public final @Nullable Outcome run(final long now) {
        return attempt(now >= deadline);
    }

    @Override
    public final long deadline() {
        return deadline;
    }
}
