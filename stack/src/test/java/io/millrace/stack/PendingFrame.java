package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.testkit.Frames;

/** The frame that a test's port receives next. */
final class PendingFrame {
    private long handle = PacketPool.NONE;

    /** Makes a packet of it. */
    void put(final PoolCache cache, final byte[] frame) {
        handle = Frames.packet(cache, Frames.ofBytes(frame));
    }

    /** As a queue's: hands the packet out, once. */
    int receive(final long[] handles) {
        if (handle == PacketPool.NONE) {
            return 0;
        }
        handles[0] = handle;
        handle = PacketPool.NONE;
        return 1;
    }

    /** The stack must have received it. */
    void assertReceived() {
        assertEquals(PacketPool.NONE, handle);
    }
}
