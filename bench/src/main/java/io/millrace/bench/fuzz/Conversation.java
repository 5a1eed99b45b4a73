package io.millrace.bench.fuzz;

import java.io.ByteArrayOutputStream;

/**
 * Frames with the time between them, in the form that a fuzzing engine can change a piece at a time: two bytes length in
 * network order, one byte whose low five bits are the binary logarithm of the microseconds until the next frame, the
 * frame. A length beyond the end means the rest.
 */
final class Conversation {
    private static final int HEADER = 3;
    private static final int STEP_MASK = 0x1F;

    /** Longest time between two frames: 2^24 us, about 17 s. */
    private static final int MAX_STEP = 24;

    private final byte[] bytes;
    private int next;
    private int offset;
    private int length;
    private int step;

    /** Reads one. */
    Conversation(final byte[] bytes) {
        this.bytes = bytes;
    }

    /** Appends a frame. */
    static void write(final ByteArrayOutputStream out, final byte[] frame, final int step) {
        out.write(frame.length >>> 8);
        out.write(frame.length);
        out.write(step);
        out.writeBytes(frame);
    }

    /** Goes to the next frame; false if there is none. */
    boolean next() {
        if (bytes.length - next <= HEADER) {
            return false;
        }
        length = (bytes[next] & 0xFF) << 8 | (bytes[next + 1] & 0xFF);
        step = Math.min(bytes[next + 2] & STEP_MASK, MAX_STEP);
        offset = next + HEADER;
        length = Math.min(length, bytes.length - offset);
        next = offset + length;
        return true;
    }

    /** Where {@link #offset()} counts. */
    byte[] bytes() {
        return bytes;
    }

    /** Where the frame begins. */
    int offset() {
        return offset;
    }

    /** Bytes of the frame. */
    int length() {
        return length;
    }

    /** Microseconds until the next one. */
    long stepMicros() {
        return 1L << step;
    }
}
