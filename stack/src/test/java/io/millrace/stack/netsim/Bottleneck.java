package io.millrace.stack.netsim;

/**
 * The link that all flows share in one direction: so many bytes a second, behind a queue that drops what does not fit.
 */
final class Bottleneck {
    /** A rate, or a queue, without limit. */
    static final long UNLIMITED = Long.MAX_VALUE;

    /** What {@link #transmit} returns for a packet that the queue had no room for. */
    static final long DROPPED = -1;

    private final long bytesPerSecond;
    private final long queueBytes;
    private long freeAt;
    private long packets;
    private long drops;

    Bottleneck(final long bytesPerSecond, final long queueBytes) {
        this.bytesPerSecond = bytesPerSecond;
        this.queueBytes = queueBytes;
    }

    /** Time when a packet has left the link, microseconds, or {@link #DROPPED}. */
    long transmit(final int length, final long now) {
        packets++;
        if (bytesPerSecond == UNLIMITED) {
            return now;
        }
        final long queued = Math.max(0, freeAt - now) * bytesPerSecond / 1_000_000;
        if (queued + length > queueBytes) {
            drops++;
            return DROPPED;
        }
        freeAt = Math.max(freeAt, now) + length * 1_000_000L / bytesPerSecond;
        return freeAt;
    }

    long packets() {
        return packets;
    }

    long drops() {
        return drops;
    }
}
