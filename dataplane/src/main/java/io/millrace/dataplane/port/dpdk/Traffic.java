package io.millrace.dataplane.port.dpdk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Packets and bytes in one direction, counted once a burst by the one thread that polls and read by any. Fields of its
 * own instead of two entries of a counter set: with bursts of one packet each nanosecond here is felt.
 */
final class Traffic {
    private static final VarHandle PACKETS = handle("packets");
    private static final VarHandle BYTES = handle("bytes");

    @SuppressWarnings("UnusedVariable") // read through its handle
    private long packets;

    @SuppressWarnings("UnusedVariable") // read through its handle
    private long bytes;

    /** Counts a burst. Owner thread only. */
    void add(final int morePackets, final long moreBytes) {
        // Opaque is enough for readers and costs no fence; the owner is the only writer.
        PACKETS.setOpaque(this, packets + morePackets);
        BYTES.setOpaque(this, bytes + moreBytes);
    }

    long packets() {
        return (long) PACKETS.getOpaque(this);
    }

    long bytes() {
        return (long) BYTES.getOpaque(this);
    }

    private static VarHandle handle(final String field) {
        try {
            return MethodHandles.lookup()
                    .findVarHandle(Traffic.class, field, long.class)
                    .withInvokeExactBehavior();
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
