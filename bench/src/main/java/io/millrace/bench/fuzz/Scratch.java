package io.millrace.bench.fuzz;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Native memory with an input at its very end, so that a read past the input is a read past the segment and is thrown,
 * not swallowed by whatever lies behind.
 */
final class Scratch {
    private static final int SIZE = 64 * 1024;

    private final MemorySegment memory = Arena.global().allocate(SIZE, 64);
    private long offset;
    private int length;

    /** Copies an input, or its first 64 KiB. */
    void put(final byte[] input, final int from) {
        length = Math.min(input.length - from, SIZE);
        offset = (long) SIZE - length;
        MemorySegment.copy(input, from, memory, ValueLayout.JAVA_BYTE, offset, length);
    }

    MemorySegment memory() {
        return memory;
    }

    long offset() {
        return offset;
    }

    int length() {
        return length;
    }
}
