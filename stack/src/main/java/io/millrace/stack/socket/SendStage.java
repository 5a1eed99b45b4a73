package io.millrace.stack.socket;

/**
 * Places on the way of what is sent whose time a socket can be asked for, in the order in which they are passed: what
 * SO_TIMESTAMPING tells of on Linux. Times are those of the poll of the stack in which a place is passed, microseconds, so
 * they are no finer than the stack is polled.
 */
public enum SendStage {
    /** The packet was made for the interface: SCM_TSTAMP_SCHED. From here on it waits for a neighbour, or the port. */
    SCHEDULED,
    /** The port took the packet: SCM_TSTAMP_SND. A packet to ourselves is taken as soon as it is made. */
    SENT,
    /** The peer acknowledged the byte (TCP only): SCM_TSTAMP_ACK. */
    ACKNOWLEDGED;

    /** No stage, where several may be asked for. */
    public static final int NONE = 0;

    /** All stages. */
    public static final int ALL = 7;

    private static final SendStage[] STAGES = values();

    /** The stage at a place in this list. */
    public static SendStage of(final int place) {
        return STAGES[place];
    }

    /** Its bit, where several stages are asked for at once. */
    public int bit() {
        return 1 << ordinal();
    }

    /** Whether it is among {@code stages}. */
    public boolean isIn(final int stages) {
        return (stages & bit()) != 0;
    }

    /**
     * Checks a set of stages.
     *
     * @throws IllegalArgumentException if there are bits of none
     */
    public static int check(final int stages) {
        if ((stages & ~ALL) != 0) {
            throw new IllegalArgumentException(
                    "stages 0x" + Integer.toHexString(stages) + "; they are bits of SendStage, 0 to " + ALL);
        }
        return stages;
    }
}
