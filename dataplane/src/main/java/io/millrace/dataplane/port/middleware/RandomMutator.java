package io.millrace.dataplane.port.middleware;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;

/**
 * Mutates as fuzzers do: flips bits, writes values at the edge of what fields hold, cuts the packet off, makes it longer,
 * copies one part of it over another. One to four such changes a packet, for the most part in its first 128 bytes, where
 * the headers are. Keeps no state.
 */
public final class RandomMutator implements PacketMutator {
    private static final int MOST_CHANGES = 4;
    private static final int HEADERS = 128;
    private static final int MOST_GROWTH = 64;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /** Lengths, counts and versions go wrong at these. */
    private static final byte[] EDGES = {0, 1, 4, 5, 15, 16, 0x3F, 0x40, 0x45, 0x60, 0x7F, (byte) 0x80, (byte) 0xFF};

    @Override
    public int mutate(
            final Direction direction,
            final RandomGenerator random,
            final MemorySegment memory,
            final long offset,
            final int length,
            final int room) {
        int now = length;
        for (int changes = 1 + random.nextInt(MOST_CHANGES); changes > 0; changes--) {
            final long at = offset + random.nextInt(random.nextInt(4) == 0 ? now : Math.min(now, HEADERS));
            switch (random.nextInt(6)) {
                case 0, 1 -> memory.set(BYTE, at, (byte) (memory.get(BYTE, at) ^ 1 << random.nextInt(Byte.SIZE)));
                case 2 -> memory.set(BYTE, at, EDGES[random.nextInt(EDGES.length)]);
                case 3 -> now = 1 + random.nextInt(now);
                case 4 -> now = grow(random, memory, offset, now, room);
                default -> {
                    final int piece = 1 + random.nextInt((int) (offset + now - at));
                    final long from = offset + random.nextInt(now - piece + 1);
                    MemorySegment.copy(memory, from, memory, at, piece);
                }
            }
        }
        return now;
    }

    private static int grow(
            final RandomGenerator random,
            final MemorySegment memory,
            final long offset,
            final int length,
            final int room) {
        final int longer = Math.min(room, length + random.nextInt(MOST_GROWTH + 1));
        for (int i = length; i < longer; i++) {
            memory.set(BYTE, offset + i, (byte) random.nextInt());
        }
        return longer;
    }
}
