package io.millrace.bench.serve.http;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * Reads files into native memory without an object per read: one buffer over the whole segment, whose limits move.
 *
 * <p>Not thread-safe.
 */
final class FileWindow {
    private @Nullable MemorySegment memory;
    private @Nullable ByteBuffer whole;

    /** Makes a window over nothing yet. */
    FileWindow() {}

    /**
     * Reads from a file.
     *
     * @return how many bytes, -1 at the end of the file
     */
    int read(FileChannel file, long position, MemorySegment target, long offset, int count) throws IOException {
        return file.read(buffer(target, offset, count), position);
    }

    private ByteBuffer buffer(MemorySegment target, long offset, int count) {
        if (offset + count > Integer.MAX_VALUE) {
            return target.asSlice(offset, count).asByteBuffer();
        }
        ByteBuffer buffer = whole;
        if (buffer == null || !target.equals(memory)) {
            buffer = target.asSlice(0, Math.min(target.byteSize(), Integer.MAX_VALUE))
                    .asByteBuffer();
            memory = target;
            whole = buffer;
        }
        return buffer.limit((int) offset + count).position((int) offset);
    }
}
