package io.millrace.testkit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Bytes of which each tells where it belongs, so that a receiver needs no copy of what was sent. */
public final class ByteStream {
    private ByteStream() {}

    /** A byte of a stream. */
    public static byte at(final long stream, final int index) {
        final long mixed = (stream + index) * 0x9E3779B97F4A7C15L;
        return (byte) (mixed >>> 40);
    }

    /** Writes so many bytes of a stream, from an index on. */
    public static void fill(
            final long stream, final int from, final MemorySegment target, final long offset, final int length) {
        for (int i = 0; i < length; i++) {
            target.set(ValueLayout.JAVA_BYTE, offset + i, at(stream, from + i));
        }
    }

    /** How many bytes are those of a stream from an index on. */
    public static int same(final long stream, final int from, final byte[] bytes) {
        int i = 0;
        while (i < bytes.length && bytes[i] == at(stream, from + i)) {
            i++;
        }
        return i;
    }
}
