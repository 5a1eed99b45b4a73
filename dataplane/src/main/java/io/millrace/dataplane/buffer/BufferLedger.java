package io.millrace.dataplane.buffer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Debug mode's bookkeeping of who owns a buffer (system property {@code io.millrace.debug}, read once). Freed buffers are
 * filled with {@code 0xDE} and their header's {@code dynfield1} tag changes, so that a second free is refused at once and
 * a late read is seen. Without debug mode every method is empty and disappears.
 *
 * <p>The tag lives in the buffer, so it follows it through drivers and other threads. Drivers that take buffers
 * themselves report them with {@link #taken}.
 */
public final class BufferLedger {
    /** Whether buffers are watched. */
    public static final boolean ENABLED = Boolean.getBoolean("io.millrace.debug");

    /** Last word of {@code dynfield1}, which DPDK hands out from the front. */
    private static final int TAG_OFFSET = 124;

    private static final int FREE = 0xF4EE_F4EE;
    private static final ValueLayout.OfInt TAG = ValueLayout.JAVA_INT_UNALIGNED;

    private final PacketPool pool;
    private final MemorySegment memory;

    private BufferLedger(final PacketPool pool) {
        this.pool = pool;
        this.memory = pool.memory();
    }

    /** The ledger of a pool. */
    public static BufferLedger of(final PacketPool pool) {
        return new BufferLedger(pool);
    }

    /** Notes that a buffer left the pool. */
    public void taken(final long handle) {
        if (ENABLED) {
            memory.set(TAG, handle + TAG_OFFSET, 0);
        }
    }

    /**
     * Notes that a buffer goes back to the pool.
     *
     * @throws IllegalStateException in debug mode, if it is there already
     */
    public void given(final long handle) {
        if (ENABLED) {
            check(handle);
            // Filling would need a slice, which is an object wherever it is not compiled away.
            MemorySegment.copy(Poison.BYTES, 0, memory, handle + pool.dataRoomOffset(), pool.dataRoom());
            memory.set(TAG, handle + TAG_OFFSET, FREE);
        }
    }

    /**
     * Checks that a buffer is not in the pool.
     *
     * @throws IllegalStateException in debug mode, if it is
     */
    public void check(final long handle) {
        if (ENABLED && memory.get(TAG, handle + TAG_OFFSET) == FREE) {
            throw new IllegalStateException("buffer 0x" + Long.toHexString(handle) + " is used after it was freed");
        }
    }

    /** As much as the largest data room has. */
    private static final class Poison {
        static final MemorySegment BYTES = Arena.global().allocate(0xFFFF).fill((byte) 0xDE);
    }
}
