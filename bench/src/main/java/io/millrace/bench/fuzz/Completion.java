package io.millrace.bench.fuzz;

import java.lang.foreign.MemorySegment;

/**
 * Makes a packet of what the engine made up: headers, lengths and checksums that are right, so that it comes as far as
 * the code that a target is about, and everything else as it is.
 */
@FunctionalInterface
interface Completion {
    /** Leaves everything to the engine. */
    Completion NONE = (memory, offset, length, room) -> length;

    /**
     * Changes a frame in place.
     *
     * @param offset of its first byte
     * @param length bytes that the engine made up
     * @param room bytes that there may be, at least {@code length}
     * @return bytes that there are now; 0 for no frame
     */
    int complete(MemorySegment memory, long offset, int length, int room);
}
