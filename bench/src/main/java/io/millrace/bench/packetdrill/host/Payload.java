package io.millrace.bench.packetdrill.host;

import io.millrace.stack.socket.tcp.TcpSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The bytes that scripts do not spell out. Each byte of a stream follows from its place, in both directions, so that one
 * which is lost, doubled or put elsewhere is noticed, which zeros would hide.
 */
public final class Payload {
    private static final int ROOM = 256 * 1024;
    private static final int STEP = 167;

    private final MemorySegment scratch;

    /** With scratch memory that lives as long as the arena. */
    public Payload(final Arena arena) {
        scratch = arena.allocate(ROOM);
    }

    /** The byte at a place of a stream, from 0. */
    public static byte at(final long position) {
        return (byte) (position * STEP + (position >>> 8));
    }

    /** Queues bytes from a place of the stream on; returns how many there was room for, or -1. */
    long write(final TcpSocket<?> to, final long wanted, final long position) {
        long done = 0;
        while (done < wanted && to.writable() > 0) {
            final int length = (int) Math.min(Math.min(ROOM, to.writable()), wanted - done);
            for (int i = 0; i < length; i++) {
                scratch.set(ValueLayout.JAVA_BYTE, i, at(position + done + i));
            }
            final int taken = to.send(scratch, 0, length);
            if (taken < 0) {
                return -1;
            }
            done += taken;
            if (taken < length) {
                break;
            }
        }
        return done == 0 && wanted > 0 ? to.send(scratch, 0, 0) : done;
    }

    /** Reads bytes and compares them with what belongs at that place of the stream. */
    void check(final TcpSocket<?> from, final int count, final long position, final boolean peek) {
        int done = 0;
        while (done < count) {
            final int length = Math.min(ROOM, count - done);
            final int got = peek ? from.peek(scratch, 0, length) : from.receive(scratch, 0, length);
            for (int i = 0; i < got; i++) {
                if (scratch.get(ValueLayout.JAVA_BYTE, i) != at(position + done + i)) {
                    throw new MismatchException(
                            "byte " + (position + done + i) + " of the stream is not what was sent");
                }
            }
            if (peek || got <= 0) {
                return;
            }
            done += got;
        }
    }

    /** Memory for one datagram. */
    MemorySegment scratch() {
        return scratch;
    }
}
