package io.millrace.dataplane.pipeline.node;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.Reason;
import java.lang.foreign.MemorySegment;

/** Lets source and destination MAC address of every Ethernet frame change places. Edge: {@code out}. */
public final class MacSwap extends Node {
    private static final int HEADER = 14;

    private final Edge out = edge("out");
    private final Reason tooShort = reason("tooShort", "frames shorter than an Ethernet header");

    /** Makes one. */
    public MacSwap(final String name) {
        super(name);
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        final MemorySegment memory = burst.memory();
        final int count = burst.count();
        burst.sendAll(out);
        for (int i = 0; i < count; i++) {
            if (burst.length(i) < HEADER) {
                burst.drop(i, tooShort);
            } else {
                swap(memory, burst.offset(i), burst.length(i));
            }
        }
    }

    /**
     * Lets the addresses of one frame change places. They and what follows them are read and written as two words that do
     * not overlap: a buffer comes back soon, and loads of what two stores have written would wait for both.
     *
     * @param offset of a frame of at least 14 bytes
     * @param length bytes of the frame
     */
    public static void swap(final MemorySegment memory, final long offset, final int length) {
        if (length >= 2 * Long.BYTES) {
            final long front = Net.i64(memory, offset);
            final long back = Net.i64(memory, offset + 8);
            Net.put64(memory, offset, front << 48 | back >>> 32 << 16 | front >>> 48);
            Net.put64(memory, offset + 8, front << 16 >>> 32 << 32 | (back & 0xFFFF_FFFFL));
        } else {
            final long destination = Net.u48(memory, offset);
            Net.put48(memory, offset, Net.u48(memory, offset + 6));
            Net.put48(memory, offset + 6, destination);
        }
    }
}
