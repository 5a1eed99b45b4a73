package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.PortQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A queue that writes what another one receives and sends to a capture, in that order. Packets that the other queue did
 * not take are not in it, nor those that the capture's filter does not want. Writing to the file happens on the polling
 * thread, once the buffer is full or a second old.
 */
public final class PcapWriterQueue implements PortQueue {
    private static final int BUFFER_SIZE = 1 << 18;
    private static final long FLUSH_MICROS = 1_000_000;

    private final PortQueue queue;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final PcapFile file;
    private final CaptureEncoder encoder;
    private final PacketFilter.@Nullable Matcher filter;
    private final Counters<PcapCounter> counters = new Counters<>(PcapCounter.class);
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_SIZE, Long.BYTES);
    private final ByteBuffer bytes = buffer.asByteBuffer();
    private MemorySegment piece = MemorySegment.NULL;
    private int used;
    private int packets;
    private long oldestMicros;
    private long latestMicros;

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
        file.add(this);
    }

    /** What this queue wrote. */
    public Counters<PcapCounter> counters() {
        return counters;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        final int count = queue.receive(handles, max, nowMicros);
        for (int i = 0; i < count; i++) {
            if (!wants(handles[i])) {
                continue;
            }
            if (!fits(handles[i])) {
                flush();
            }
            record(handles[i], nowMicros, false);
        }
        flushIfOld(nowMicros);
        return count;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        int sent = 0;
        while (sent < count) {
            // The queue may free a packet as soon as it takes it, so each is recorded before, and the records of those
            // that were not taken are dropped again. That works only while none of them is in the file yet.
            flushIfOld(nowMicros);
            if (!fits(handles[from + sent])) {
                flush();
            }
            int end = sent;
            while (end < count && fits(handles[from + end])) {
                if (wants(handles[from + end])) {
                    record(handles[from + end], nowMicros, true);
                }
                end++;
            }
            final int taken = queue.transmit(handles, from + sent, end - sent, nowMicros);
            if (taken < end - sent) {
                unrecord(handles, from + sent + taken, end - sent - taken);
                return sent + taken;
            }
            sent = end;
        }
        return sent;
    }

    /** Writes what was gathered to the file. */
    void flush() {
        if (used > 0) {
            bytes.clear().limit(used);
            counters.add(file.append(bytes, latestMicros) ? PcapCounter.CAPTURED : PcapCounter.NOT_CAPTURED, packets);
            used = 0;
            packets = 0;
        }
    }

    private void flushIfOld(final long nowMicros) {
        if (used > 0 && nowMicros - oldestMicros >= FLUSH_MICROS) {
            flush();
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

    private boolean fits(final long handle) {
        return used + encoder.size(BufferHeader.packetLength(memory, handle)) <= BUFFER_SIZE;
    }

    private void record(final long handle, final long nowMicros, final boolean sent) {
        if (used == 0) {
            oldestMicros = nowMicros;
        }
        final int length = BufferHeader.packetLength(memory, handle);
        final boolean chain = isChain(handle);
        encoder.write(
                buffer,
                used,
                nowMicros + file.epochOffsetMicros(),
                sent,
                chain ? joined(handle, length) : memory,
                chain ? 0 : pool.dataOffset(handle),
                length);
        used += encoder.size(length);
        latestMicros = nowMicros;
        packets++;
    }

    private boolean isChain(final long handle) {
        return BufferHeader.buffers(memory, handle) > 1;
    }

    /** A packet of several buffers in one piece. */
    private MemorySegment joined(final long handle, final int length) {
        if (piece.byteSize() < length) {
            piece = Arena.ofAuto().allocate(Math.max(length, 1 << 17));
        }
        BufferChain.copyTo(pool, handle, 0, piece, 0, length);
        return piece;
    }

    /** Forgets the last records, those of packets that still belong to the caller. */
    private void unrecord(final long[] handles, final int from, final int count) {
        for (int i = 0; i < count; i++) {
            if (!wants(handles[from + i])) {
                continue;
            }
            used -= encoder.size(BufferHeader.packetLength(memory, handles[from + i]));
            packets--;
        }
    }
}
