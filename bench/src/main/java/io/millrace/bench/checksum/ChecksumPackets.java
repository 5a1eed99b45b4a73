package io.millrace.bench.checksum;

import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * Sixteen packets to be summed in turn. They lie as in a pool, each behind an Ethernet header of 14 bytes, or one byte
 * further, at odd addresses.
 */
public final class ChecksumPackets {
    /** How many packets there are. */
    public static final int COUNT = 16;

    private static final int MASK = COUNT - 1;
    private static final int STRIDE = 10_240 + 64;
    private static final int LINK_HEADER = 14;

    private final MemorySegment memory;
    private final MemorySegment nativeOffsets;
    private final long[] offsets = new long[COUNT];

    /** Makes packets at even addresses, of random bytes that are always the same. */
    public ChecksumPackets() {
        this(false);
    }

    /**
     * Makes packets of random bytes that are always the same.
     *
     * @param odd whether they lie at odd addresses
     */
    ChecksumPackets(final boolean odd) {
        memory = Arena.global().allocate((long) COUNT * STRIDE, 64);
        nativeOffsets = Arena.global().allocate((long) COUNT * Long.BYTES, Long.BYTES);
        final SplittableRandom random = new SplittableRandom(1);
        for (long i = 0; i < memory.byteSize(); i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        for (int i = 0; i < COUNT; i++) {
            offsets[i] = (long) i * STRIDE + LINK_HEADER + (odd ? 1 : 0);
            nativeOffsets.setAtIndex(ValueLayout.JAVA_LONG, i, offsets[i]);
        }
    }

    /** Sums packets in turn, {@code rounds} times, with {@link InternetChecksum}. */
    public long sum(final int rounds, final int length) {
        long sum = 0;
        for (int i = 0; i < rounds; i++) {
            sum += InternetChecksum.partial(memory, offsets[i & MASK], length);
        }
        return sum;
    }

    /** The same with DPDK's function. */
    long sum(final RawCksum reference, final int rounds, final int length) {
        return reference.sum(memory, nativeOffsets, MASK, rounds, length);
    }
}
