package io.millrace.bench.packetdrill.host;

import io.millrace.bench.socketapi.Content;
import java.nio.ByteBuffer;

/**
 * The bytes that scripts do not spell out. Each byte of a stream follows from its place, in both directions, so that one
 * which is lost, doubled or put elsewhere is noticed, which zeros would hide.
 */
public final class Payload implements Content {
    static final Payload INSTANCE = new Payload();

    private static final int STEP = 167;

    private Payload() {}

    /** The byte at a place of a stream, from 0. */
    public static byte at(final long position) {
        return (byte) (position * STEP + (position >>> 8));
    }

    @Override
    public void fill(final ByteBuffer target, final long position) {
        for (long at = position; target.hasRemaining(); at++) {
            target.put(at(at));
        }
    }

    @Override
    public void take(final ByteBuffer source, final long position) {
        for (long at = position; source.hasRemaining(); at++) {
            if (source.get() != at(at)) {
                throw new MismatchException("byte " + at + " of the stream is not what was sent");
            }
        }
    }
}
