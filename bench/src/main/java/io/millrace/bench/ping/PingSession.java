package io.millrace.bench.ping;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.ScopedAddress;
import java.io.PrintWriter;
import java.util.Arrays;

/**
 * One run of ping: decides when to ask and when to end, and tells what comes back, in the words and with the exit codes
 * of Linux's ping. Knows neither sockets nor clocks; time is a parameter, in microseconds that never go back.
 *
 * <p>Requests are numbered from 1; their sequence number on the wire is the number's lower 16 bits. Not thread-safe.
 */
final class PingSession {
    /** Bytes of the ICMP header. */
    static final int HEADER = 8;

    private static final int SEQUENCES = 1 << 16;
    private static final int IPV4_HEADER = 20;
    private static final long FLOOD_GAP_MICROS = 10_000;
    private static final long SECOND = 1_000_000;
    private static final long NOTHING = Long.MIN_VALUE;

    private final PingSettings settings;
    private final PrintWriter out;
    private final boolean v4;
    private final PingStatistics statistics = new PingStatistics();

    /** When each sequence number was sent last. */
    private final long[] sentAt = new long[SEQUENCES];

    private final boolean[] answered = new boolean[SEQUENCES];
    private long begun;
    private long lastSent = NOTHING;
    private boolean stopped;

    PingSession(PingSettings settings, PrintWriter out) {
        this.settings = settings;
        this.out = out;
        this.v4 = settings.target().address().family() == IpFamily.V4;
        Arrays.fill(sentAt, NOTHING);
    }

    /**
     * Says what is going to happen.
     *
     * @param from who asks, if the user chose that; else empty
     */
    void begin(String from, long now) {
        begun = now;
        final ScopedAddress target = settings.target();
        final String source = from.isEmpty() ? "" : "from " + from + " ";
        final String size = v4
                ? settings.size() + "(" + (settings.size() + HEADER + IPV4_HEADER) + ") bytes of data."
                : settings.size() + " data bytes";
        out.println("PING " + target + (v4 ? " (" : "(") + target + ") " + source + size);
        out.flush();
    }

    /** Number of the next request, from 1. */
    long nextNumber() {
        return statistics.transmitted + 1;
    }

    /** Whether the next request is due. */
    boolean wantsToSend(long now) {
        return !stopped && (!allSent() || hasDeadline()) && (lastSent == NOTHING || now - lastSent >= gap());
    }

    /** Notes that the next request was sent. */
    void sent(long now) {
        statistics.transmitted++;
        final int slot = slot(statistics.transmitted);
        sentAt[slot] = now;
        answered[slot] = false;
        lastSent = now;
        if (settings.flood() && !settings.quiet()) {
            out.print('.');
            out.flush();
        }
    }

    /** Notes that the next request could not be sent, and that this is why. */
    void refused(String why, long now) {
        statistics.transmitted++;
        lastSent = now;
        failed("ping: local error: " + why);
    }

    /**
     * An answer came.
     *
     * @param sequence of the request, 0 to 65,535
     * @param bytes of its data
     * @param wrong index of the first byte that is not as it was sent; -1 if there is none
     */
    void replied(int sequence, int bytes, int hopLimit, IpAddress from, int wrong, long now) {
        final int slot = sequence & SEQUENCES - 1;
        final long sent = sentAt[slot];
        if (sent == NOTHING) {
            return; // of somebody who had our identifier before
        }
        final boolean again = answered[slot];
        answered[slot] = true;
        if (again) {
            statistics.duplicates++;
        } else {
            statistics.answered(number(slot), now - sent);
        }
        if (wrong >= 0) {
            statistics.corrupted++;
        }
        if (settings.quiet()) {
            return;
        }
        if (settings.flood()) {
            out.print(again ? "" : wrong >= 0 ? "\bC" : "\b \b");
        } else {
            out.println((bytes + HEADER) + " bytes from " + from + ": icmp_seq=" + sequence + " ttl=" + hopLimit
                    + " time=" + PingText.time(now - sent)
                    + (again ? " (DUP!)" : "")
                    + (bytes < settings.size() ? " (truncated)" : "")
                    + (wrong >= 0 ? " (wrong data byte #" + wrong + ")" : ""));
        }
        out.flush();
    }

    /**
     * An error came in place of an answer.
     *
     * @param sequence of the request, 0 to 65,535
     * @param what it says, see {@link PingText#error}
     */
    void errorReported(int sequence, IpAddress from, String what) {
        if (sentAt[sequence & SEQUENCES - 1] != NOTHING) {
            failed("From " + from + " icmp_seq=" + sequence + " " + what);
        }
    }

    /** Ends it as soon as possible. */
    void stop() {
        stopped = true;
    }

    /**
     * Whether there is nothing more to send or to wait for. As with Linux, with a deadline as many answers are wanted as
     * requests without one, and an error ends it.
     */
    boolean over(long now) {
        if (stopped) {
            return true;
        }
        if (hasDeadline()) {
            return now - begun >= settings.deadlineMicros()
                    || statistics.errors > 0
                    || (settings.count() > 0 && statistics.received >= settings.count());
        }
        return allSent()
                && (statistics.received + statistics.errors >= statistics.transmitted || now - lastSent >= patience());
    }

    /**
     * Says how it went.
     *
     * @return 0 if there was an answer, and with a deadline as many as were asked for; else 1
     */
    int end(long now) {
        final long elapsed = (lastSent == NOTHING ? begun : settings.flood() ? lastSent : now) - begun;
        out.println();
        out.println("--- " + settings.target() + " ping statistics ---");
        out.println(statistics.counts(elapsed));
        out.println(statistics.times(settings.flood(), elapsed));
        out.flush();
        final boolean enough = !hasDeadline() || statistics.received >= settings.count();
        return statistics.received > 0 && enough ? 0 : 1;
    }

    private void failed(String line) {
        statistics.errors++;
        if (!settings.quiet()) {
            if (settings.flood()) {
                out.print("\bE");
            } else {
                out.println(line);
            }
            out.flush();
        }
    }

    private boolean hasDeadline() {
        return settings.deadlineMicros() > 0;
    }

    private boolean allSent() {
        return settings.count() > 0 && statistics.transmitted >= settings.count();
    }

    private long gap() {
        if (!settings.flood()) {
            return settings.intervalMicros();
        }
        final long fastest = SECOND / settings.floodRate();
        final boolean waiting = statistics.received + statistics.errors < statistics.transmitted;
        return waiting ? Math.max(FLOOD_GAP_MICROS, fastest) : fastest;
    }

    /** As Linux: with answers as long as two more could take, else as long as the user says. */
    private long patience() {
        return statistics.received == 0
                ? settings.timeoutMicros()
                : Math.max(2 * statistics.max(), settings.intervalMicros());
    }

    /** The latest request with a sequence number. */
    private long number(int slot) {
        final long behind = (statistics.transmitted - slot) & SEQUENCES - 1;
        return statistics.transmitted - behind;
    }

    private static int slot(long number) {
        return (int) (number & SEQUENCES - 1);
    }
}
