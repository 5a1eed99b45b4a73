package io.millrace.stack.storage;

import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A stretch of a byte stream in chunks of a {@link ChunkPool}. Bytes are addressed by their <em>position</em> in the
 * stream, which starts at 0 and never wraps. From {@link #head()} to {@link #tail()} the stretch has no gaps; bytes
 * written {@linkplain #write ahead} of the tail wait there until {@link #extend} reaches them.
 *
 * <pre>
 *            head           tail           end
 *   released  |   queued     |   ahead, with gaps
 * ------------+--------------+--------------+------&gt; position
 * </pre>
 *
 * <p>Chunks are taken when bytes are written and given back when the head passes them; an empty queue holds none. Not
 * thread-safe.
 */
public final class ByteQueue {
    private static final int[] NO_CHUNKS = {};

    private final ChunkPool pool;
    private final MemorySegment memory;
    /** Chunk of position p at index (p >>> shift) modulo the length, a power of two. */
    private int[] directory = NO_CHUNKS;

    private long head;
    private long tail;
    private long end;

    /** Makes an empty queue. */
    public ByteQueue(final ChunkPool pool) {
        this.pool = pool;
        this.memory = pool.memory();
    }

    /** Moves an empty queue, which holds no chunks, to another position of its stream, or to another stream. */
    public void restart(final long position) {
        head = position;
        tail = position;
        end = position;
    }

    /** Whether it is empty and holds no memory. */
    public boolean isVacant() {
        return head == end && directory.length == 0;
    }

    /** Position of the first byte that was not released. */
    public long head() {
        return head;
    }

    /** Position behind the last byte that was queued without a gap. */
    public long tail() {
        return tail;
    }

    /** Bytes queued without a gap. */
    public int size() {
        return (int) (tail - head);
    }

    /** The memory that offsets returned by this queue refer to. */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Appends bytes at the tail. An empty queue takes as many as a chunk holds even if only the reserve is left, of
     * which the pool lends a part, so that whoever sends little goes on while others hold the memory.
     *
     * @return how many were taken; fewer than {@code length} if the pool ran out
     */
    public int append(final MemorySegment source, final long offset, final int length) {
        int taken = write(tail, source, offset, length, false);
        if (taken == 0 && mayUseReserve()) {
            taken = write(tail, source, offset, Math.min(length, 1 << pool.shift()), true);
        }
        tail += taken;
        return taken;
    }

    /**
     * Writes bytes at or behind the tail without moving it.
     *
     * @param position of the first byte, at least {@link #tail()}
     * @param urgent whether the pool's reserve may be used
     * @return how many were written; fewer than {@code length} if the pool ran out
     */
    public int write(
            final long position,
            final MemorySegment source,
            final long offset,
            final int length,
            final boolean urgent) {
        final int chunkBytes = 1 << pool.shift();
        int done = 0;
        while (done < length) {
            final long at = position + done;
            final long target = locate(at, urgent);
            if (target < 0) {
                break;
            }
            final int count = Math.min(length - done, chunkBytes - (int) (at & (chunkBytes - 1)));
            MemorySegment.copy(source, offset + done, memory, target, count);
            done += count;
        }
        end = Math.max(end, position + done);
        return done;
    }

    /** Gives up all bytes that were written ahead of the tail, and the chunks that hold nothing else. */
    public void dropAhead() {
        final int shift = pool.shift();
        final long last = (end - 1) >>> shift;
        end = tail;
        if (head == tail) {
            clear();
            return;
        }
        for (long index = ((tail - 1) >>> shift) + 1; index <= last; index++) {
            give(index);
        }
    }

    private boolean mayUseReserve() {
        return head == tail && pool.lends();
    }

    /** Bytes from a position on to the end of its chunk. */
    private int spanAt(final long position) {
        final int chunkBytes = 1 << pool.shift();
        return chunkBytes - (int) (position & (chunkBytes - 1));
    }

    /** Moves the tail over bytes that have been written ahead of it. */
    public void extend(final int bytes) {
        tail += bytes;
    }

    /**
     * Copies queued bytes out, without releasing them.
     *
     * @param position of the first, at least {@link #head()}; all bytes lie before {@link #tail()}
     */
    public void copyTo(final long position, final MemorySegment target, final long offset, final int length) {
        final int shift = pool.shift();
        final int chunkBytes = 1 << shift;
        int done = 0;
        while (done < length) {
            final long at = position + done;
            final int within = (int) (at & (chunkBytes - 1));
            final int count = Math.min(length - done, chunkBytes - within);
            MemorySegment.copy(memory, offsetOf(at), target, offset + done, count);
            done += count;
        }
    }

    /**
     * Copies queued bytes out as {@link #copyTo} does, and sums them on the way.
     *
     * @return their partial sum, as {@link InternetChecksum} has them
     */
    public long copyAndSum(final long position, final MemorySegment target, final long offset, final int length) {
        final int chunkBytes = 1 << pool.shift();
        long sum = 0;
        int done = 0;
        while (done < length) {
            final long at = position + done;
            final int count = Math.min(length - done, chunkBytes - (int) (at & (chunkBytes - 1)));
            final long piece = InternetChecksum.copy(memory, offsetOf(at), target, offset + done, count);
            sum = InternetChecksum.combine(sum, done, piece);
            done += count;
        }
        return sum;
    }

    /** Gives up {@code bytes} bytes at the head, at most {@link #size()}. */
    public void release(final int bytes) {
        final int shift = pool.shift();
        final long oldIndex = head >>> shift;
        head += bytes;
        if (head >= end) {
            clear();
            return;
        }
        for (long index = oldIndex; index < head >>> shift; index++) {
            give(index);
        }
    }

    /** Offset of the first queued byte; 0 if nothing is queued. */
    public long readOffset() {
        // An empty queue need not hold a chunk, and whoever copies a span of no bytes asks all the same.
        return head == tail ? 0 : offsetOf(head);
    }

    /** Bytes that lie together from {@link #readOffset()} on; 0 only if nothing is queued. */
    public int readSpan() {
        return Math.min(size(), spanAt(head));
    }

    /**
     * Prepares memory behind the tail to be written in place, in a queue that has nothing ahead of a gap.
     *
     * @param most bytes that are wanted, at least 1
     * @return how many bytes from {@link #writeOffset()} on may be written and then {@linkplain #commit committed}; 0 if
     *     the pool ran out
     */
    public int writeSpan(final int most) {
        if (locate(tail, false) < 0 && !(mayUseReserve() && locate(tail, true) >= 0)) {
            return 0;
        }
        final int span = Math.min(most, spanAt(tail));
        end = tail + span; // keeps the chunk even if all queued bytes are released meanwhile
        return span;
    }

    /** Bytes that {@link #writeSpan} prepared and that were not committed. */
    public int prepared() {
        return (int) (end - tail);
    }

    /** Offset of the first byte behind the tail; only after {@link #writeSpan} returned more than 0. */
    public long writeOffset() {
        return offsetOf(tail);
    }

    /** Queues the first {@code bytes} bytes of the span that {@link #writeSpan} prepared. */
    public void commit(final int bytes) {
        tail += bytes;
        end = tail;
    }

    /**
     * Gives all chunks back. Head and tail stay where they are if the queue is empty, else the tail moves to the head.
     */
    public void clear() {
        if (directory.length > 0) {
            for (int i = 0; i < directory.length; i++) {
                if (directory[i] != ChunkPool.NONE) {
                    pool.give(directory[i]);
                    directory[i] = ChunkPool.NONE;
                }
            }
            pool.giveDirectory(directory);
            directory = NO_CHUNKS;
        }
        tail = head;
        end = head;
    }

    private long offsetOf(final long position) {
        final int shift = pool.shift();
        final int chunk = directory[(int) (position >>> shift) & (directory.length - 1)];
        return ((long) chunk << shift) + (position & ((1 << shift) - 1));
    }

    /** Offset of a position whose chunk is taken if need be, or -1. */
    private long locate(final long position, final boolean urgent) {
        final int shift = pool.shift();
        final long index = position >>> shift;
        if (index - (head >>> shift) >= directory.length) {
            grow(index);
        }
        final int slot = (int) index & (directory.length - 1);
        int chunk = directory[slot];
        if (chunk == ChunkPool.NONE) {
            chunk = pool.take(urgent);
            if (chunk == ChunkPool.NONE) {
                return -1;
            }
            directory[slot] = chunk;
        }
        return ((long) chunk << shift) + (position & ((1 << shift) - 1));
    }

    private void grow(final long index) {
        final long first = head >>> pool.shift();
        final int needed = (int) (index - first) + 1;
        final int[] old = directory;
        final int[] grown = pool.takeDirectory(Math.max(2, 32 - Integer.numberOfLeadingZeros(needed - 1)));
        for (int i = 0; i < old.length; i++) {
            grown[(int) (first + i) & (grown.length - 1)] = old[(int) (first + i) & (old.length - 1)];
        }
        directory = grown;
        if (old.length > 0) {
            Arrays.fill(old, ChunkPool.NONE);
            pool.giveDirectory(old);
        }
    }

    private void give(final long index) {
        final int slot = (int) index & (directory.length - 1);
        if (directory[slot] != ChunkPool.NONE) {
            pool.give(directory[slot]);
            directory[slot] = ChunkPool.NONE;
        }
    }
}
