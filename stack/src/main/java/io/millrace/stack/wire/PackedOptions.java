package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * The options of a segment without the padding that puts each on a multiple of 4 bytes, which receivers read faster: for
 * those that would not all have room with it. There is no more of it than behind the last one.
 */
final class PackedOptions {
    private static final int MD5_LENGTH = 18;
    private static final int TIMESTAMPS_LENGTH = 10;
    private static final int HEAD = 2;
    private static final int BLOCK = 8;

    private PackedOptions() {}

    /** Bytes of what signs a segment and of timestamps. */
    static int fixedLength(final int signature, final boolean timestamps) {
        final int signed = signature == TcpView.OPTION_MD5 ? MD5_LENGTH : TcpRepr.signatureLength(signature);
        return signed + (timestamps ? TIMESTAMPS_LENGTH : 0);
    }

    /** Bytes of so many SACK blocks. */
    static int sackLength(final int blocks) {
        return blocks == 0 ? 0 : HEAD + BLOCK * blocks;
    }

    /** Bytes of all options, padding included; a multiple of 4. A SYN's options are not among them. */
    static int length(final TcpRepr header) {
        final int accurateEcn =
                header.accurateEcn == AccurateEcnOption.NONE ? 0 : AccurateEcnOption.length(header.ecnCounts);
        return (fixedLength(header.signature, header.timestamps) + accurateEcn + sackLength(header.sackCount) + 3) & ~3;
    }

    /** Writes the options, the code of a signature zero, and returns their partial sum. */
    static long emit(final TcpRepr from, final MemorySegment memory, final long start) {
        long at = start;
        if (from.signature == TcpView.OPTION_MD5) {
            Net.put16(memory, at, TcpView.OPTION_MD5 << 8 | MD5_LENGTH);
            at += HEAD;
            at = zero(memory, at, MD5_LENGTH - HEAD);
        } else if (from.signature == TcpView.OPTION_AO) {
            Net.put32(memory, at, from.authenticationHead());
            at = zero(memory, at + 4, TcpRepr.AO_LENGTH - 4);
        }
        if (from.timestamps) {
            Net.put16(memory, at, TcpView.OPTION_TIMESTAMPS << 8 | TIMESTAMPS_LENGTH);
            Net.put32(memory, at + HEAD, from.tsVal);
            Net.put32(memory, at + HEAD + 4, from.tsEcr);
            at += TIMESTAMPS_LENGTH;
        }
        if (from.accurateEcn != AccurateEcnOption.NONE) {
            at = AccurateEcnOption.write(from, memory, at);
        }
        if (from.sackCount > 0) {
            Net.put16(memory, at, TcpView.OPTION_SACK << 8 | sackLength(from.sackCount));
            at += HEAD;
            for (int i = 0; i < from.sackCount; i++) {
                Net.put32(memory, at, from.sackLeft[i]);
                Net.put32(memory, at + 4, from.sackRight[i]);
                at += BLOCK;
            }
        }
        while ((at - start & 3) != 0) {
            Net.put8(memory, at++, TcpView.OPTION_NOP);
        }
        return sum(memory, start, at);
    }

    private static long zero(final MemorySegment memory, final long from, final int bytes) {
        for (int i = 0; i < bytes; i += 4) {
            Net.put32(memory, from + i, 0);
        }
        return from + bytes;
    }

    /** The partial sum of bytes that were written, a multiple of 4. */
    static long sum(final MemorySegment memory, final long from, final long end) {
        long sum = 0;
        for (long at = from; at < end; at += 4) {
            sum += Net.i32(memory, at) & 0xFFFF_FFFFL;
        }
        return sum;
    }
}
