package io.millrace.stack.socket;

/**
 * How many packets may wait in the queues of all sockets of a stack together, so that sockets that nobody reads do not
 * starve the rest of it of buffers.
 */
public final class QueueBudget {
    private final int limit;
    private int used;

    /**
     * Makes one of which nothing is used.
     *
     * @param limit most packets, at least 1
     */
    public QueueBudget(final int limit) {
        this.limit = limit;
    }

    /** Whether one more packet may wait; counts it if so. */
    public boolean take() {
        if (used == limit) {
            return false;
        }
        used++;
        return true;
    }

    /** Gives back what one packet took. */
    public void giveBack() {
        used--;
    }
}
