package io.millrace.stack;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes frames that are nearly right: good ones with bits flipped, fields set to extreme values, cut, extended or
 * spliced; and random bytes. Half of them get their checksums mended, so that what is wrong is found further up.
 */
final class FrameFuzzer {
    private static final int[] EXTREMES = {0, 1, 2, 3, 4, 5, 7, 8, 0x0F, 0x10, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFE, 0xFF
    };
    private static final int MAX_LENGTH = 300;

    private final List<byte[]> good;
    private final SplittableRandom random;
    private final int linkLength;

    /**
     * Makes one.
     *
     * @param good frames to start from
     * @param linkLength bytes in front of the IP header: 14 or 0
     */
    FrameFuzzer(final List<byte[]> good, final int linkLength, final long seed) {
        this.good = good;
        this.linkLength = linkLength;
        this.random = new SplittableRandom(seed);
    }

    /** Fills an empty packet. */
    void fill(final PacketPool pool, final long handle) {
        final MemorySegment memory = pool.memory();
        final long offset = pool.dataOffset(handle);
        int length = copy(memory, offset, 0, pick());
        final int kind = random.nextInt(20);
        if (kind == 0) {
            length = random.nextInt(MAX_LENGTH);
            scramble(memory, offset, length);
        } else if (kind < 3) {
            length = linkLength + 1 + random.nextInt(MAX_LENGTH);
            scramble(memory, offset + linkLength, length - linkLength);
        } else if (kind < 19) {
            length = mutate(memory, offset, length);
        }
        if (random.nextBoolean()) {
            mend(memory, offset + linkLength, length - linkLength);
        }
        BufferHeader.length(memory, handle, length);
    }

    /** A burst of as many as buffers are free for, 32 at most, as a queue receives it; returns how many. */
    int fill(final PoolCache cache, final long[] handles) {
        int count = 0;
        while (count < 32) {
            final long handle = cache.allocate();
            if (handle == PacketPool.NONE) {
                break;
            }
            fill(cache.pool(), handle);
            handles[count++] = handle;
        }
        return count;
    }

    private byte[] pick() {
        return good.get(random.nextInt(good.size()));
    }

    private static int copy(final MemorySegment memory, final long offset, final int at, final byte[] frame) {
        MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, offset + at, frame.length);
        return frame.length;
    }

    private void scramble(final MemorySegment memory, final long offset, final int length) {
        for (int i = 0; i < length; i++) {
            Net.put8(memory, offset + i, random.nextInt());
        }
    }

    private int mutate(final MemorySegment memory, final long offset, final int from) {
        int length = from;
        for (int changes = 1 + random.nextInt(4); changes > 0 && length > linkLength; changes--) {
            // Headers are where it matters: most changes are near the front.
            final int span = random.nextInt(4) == 0 ? length : Math.min(length, linkLength + 64);
            final long at = offset + (random.nextInt(8) == 0 ? 0 : linkLength) + random.nextInt(span - linkLength);
            switch (random.nextInt(8)) {
                case 0, 1 -> Net.put8(memory, at, Net.u8(memory, at) ^ 1 << random.nextInt(8));
                case 2, 3, 4 -> Net.put8(memory, at, EXTREMES[random.nextInt(EXTREMES.length)]);
                case 5 -> Net.put8(memory, at, random.nextInt());
                case 6 -> length = random.nextInt(length + 1);
                default -> {
                    final byte[] other = pick();
                    final int where = Math.min(random.nextInt(length), MAX_LENGTH);
                    length = where + copy(memory, offset, where, other);
                }
            }
        }
        return length;
    }

    /** Puts right checksums wherever the packet looks as if it had some. */
    private static void mend(final MemorySegment memory, final long ip, final int length) {
        if (length < 20) {
            return;
        }
        final int version = Net.u8(memory, ip) >>> 4;
        if (version == 4) {
            final int headerLength = (Net.u8(memory, ip) & 0xF) * 4;
            if (headerLength >= 20 && headerLength <= length) {
                Net.put16(memory, ip + 10, 0);
                Net.put16(memory, ip + 10, InternetChecksum.finish(InternetChecksum.partial(memory, ip, headerLength)));
                final int payload = Math.min(Net.u16(memory, ip + 2), length) - headerLength;
                final long sum = InternetChecksum.words(Net.i64(memory, ip + 12));
                mendTransport(memory, ip + headerLength, payload, Net.u8(memory, ip + 9), sum);
            }
        } else if (version == 6 && length >= 40) {
            final int payload = Math.min(Net.u16(memory, ip + 4), length - 40);
            final int next = Net.u8(memory, ip + 6);
            mendTransport(memory, ip + 40, payload, next, InternetChecksum.partial(memory, ip + 8, 32));
        }
    }

    private static void mendTransport(
            final MemorySegment memory, final long offset, final int length, final int protocol, final long addresses) {
        final int at = switch (protocol) {
            case 1, 58 -> 2;
            case 6 -> 16;
            case 17 -> 6;
            default -> -1;
        };
        if (at < 0 || length < at + 2) {
            return;
        }
        final long pseudo = protocol == 1 ? 0 : addresses + protocol + length;
        Net.put16(memory, offset + at, 0);
        Net.put16(
                memory,
                offset + at,
                InternetChecksum.finish(pseudo + InternetChecksum.partial(memory, offset, length)));
    }
}
