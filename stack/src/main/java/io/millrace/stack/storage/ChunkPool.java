package io.millrace.stack.storage;

import io.millrace.dataplane.memory.HugePages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory behind all byte queues of a shard: equal chunks of one bounded native segment, taken when data comes and
 * given back when it is gone. Its size is the shard's limit for buffered data.
 *
 * <p>The last sixteenth of the chunks is a reserve for data that comes in order: it can always be acknowledged and
 * consumed, so that senders and out-of-order data can fill the pool without bringing connections to a halt. A quarter
 * of it, rounded down, is lent to senders that have nothing queued.
 *
 * <p>Not thread-safe: one shard, one pool.
 */
public final class ChunkPool implements AutoCloseable {
    /** The chunk that is none. */
    public static final int NONE = -1;

    private static final int DIRECTORY_CLASSES = 16;
    private static final int SPARE_DIRECTORIES = 64;

    private final Arena arena;
    private final MemorySegment memory;
    private final int shift;
    private final int reserve;
    private final int[] free;
    private int count;
    private final int[][][] directories = new int[DIRECTORY_CLASSES][][];
    private final int[] directoryCounts = new int[DIRECTORY_CLASSES];

    /**
     * Makes a pool.
     *
     * @param bytes size of all chunks together; rounded down to whole chunks, at least 16
     * @param chunkBytes bytes of a chunk, a power of two from 64 to 1 MiB
     */
    @SuppressWarnings("MustBeClosed") // the pool owns its arena and closes it
    public ChunkPool(final long bytes, final int chunkBytes) {
        if (Integer.bitCount(chunkBytes) != 1 || chunkBytes < 64 || chunkBytes > 1 << 20) {
            throw new IllegalArgumentException(
                    "chunk of " + chunkBytes + " bytes; it must be a power of two from 64 to 1048576");
        }
        final long chunks = bytes / chunkBytes;
        if (chunks < 16 || chunks > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("buffer memory of " + bytes + " bytes in chunks of " + chunkBytes
                    + "; at least 16 and at most 2147483639 chunks are needed");
        }
        this.shift = Integer.numberOfTrailingZeros(chunkBytes);
        this.reserve = (int) (chunks / 16);
        this.arena = Arena.ofShared();
        this.memory = HugePages.allocate(arena, chunks << shift, 4096);
        this.free = new int[(int) chunks];
        for (int i = (int) chunks - 1; i >= 0; i--) {
            free[count++] = i;
        }
        for (int i = 0; i < DIRECTORY_CLASSES; i++) {
            directories[i] = new int[SPARE_DIRECTORIES][];
        }
    }

    /** All chunks, and nothing else. */
    public MemorySegment memory() {
        return memory;
    }

    /** Number of chunks. */
    public int capacity() {
        return free.length;
    }

    /** Chunks that nobody holds. */
    public int available() {
        return count;
    }

    /** Whether so little is left, a quarter, that nobody should claim more than before. */
    public boolean pressed() {
        return count <= free.length / 4;
    }

    /** Whether only the reserve for in-order data is left. */
    public boolean scarce() {
        return count <= reserve;
    }

    /** Whether half of that is gone as well. */
    public boolean exhausted() {
        return count <= reserve / 2;
    }

    /** Whether so much of it is left that who has no data to send yet may have some. */
    public boolean lends() {
        return count > reserve - reserve / 4;
    }

    /** Bytes of a chunk as a power of two. */
    int shift() {
        return shift;
    }

    /**
     * Takes a chunk.
     *
     * @param fromReserve whether the reserve may be touched
     * @return its number, or {@link #NONE}
     */
    int take(final boolean fromReserve) {
        return count > (fromReserve ? 0 : reserve) ? free[--count] : NONE;
    }

    /** Gives a chunk back. */
    void give(final int chunk) {
        free[count++] = chunk;
    }

    /** An array of {@code 1 << sizeClass} entries, all {@link #NONE}, for a queue's list of chunks. */
    int[] takeDirectory(final int sizeClass) {
        final int spares = sizeClass < DIRECTORY_CLASSES ? directoryCounts[sizeClass] : 0;
        if (spares > 0) {
            directoryCounts[sizeClass] = spares - 1;
            return directories[sizeClass][spares - 1];
        }
        final int[] directory = new int[1 << sizeClass];
        java.util.Arrays.fill(directory, NONE);
        return directory;
    }

    /** Gives a directory back, all of whose entries are {@link #NONE}. */
    void giveDirectory(final int[] directory) {
        final int sizeClass = Integer.numberOfTrailingZeros(directory.length);
        if (sizeClass >= DIRECTORY_CLASSES) {
            return; // so large that spares would cost more than they save
        }
        final int spares = directoryCounts[sizeClass];
        if (spares < SPARE_DIRECTORIES) {
            directories[sizeClass][spares] = directory;
            directoryCounts[sizeClass] = spares + 1;
        }
    }

    /** Frees the memory; no queue may be used any more. Harmless when called again. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
