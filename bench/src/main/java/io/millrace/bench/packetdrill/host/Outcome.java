package io.millrace.bench.packetdrill.host;

/**
 * What a system call returned.
 *
 * @param value its result, -1 for an error
 * @param errno number of the error, 0 for none
 */
public record Outcome(long value, int errno) {
    /** Done, and nothing to tell. */
    public static final Outcome ZERO = new Outcome(0, 0);

    /** A result. */
    public static Outcome of(final long value) {
        return new Outcome(value, 0);
    }

    /** A failure. */
    public static Outcome error(final int errno) {
        return new Outcome(-1, errno);
    }
}
