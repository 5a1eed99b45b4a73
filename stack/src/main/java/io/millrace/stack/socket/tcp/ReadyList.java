package io.millrace.stack.socket.tcp;

import org.jspecify.annotations.Nullable;

/** The connections that have something to send, in the order in which they get their turns. */
final class ReadyList {
    private static final int WAITING_AT_ONCE = 16;

    private final int burst;
    private @Nullable TcpConnection first;
    private @Nullable TcpConnection last;

    /**
     * Makes an empty list.
     *
     * @param burst most segments of one turn
     */
    ReadyList(final int burst) {
        this.burst = burst;
    }

    /** Whether nobody has anything to send. */
    boolean isEmpty() {
        return first == null;
    }

    /** Adds a connection, unless it is there. */
    void add(final TcpConnection c) {
        if (!c.ready) {
            c.ready = true;
            final TcpConnection before = last;
            if (before == null) {
                first = c;
            } else {
                before.readyNext = c;
            }
            last = c;
        }
    }

    private @Nullable TcpConnection poll() {
        final TcpConnection c = first;
        if (c != null) {
            first = c.readyNext;
            if (first == null) {
                last = null;
            }
            c.readyNext = null;
            c.ready = false;
        }
        return c;
    }

    /** The link takes nothing: some connections, others each time, see to it that they do not wait for ever. */
    private void stall(final long now) {
        final TcpConnection end = last;
        for (int i = 0; i < WAITING_AT_ONCE; i++) {
            final TcpConnection c = poll();
            if (c == null) {
                return;
            }
            c.engine.timers.stall(c, now);
            add(c);
            if (c == end) {
                return;
            }
        }
    }

    /**
     * Gives every connection a turn, as long as the link takes segments.
     *
     * @param budget most segments of all together
     * @return how many were sent
     */
    int transmit(final TcpEgress egress, final SegmentWriter writer, final int budget, final long now) {
        writer.unblock();
        if (writer.blocked()) {
            stall(now);
            return 0;
        }
        int sent = 0;
        final TcpConnection end = last;
        while (sent < budget && !writer.blocked()) {
            final TcpConnection c = poll();
            if (c == null) {
                break;
            }
            final int left = egress.run(c, now, Math.min(burst, budget - sent));
            sent += left;
            if (left > 0 && c.options != null) {
                c.engine.events.addWritable(c); // what was queued is sent: there may be a limit to what is not
            }
            if (writer.blocked() || egress.moreToSend(c)) {
                add(c);
            }
            if (c == end) {
                break; // everyone had a turn
            }
        }
        return sent;
    }
}
