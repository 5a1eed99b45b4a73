package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.script.Event;
import io.millrace.bench.packetdrill.script.Event.Timing;
import java.util.Locale;

/** When things are to happen, and whether they did then. Times are microseconds since the script began. */
final class Clock {
    private final Settings settings;
    private Timing timing = Timing.ABSOLUTE;
    private long last;
    private long before;
    private long from;
    private long to;

    Clock(final Settings settings) {
        this.settings = settings;
    }

    /** The next event. */
    void begin(final Event event) {
        timing = event.timing();
        before = last;
        from = absolute(event, event.from(), last);
        to = absolute(event, event.to(), last);
    }

    /** The event is over. */
    void end(final long now) {
        last = now;
    }

    /** When the event before was over. */
    long last() {
        return last;
    }

    /** When the event is to happen, at the earliest if that is a range. */
    long from() {
        return from;
    }

    /** When the event is to happen at the latest. */
    long to() {
        return to;
    }

    boolean anyTime() {
        return timing == Timing.ANY;
    }

    /** A time that is meant as an event's are, if the event before was over at {@code since}. */
    long absolute(final Event event, final long time, final long since) {
        return switch (event.timing()) {
            case ABSOLUTE, ABSOLUTE_RANGE -> time;
            case RELATIVE, RELATIVE_RANGE -> since + time;
            case ANY -> since;
        };
    }

    /** Checks that the event happened in time. */
    void check(final long actual, final String what) {
        if (timing != Timing.ANY) {
            check(from, to, actual, before, what);
        }
    }

    /** Checks that something happened in time: the more waiting, the more tolerance. */
    void check(final long earliest, final long latest, final long actual, final long since, final String what) {
        final long tolerance =
                Math.max(settings.toleranceMicros, (long) (settings.tolerancePercent / 100 * (earliest - since)));
        if (actual >= earliest - tolerance && actual <= latest + tolerance) {
            return;
        }
        throw new MismatchException(
                earliest == latest
                        ? String.format(
                                Locale.ROOT,
                                "timing error: expected %s at %.6f sec but happened at %.6f sec; tolerance %.6f sec",
                                what,
                                earliest / 1e6,
                                actual / 1e6,
                                tolerance / 1e6)
                        : String.format(
                                Locale.ROOT,
                                "timing error: expected %s in time range %.6f~%.6f sec but happened at %.6f sec",
                                what,
                                earliest / 1e6,
                                latest / 1e6,
                                actual / 1e6));
    }
}
