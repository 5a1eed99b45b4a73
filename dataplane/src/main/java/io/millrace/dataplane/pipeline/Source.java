package io.millrace.dataplane.pipeline;

/**
 * A node where packets begin: it has no predecessors and fills its vector itself, on every poll of the graph. By default
 * all of them go along its one edge, {@code out}.
 */
public abstract class Source extends Node {
    @SuppressWarnings("this-escape") // to a final method of the class above
    private final Edge out = edge("out");

    private final int most;

    /**
     * Makes a source.
     *
     * @param most packets of a poll, at least 1
     */
    protected Source(final String name, final int most) {
        super(name);
        if (most < 1 || most > Graph.MAX_VECTOR) {
            throw new IllegalArgumentException(
                    name + " has bursts of " + most + " packets; they have 1 to " + Graph.MAX_VECTOR);
        }
        this.most = most;
    }

    /**
     * Supplies packets.
     *
     * @param handles receives them, from index 0 on; the graph owns them from then on
     * @param max how many at most
     * @return how many
     */
    protected abstract int fill(long[] handles, int max, long nowMicros);

    /** Sends all packets along {@code out}, unless this is overridden. */
    @Override
    protected void process(final Burst burst, final long nowMicros) {
        burst.sendAll(out);
    }

    final int most() {
        return most;
    }

    final void fill(final long nowMicros) {
        burst().filled(fill(burst().handles(), most, nowMicros));
    }
}
