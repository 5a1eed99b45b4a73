package io.millrace.dataplane.port.dpdk;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.BufferLedger;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dpdk.BurstFunctions;
import io.millrace.dpdk.EalException;
import io.millrace.dpdk.Mbufs;
import io.millrace.dpdk.ThreadRegistration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A queue pair of a DPDK port. The driver deals in addresses of mbufs, everyone else in handles; here one becomes the
 * other, and every packet is checked on the way, in both directions.
 */
final class DpdkQueue implements PortQueue {
    /** Most packets of one call into the driver. */
    static final int MAX_BURST = 512;

    private static final long ALIGNMENT_MASK = 63;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    /** {@code refcnt} and {@code nb_segs} in the word that begins with {@code data_off}. */
    private static final long OWNERSHIP_MASK = 0x0000_FFFF_FFFF_0000L;

    private static final long SOLE_OWNER_ONE_SEGMENT = 0x0000_0001_0001_0000L;
    private static final int REFCNT_SHIFT = 16;

    private final BurstFunctions burst;
    private final MemorySegment memory;
    private final BufferLedger ledger;
    private final long base;
    private final long lastHandle;
    private final long dataRoomOffset;
    private final int dataRoom;
    private final MemorySegment received = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, MAX_BURST);
    private final MemorySegment sent = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, MAX_BURST);
    private final Counters<DpdkCounter> counters = new Counters<>(DpdkCounter.class);
    private boolean registered;

    DpdkQueue(final DpdkPool pool, final BurstFunctions burst) {
        this.burst = burst;
        this.memory = pool.memory();
        this.ledger = BufferLedger.of(pool);
        this.base = memory.address();
        this.dataRoomOffset = pool.dataRoomOffset();
        this.dataRoom = pool.dataRoom();
        this.lastHandle = memory.byteSize() - dataRoomOffset - dataRoom;
    }

    Counters<DpdkCounter> counters() {
        return counters;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        if (!registered) {
            register();
        }
        final int count = burst.receive(received.address(), Math.min(max, MAX_BURST));
        int accepted = 0;
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            final long address = received.getAtIndex(ValueLayout.JAVA_LONG, i);
            final long handle = address - base;
            if (isWhole(handle)) {
                ledger.taken(handle);
                bytes += BufferHeader.length(memory, handle);
                handles[accepted++] = handle;
            } else {
                refuse(i);
            }
        }
        if (accepted > 0) {
            counters.add(DpdkCounter.RX_PACKETS, accepted);
            counters.add(DpdkCounter.RX_BYTES, bytes);
        }
        return accepted;
    }

    /** Whether a handle is one of the pool's buffers and holds a whole packet that is ours alone. */
    private boolean isWhole(final long handle) {
        return isBuffer(handle)
                && (memory.get(U64, handle + BufferHeader.DATA_OFF_OFFSET) & OWNERSHIP_MASK) == SOLE_OWNER_ONE_SEGMENT
                && memory.get(U64, handle + BufferHeader.NEXT_OFFSET) == 0
                && fits(handle);
    }

    /** An mbuf is cache aligned, and a buffer of its own if its data room is the one behind it. */
    private boolean isBuffer(final long handle) {
        return handle >= 0
                && handle <= lastHandle
                && (handle & ALIGNMENT_MASK) == 0
                && memory.get(U64, handle + BufferHeader.BUF_ADDR_OFFSET) == base + handle + dataRoomOffset;
    }

    private boolean fits(final long handle) {
        return BufferHeader.dataOff(memory, handle) + BufferHeader.length(memory, handle) <= dataRoom;
    }

    /** Frees the packet at an index of {@link #received} and counts why. */
    private void refuse(final int index) {
        final long handle = received.getAtIndex(ValueLayout.JAVA_LONG, index) - base;
        final DpdkCounter reason;
        if (!isBuffer(handle)) {
            reason = DpdkCounter.RX_FOREIGN_BUFFER;
        } else if ((memory.get(U64, handle + BufferHeader.DATA_OFF_OFFSET) >>> REFCNT_SHIFT & 0xFFFF) != 1) {
            reason = DpdkCounter.RX_SHARED_BUFFER;
        } else if (fits(handle)) {
            reason = DpdkCounter.RX_SCATTERED;
        } else {
            reason = DpdkCounter.RX_BAD_LENGTH;
        }
        counters.increment(reason);
        Mbufs.free(received.address() + (long) index * Long.BYTES, 1);
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        if (!registered) {
            register();
        }
        final int limit = Math.min(count, MAX_BURST);
        int ready = 0;
        long bytes = 0;
        while (ready < limit) {
            final long handle = handles[from + ready];
            ledger.check(handle);
            final int length = BufferHeader.length(memory, handle);
            if (length == 0 || BufferHeader.dataOff(memory, handle) + length > dataRoom) {
                break;
            }
            bytes += length;
            sent.setAtIndex(ValueLayout.JAVA_LONG, ready++, base + handle);
        }
        final int taken = ready == 0 ? 0 : send(handles, from, ready, bytes);
        // What cannot be sent waits for those before it, so that the order of what is taken holds.
        return taken == ready && ready < limit ? taken + discard(handles[from + ready]) : taken;
    }

    private int send(final long[] handles, final int from, final int ready, final long bytes) {
        final int taken = burst.transmit(sent.address(), ready);
        // What was taken may be freed and another's by now; what was not is still ours.
        long takenBytes = bytes;
        for (int i = taken; i < ready; i++) {
            takenBytes -= BufferHeader.length(memory, handles[from + i]);
        }
        counters.add(DpdkCounter.TX_PACKETS, taken);
        counters.add(DpdkCounter.TX_BYTES, takenBytes);
        return taken;
    }

    private int discard(final long handle) {
        counters.increment(DpdkCounter.TX_BAD_LENGTH);
        sent.setAtIndex(ValueLayout.JAVA_LONG, 0, base + handle);
        Mbufs.free(sent.address(), 1);
        return 1;
    }

    /** The thread that polls keeps its registration: there is no moment at which it would know that it polls no more. */
    @SuppressWarnings("MustBeClosed")
    private void register() {
        registered = true;
        try {
            ThreadRegistration.register();
        } catch (final EalException e) {
            // All lcore ids are taken. Everything works without one, but for the thread's cache of buffers.
            System.getLogger(DpdkQueue.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
        }
    }
}
