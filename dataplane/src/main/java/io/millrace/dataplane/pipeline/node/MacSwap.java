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
                swap(memory, burst.offset(i));
            }
        }
    }

    /**
     * Lets the addresses of one frame change places. Both are in two words that overlap, bytes 0 to 7 and 4 to 11, which
     * takes two loads and two stores.
     *
     * @param offset of a frame of at least 12 bytes
     */
    public static void swap(final MemorySegment memory, final long offset) {
        final long front = Net.i64(memory, offset);
        final long back = Net.i64(memory, offset + 4);
        Net.put64(memory, offset, back << 16 | front >>> 48);
        Net.put64(memory, offset + 4, back << 48 | front >>> 16);
    }
}
