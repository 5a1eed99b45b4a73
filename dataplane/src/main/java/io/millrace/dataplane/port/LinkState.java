package io.millrace.dataplane.port;

/**
 * A port's link at one moment.
 *
 * @param up whether it is up
 * @param downs how often it has lost its carrier since a beginning of the device's own; {@link #UNCOUNTED} if nobody counts
 */
public record LinkState(boolean up, long downs) {
    /** The device does not count how often its link goes down. */
    public static final long UNCOUNTED = -1;

    /** A link of which is known only whether it is up. */
    public static LinkState of(final boolean up) {
        return new LinkState(up, UNCOUNTED);
    }

    /** How often it has gone down since another moment; 0 if that was not counted, or from another beginning. */
    public long downsSince(final LinkState before) {
        return downs == UNCOUNTED || before.downs == UNCOUNTED ? 0 : Math.max(0, downs - before.downs);
    }
}
