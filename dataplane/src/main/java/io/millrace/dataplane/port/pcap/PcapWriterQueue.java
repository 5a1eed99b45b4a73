package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.PortQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A queue that writes what another one receives and sends to a capture, in that order. Packets that the other queue did
 * not take are not in it, nor those that the capture's filter does not want. The polling thread copies packets to memory,
 * which goes to the capture's own thread once a piece of it is full or a second old. While none is free, for that thread
 * is behind, packets are left out and counted as {@link PcapCounter#BEHIND}; no poll waits for a file.
 */
public final class PcapWriterQueue implements PortQueue {
    private static final long FLUSH_MICROS = 1_000_000;

    private final PortQueue queue;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final PcapFile file;
    private final CaptureEncoder encoder;
    private final PacketFilter.@Nullable Matcher filter;
    private final Counters<PcapCounter> counters = new Counters<>(PcapCounter.class);
    private final CaptureWriter writer;
    private MemorySegment whole = MemorySegment.NULL;

    /** What is being filled; null if there was none. */
    private @Nullable CapturePiece piece;

    /** Packets of this burst that there was no piece for. */
    private int behind;

    private long oldestMicros;

    /**
     * Wraps a queue.
     *
     * @param queue what to capture
     * @param pool of its packets
     * @param file where to; closing it writes the rest of this queue's packets
     */
    public PcapWriterQueue(final PortQueue queue, final PacketPool pool, final PcapFile file) {
        this.queue = queue;
        this.pool = pool;
        this.memory = pool.memory();
        this.file = file;
        this.encoder = file.encoder();
        this.filter = file.filter();
        this.writer = file.add(this);
        this.piece = nextPiece();
    }

    /** What this queue wrote. */
    public Counters<PcapCounter> counters() {
        return counters;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        final int count = queue.receive(handles, max, nowMicros);
        for (int i = 0; i < count; i++) {
            if (wants(handles[i])) {
                makeRoom(handles[i]);
                record(handles[i], nowMicros, false);
            }
        }
        countBehind();
        flushIfOld(nowMicros);
        return count;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        int sent = 0;
        while (sent < count) {
            // The queue may free a packet as soon as it takes it, so each is recorded before, and the records of those
            // that were not taken are dropped again. That works only while their piece is still ours.
            flushIfOld(nowMicros);
            makeRoom(handles[from + sent]);
            int end = sent;
            while (end < count && (piece == null || fits(piece, handles[from + end]))) {
                if (wants(handles[from + end])) {
                    record(handles[from + end], nowMicros, true);
                }
                end++;
            }
            final int taken = queue.transmit(handles, from + sent, end - sent, nowMicros);
            unrecord(handles, from + sent + taken, end - sent - taken);
            countBehind();
            sent += taken;
            if (sent < end) {
                break;
            }
        }
        return sent;
    }

    /** Has written what was gathered. */
    void flush() {
        final CapturePiece filled = piece;
        if (filled != null && filled.used > 0) {
            piece = null;
            writer.hand(filled);
        }
    }

    private void flushIfOld(final long nowMicros) {
        if (piece != null && piece.used > 0 && nowMicros - oldestMicros >= FLUSH_MICROS) {
            flush();
        }
    }

    private @Nullable CapturePiece nextPiece() {
        final CapturePiece next = writer.take();
        if (next != null) {
            next.begin(counters);
        }
        return next;
    }

    /** Sees to it that a packet fits into the piece, if there is any. */
    private void makeRoom(final long handle) {
        if (piece != null && !fits(piece, handle)) {
            flush();
        }
        if (piece == null) {
            piece = nextPiece();
        }
    }

    private boolean wants(final long handle) {
        final PacketFilter.Matcher matcher = filter;
        if (matcher == null) {
            return true;
        }
        final int length = BufferHeader.packetLength(memory, handle);
        return isChain(handle)
                ? matcher.matches(joined(handle, length), 0, length)
                : matcher.matches(memory, pool.dataOffset(handle), length);
    }

    private boolean fits(final CapturePiece into, final long handle) {
        return into.used + encoder.size(BufferHeader.packetLength(memory, handle)) <= CapturePiece.SIZE;
    }

    private void record(final long handle, final long nowMicros, final boolean sent) {
        final CapturePiece into = piece;
        if (into == null) {
            behind++;
            return;
        }
        if (into.used == 0) {
            oldestMicros = nowMicros;
        }
        final int length = BufferHeader.packetLength(memory, handle);
        final boolean chain = isChain(handle);
        encoder.write(
                into.memory,
                into.used,
                nowMicros + file.epochOffsetMicros(),
                sent,
                chain ? joined(handle, length) : memory,
                chain ? 0 : pool.dataOffset(handle),
                length);
        into.used += encoder.size(length);
        into.latestMicros = nowMicros;
        into.packets++;
    }

    private boolean isChain(final long handle) {
        return BufferHeader.buffers(memory, handle) > 1;
    }

    /** A packet of several buffers in one piece. */
    private MemorySegment joined(final long handle, final int length) {
        if (whole.byteSize() < length) {
            whole = Arena.ofAuto().allocate(Math.max(length, 1 << 17));
        }
        BufferChain.copyTo(pool, handle, 0, whole, 0, length);
        return whole;
    }

    /** Forgets the last records, those of packets that still belong to the caller. */
    private void unrecord(final long[] handles, final int from, final int count) {
        for (int i = 0; i < count; i++) {
            if (!wants(handles[from + i])) {
                continue;
            }
            if (piece == null) {
                behind--;
            } else {
                piece.used -= encoder.size(BufferHeader.packetLength(memory, handles[from + i]));
                piece.packets--;
            }
        }
    }

    private void countBehind() {
        if (behind > 0) {
            counters.add(PcapCounter.BEHIND, behind);
            behind = 0;
        }
    }
}
