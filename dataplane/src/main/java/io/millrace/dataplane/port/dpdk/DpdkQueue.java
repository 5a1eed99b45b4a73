package io.millrace.dataplane.port.dpdk;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.BufferLedger;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dpdk.BurstFunctions;
import io.millrace.dpdk.EalException;
import io.millrace.dpdk.Mbufs;
import io.millrace.dpdk.ThreadRegistration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A queue pair of a DPDK port. The driver deals in addresses of mbufs, everyone else in handles; here one becomes the
 * other, and every packet is checked on the way, in both directions.
 */
final class DpdkQueue implements PortQueue {
    /** Most packets of one call into the driver. */
    static final int MAX_BURST = 512;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    /** {@code refcnt} and {@code nb_segs}, behind {@code data_off} in the word that begins with it. */
    private static final int SOLE_OWNER_ONE_SEGMENT = 0x0001_0001;

    private static final int REFCNT_SHIFT = 16;

    /** Buffers held ready for copies, once there was one. */
    private static final int COPIES = 16;

    private final DpdkPool pool;

    /** Of this queue alone: who polls it may be another than the one whose shard it is. */
    private final PoolCache copies;

    /** Changes only while whoever polls is kept out. */
    private BurstFunctions burst;

    private final @Nullable LongSends longSends;
    private final MemorySegment memory;
    private final BufferLedger ledger;
    private final long base;
    private final long lastHandle;

    /** Address of the data room that the buffer at offset 0 has. */
    private final long firstDataRoom;

