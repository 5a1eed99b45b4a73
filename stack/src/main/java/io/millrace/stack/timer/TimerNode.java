package io.millrace.stack.timer;

import org.jspecify.annotations.Nullable;

/**
 * Something with one timer: it carries the links of the {@link TimerWheel} that it hangs in, so that setting a timer
 * neither allocates nor looks anything up. Belongs to at most one wheel.
 */
public abstract class TimerNode {
    static final int IDLE = -1;

    @Nullable
    TimerNode timerNext;

    @Nullable
    TimerNode timerPrevious;

    long timerDeadline;
    int timerSlot = IDLE;

    /** For subclasses. */
    protected TimerNode() {}

    /** Whether the timer is set. */
    public final boolean timerSet() {
        return timerSlot != IDLE;
    }

    /** When the timer is due, in microseconds; meaningless if it is not {@linkplain #timerSet() set}. */
    public final long timerDeadline() {
        return timerDeadline;
    }
}
