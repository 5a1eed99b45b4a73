package io.millrace.testkit;

/** Time that a test moves by hand, in microseconds. */
public final class FakeClock {
    private long nowMicros;

    /** Starts at 0. */
    public FakeClock() {
        this(0);
    }

    /** Starts at a time of the test's choice. */
    public FakeClock(final long startMicros) {
        nowMicros = startMicros;
    }

    /** The time. */
    public long now() {
        return nowMicros;
    }

    /** Moves on by so many microseconds and returns the new time. */
    public long advance(final long micros) {
        return advanceTo(nowMicros + micros);
    }

    /** Moves on to {@code micros} and returns it; a time that has passed leaves the clock where it is. */
    public long advanceTo(final long micros) {
        nowMicros = Math.max(nowMicros, micros);
        return nowMicros;
    }
}