    private final int dataRoom;
    private final MemorySegment received = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, MAX_BURST);
    private final long receivedAddress = received.address();
    private final MemorySegment sent = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, MAX_BURST);
    private final long sentAddress = sent.address();
    private final Traffic rx = new Traffic();
    private final Traffic tx = new Traffic();

    /** Of everything but the traffic. */
    private final Counters<DpdkCounter> counters = new Counters<>(DpdkCounter.class);

    private final boolean marks;
    private boolean registered;

    /** Whether whoever polls is to keep out of the driver, since the device is opened anew. */
    private volatile boolean held;

    /** Whether it has seen that. */
    private volatile boolean out;

    /**
     * Makes a queue.
     *
     * @param longSends looks at packets that the device is to cut; null if it cuts none
     * @param marks whether buffers are marked when they change hands, since the driver will forget some
     */
    DpdkQueue(
            final DpdkPool pool, final BurstFunctions burst, final @Nullable LongSends longSends, final boolean marks) {
        this.pool = pool;
        this.copies = new PoolCache(pool, COPIES);
        this.burst = burst;
        this.longSends = longSends;
        this.marks = marks;
        this.memory = pool.memory();
        this.ledger = BufferLedger.of(pool);
        this.base = memory.address();
        this.firstDataRoom = base + pool.dataRoomOffset();
        this.dataRoom = pool.dataRoom();
        this.lastHandle = memory.byteSize() - pool.dataRoomOffset() - dataRoom;
    }

    /** A counter's value. */
    long count(final DpdkCounter name) {
        return switch (name) {
            case RX_PACKETS -> rx.packets();
            case RX_BYTES -> rx.bytes();
            case TX_PACKETS -> tx.packets();
            case TX_BYTES -> tx.bytes();
            default -> counters.get(name);
        };
    }

    /** Keeps the thread that polls out of the driver from its next call on, which then does nothing, or lets it in again. */
    void hold(final boolean keepOut) {
        out = false;
        held = keepOut;
    }

    /** Whether the thread that polls knows that it is kept out, and so is out. */
    boolean isOut() {
        return out;
    }

    /** Goes on with a device that was opened anew. Whoever polls is kept out. */
    void renew(final BurstFunctions functions) {
        burst = functions;
    }

    /** Whether the driver must not be called. */
    private boolean staysOut() {
        if (held) {
            out = true;
            return true;
        }
        return false;
    }

    /** Gives back what is held ready. Nobody polls any more. */
    void flush() {
        copies.flush();
    }

    /** Packets dropped in both directions. */
    long drops() {
        return counters.drops();
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        if (staysOut()) {
            return 0;
        }
        if (!registered) {
            register();
        }
        final int count = burst.receive(receivedAddress, Math.min(max, MAX_BURST));
        int accepted = 0;
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            final long handle = received.getAtIndex(U64, i) - base;
            final int length = wholeLength(handle);
            if (length >= 0) {
                ledger.taken(handle);
                bytes += length;
                handles[accepted++] = handle;
            } else {
                final long whole = linearise(handle);
                if (whole == PacketPool.NONE) {
                    refuse(handle);
                } else {
                    bytes += BufferHeader.length(memory, whole);
                    handles[accepted++] = whole;
                }
                Mbufs.free(receivedAddress + (long) i * Long.BYTES, 1);
            }
        }
        if (marks) {
            mark(handles, 0, accepted, BufferHeader.OWN_PORT);
        }
        if (accepted > 0) {
            rx.add(accepted, bytes);
        }
        return accepted;
    }

    /**
     * Length of the packet if the handle is one of the pool's buffers and holds a whole packet that is ours alone; else
     * -1. Each read costs a check of the pool's bounds, so there are as few as can be.
     */
    private int wholeLength(final long handle) {
        if (!isBuffer(handle)) {
            return -1;
        }
        final long ownership = memory.get(U64, handle + BufferHeader.DATA_OFF_OFFSET);
        final int length = BufferHeader.length(memory, handle);
        return (int) (ownership >>> REFCNT_SHIFT) == SOLE_OWNER_ONE_SEGMENT
                        && (int) (ownership & 0xFFFF) + length <= dataRoom
                ? length
                : -1;
    }

    /** The pool's memory holds mbufs, and one is a buffer of its own if its data room is the one behind it. */
    boolean isBuffer(final long handle) {
        return Long.compareUnsigned(handle, lastHandle) <= 0
                && memory.get(U64, handle + BufferHeader.BUF_ADDR_OFFSET) - handle == firstDataRoom;
    }

    /** Whether what a buffer holds lies within it. */
    boolean fits(final long handle) {
        return BufferHeader.dataOff(memory, handle) + BufferHeader.length(memory, handle) <= dataRoom;
    }

    /**
     * Copies a packet that lies in several of the pool's buffers into one. A driver makes such packets of what is larger
     * than a buffer, but also of what it gets in pieces.
     *
     * @return the copy, or {@link PacketPool#NONE} if the packet is not of that kind, or too large, or no buffer is free
     */
    private long linearise(final long first) {
        if (!isBuffer(first)) {
            return PacketPool.NONE;
        }
        final int segments = memory.get(U16, first + BufferHeader.NB_SEGS_OFFSET) & 0xFFFF;
        if (segments < 2) {
            return PacketPool.NONE;
        }
        int length = 0;
        long segment = first;
        for (int i = 0; i < segments; i++) {
            if (!isBuffer(segment) || !fits(segment)) {
                return PacketPool.NONE;
            }
            length += BufferHeader.length(memory, segment);
            segment = memory.get(U64, segment + BufferHeader.NEXT_OFFSET) - base;
        }
        if (length > dataRoom - pool.headroom()) {
            return PacketPool.NONE;
        }
        final long copy = copies.allocate();
        if (copy != PacketPool.NONE) {
            long to = pool.dataOffset(copy);
            segment = first;
            for (int i = 0; i < segments; i++) {
                final int piece = BufferHeader.length(memory, segment);
                MemorySegment.copy(memory, pool.dataOffset(segment), memory, to, piece);
                to += piece;
                segment = memory.get(U64, segment + BufferHeader.NEXT_OFFSET) - base;
            }
            BufferHeader.length(memory, copy, length);
            counters.increment(DpdkCounter.RX_LINEARISED);
        }
        return copy;
    }

    /** Counts why a packet is refused. */
    private void refuse(final long handle) {
        final DpdkCounter reason;
        if (!isBuffer(handle)) {
            reason = DpdkCounter.RX_FOREIGN_BUFFER;
        } else if ((memory.get(U16, handle + BufferHeader.NB_SEGS_OFFSET) & 0xFFFF) != 1) {
            reason = DpdkCounter.RX_SCATTERED;
        } else if ((memory.get(U16, handle + BufferHeader.REFCNT_OFFSET) & 0xFFFF) != 1) {
            reason = DpdkCounter.RX_SHARED_BUFFER;
        } else {
            reason = DpdkCounter.RX_BAD_LENGTH;
        }
        counters.increment(reason);
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        if (staysOut()) {
            return 0;
        }
        if (!registered) {
            register();
        }
        final int limit = Math.min(count, MAX_BURST);
        if (longSends != null) {
            longSends.begin();
        }
        int ready = 0;
        long bytes = 0;
        while (ready < limit) {
            final long handle = handles[from + ready];
            ledger.check(handle);
            final int length = BufferHeader.length(memory, handle);
            if (length == 0 || BufferHeader.dataOff(memory, handle) + length > dataRoom) {
                break;
            }
            if (longSends != null) {
                if (!longSends.admits(handle, this)) {
                    break;
                }
                bytes += BufferHeader.packetLength(memory, handle) - length;
            }
            bytes += length;
            sent.setAtIndex(U64, ready++, base + handle);
        }
        DpdkCounter reason = DpdkCounter.TX_BAD_LENGTH;
        if (longSends != null && longSends.any()) {
            final int prepared = burst.prepare(sentAddress, ready);
            if (prepared < ready) {
                reason = DpdkCounter.TX_REFUSED;
            }
            for (; ready > prepared; ready--) {
                bytes -= BufferHeader.packetLength(memory, handles[from + ready - 1]);
            }
        }
        final int taken = ready == 0 ? 0 : send(handles, from, ready, bytes);
        // What cannot be sent waits for those before it, so that the order of what is taken holds.
        return taken == ready && ready < limit ? taken + discard(handles[from + ready], reason) : taken;
    }

    private int send(final long[] handles, final int from, final int ready, final long bytes) {
        if (marks) {
            mark(handles, from, ready, ForgottenBuffers.SENT_PORT);
        }
        final int taken = burst.transmit(sentAddress, ready);
        if (marks) {
            mark(handles, from + taken, ready - taken, BufferHeader.OWN_PORT);
        }
        // What was taken may be freed and another's by now; what was not is still ours.
        long takenBytes = bytes;
        for (int i = taken; i < ready; i++) {
            takenBytes -= BufferHeader.packetLength(memory, handles[from + i]);
        }
        tx.add(taken, takenBytes);
        return taken;
    }

    private void mark(final long[] handles, final int from, final int count, final int port) {
        for (int i = 0; i < count; i++) {
            BufferHeader.port(memory, handles[from + i], port);
        }
    }

    private int discard(final long handle, final DpdkCounter reason) {
        counters.increment(reason);
        if (reason == DpdkCounter.TX_BAD_LENGTH) {
            // Nothing is known of further buffers; DPDK would follow them.
            memory.set(U16, handle + BufferHeader.NB_SEGS_OFFSET, (short) 1);
            memory.set(U64, handle + BufferHeader.NEXT_OFFSET, 0);
        }
        sent.setAtIndex(U64, 0, base + handle);
        Mbufs.free(sentAddress, 1);
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
