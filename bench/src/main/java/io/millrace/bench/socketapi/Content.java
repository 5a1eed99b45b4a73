package io.millrace.bench.socketapi;

import java.nio.ByteBuffer;

/** The bytes that a program sends, and what it makes of those that it receives, where a call says only how many. */
public interface Content {
    /** Zeros, and no interest in what comes. */
    Content NONE = new Content() {
        @Override
        public void fill(ByteBuffer target, long position) {
            while (target.hasRemaining()) {
                target.put((byte) 0);
            }
        }

        @Override
        public void take(ByteBuffer source, long position) {
            // Nobody wants it.
        }
    };

    /**
     * Fills what remains of a buffer.
     *
     * @param position of its first byte in what the socket sends, from 0
     */
    void fill(ByteBuffer target, long position);

    /**
     * Takes what remains of a buffer.
     *
     * @param position of its first byte in what the socket receives, from 0
     */
    void take(ByteBuffer source, long position);
}
