package io.millrace.dataplane.port.middleware;

/** Which way a packet goes, seen from the application. */
public enum Direction {
    /** From the port. */
    RECEIVED("<-"),
    /** To the port. */
    SENT("->");

    private final String arrow;

    Direction(final String arrow) {
        this.arrow = arrow;
    }

    /** {@code <-} or {@code ->}, for text. */
    public String arrow() {
        return arrow;
    }
}
