package io.millrace.stack.iface.fragment;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Bounded memory for fragments: equal chunks, of which a fragment takes as many as it needs. A fragment is named by its
 * first chunk and knows its place in its datagram and the fragment behind it.
 */
final class FragmentStore implements AutoCloseable {
    /** Bytes of a chunk. */
    static final int CHUNK = 512;

    /** The fragment that is none. */
    static final int NONE = -1;

    private final Arena arena;
    private final MemorySegment memory;
    private final int[] nextChunk;
    private final int[] nextFragment;
    private final int[] begin;
    private final int[] end;
    private int free;
    private int available;

    @SuppressWarnings("MustBeClosed") // the store owns its arena and closes it
    FragmentStore(final int bytes) {
        final int chunks = bytes / CHUNK;
        arena = Arena.ofShared();
        memory = arena.allocate((long) chunks * CHUNK, CHUNK);
        nextChunk = new int[chunks];
        nextFragment = new int[chunks];
        begin = new int[chunks];
        end = new int[chunks];
        for (int i = 0; i < chunks; i++) {
            nextChunk[i] = i + 1 < chunks ? i + 1 : NONE;
        }
        available = chunks;
    }

    /** Chunks that so many bytes take. */
    static int chunks(final int length) {
        return (length + CHUNK - 1) / CHUNK;
    }

    /** Chunks that are free. */
    int available() {
        return available;
    }

    /**
     * Copies bytes in; there must be enough chunks.
     *
     * @param length at least 1
     * @param from place of the fragment's payload in its datagram
     * @param to the place behind its last byte
     * @return the fragment
     */
    int add(final MemorySegment source, final long offset, final int length, final int from, final int to) {
        final int first = free;
        int last = first;
        for (int at = 0; at < length; at += CHUNK) {
            last = free;
            free = nextChunk[last];
            available--;
            MemorySegment.copy(source, offset + at, memory, address(last), Math.min(CHUNK, length - at));
        }
        nextChunk[last] = NONE;
        nextFragment[first] = NONE;
        begin[first] = from;
        end[first] = to;
        return first;
    }

    /** Copies bytes of a fragment out, from its {@code from}th byte on. */
    void copyTo(
            final int fragment, final int from, final int length, final MemorySegment target, final long targetOffset) {
        int chunk = fragment;
        int skip = from;
        while (skip >= CHUNK) {
            chunk = nextChunk[chunk];
            skip -= CHUNK;
        }
        for (int done = 0; done < length; ) {
            final int part = Math.min(CHUNK - skip, length - done);
            MemorySegment.copy(memory, address(chunk) + skip, target, targetOffset + done, part);
            done += part;
            skip = 0;
            chunk = nextChunk[chunk];
        }
    }

    /** A byte of a fragment. */
    int byteAt(final int fragment, final int index) {
        int chunk = fragment;
        for (int skip = index; skip >= CHUNK; skip -= CHUNK) {
            chunk = nextChunk[chunk];
        }
        return Net.u8(memory, address(chunk) + index % CHUNK);
    }

    /** Frees a fragment. */
    void free(final int fragment) {
        int chunk = fragment;
        while (chunk != NONE) {
            final int next = nextChunk[chunk];
            nextChunk[chunk] = free;
            free = chunk;
            available++;
            chunk = next;
        }
    }

    /** The fragment behind another; {@link #NONE} if it is the last. */
    int next(final int fragment) {
        return nextFragment[fragment];
    }

    /** Sets the fragment behind another. */
    void next(final int fragment, final int following) {
        nextFragment[fragment] = following;
    }

    /** Place of a fragment in its datagram, in bytes. */
    int begin(final int fragment) {
        return begin[fragment];
    }

    /** The place behind a fragment's last byte. */
    int end(final int fragment) {
        return end[fragment];
    }

    @Override
    public void close() {
        arena.close();
    }

    private static long address(final int chunk) {
        return (long) chunk * CHUNK;
    }
}
