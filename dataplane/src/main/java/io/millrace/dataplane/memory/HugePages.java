package io.millrace.dataplane.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Native memory on huge pages, if Linux has some to give ({@code transparent_hugepage} is {@code madvise} or {@code
 * always}), else on plain ones. Packets and buffered data lie all over theirs: on pages of 4 KiB many an access misses the
 * TLB, and within a virtual machine such a miss costs two walks of page tables rather than one.
 */
public final class HugePages {
    /** Bytes of a huge page on x86-64, and on AArch64 with a granule of 4 KiB. */
    public static final long SIZE = 2L << 20;

    private static final long PAGE = 4096;

    private HugePages() {}

    /**
     * Allocates zeroed memory, all of it resident at once, that lives as long as an arena. What is smaller than a huge page
     * comes from the arena itself. Any thread.
     *
     * @param arena whose memory it is
     * @param bytes at least 1
     * @param alignment bytes, a power of two up to 4096
     * @throws OutOfMemoryError if the system gives none
     */
    @SuppressWarnings("restricted")
    public static MemorySegment allocate(final Arena arena, final long bytes, final long alignment) {
        if (alignment < 1 || alignment > PAGE || Long.bitCount(alignment) != 1) {
            throw new IllegalArgumentException("alignment of " + alignment + "; it must be a power of two up to 4096");
        }
        if (bytes < SIZE) {
            return arena.allocate(bytes, alignment);
        }
        final long length = Math.ceilDiv(bytes, SIZE) * SIZE;
        final long reserved = length + SIZE - PAGE; // wherever it begins, a huge page begins within
        final long start = PageCalls.map(reserved);
        if (start == PageCalls.FAILED) {
            throw new OutOfMemoryError("the system gives no " + reserved + " bytes of memory");
        }
        final long aligned = Math.ceilDiv(start, SIZE) * SIZE;
        PageCalls.adviseHugePages(aligned, length); // a kernel without them says so: plain pages do
        return MemorySegment.ofAddress(aligned)
                .reinterpret(bytes, arena, memory -> PageCalls.unmap(start, reserved))
                .fill((byte) 0); // now, not amid packets
    }
}
