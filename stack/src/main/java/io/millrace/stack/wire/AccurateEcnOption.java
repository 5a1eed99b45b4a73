package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * The Accurate ECN option (RFC 9768 section 3.2.3): how many bytes of payload came in packets with each ECN code point,
 * 24 bits of each count, as many counts as its length says. Its two kinds differ in the order of the counts:
 *
 * <pre>
 * +----------+----------+---------------+---------------+---------------+
 * | kind 172 |  length  | ECT(0) bytes  |   CE bytes    | ECT(1) bytes  |
 * +----------+----------+---------------+---------------+---------------+
 * | kind 174 |  length  | ECT(1) bytes  |   CE bytes    | ECT(0) bytes  |
 * +----------+----------+---------------+---------------+---------------+
 * </pre>
 */
public final class AccurateEcnOption {
    /** {@link TcpRepr#accurateEcn}: there is no such option. */
    public static final int NONE = 0;

    /** Most counts in an option. */
    public static final int COUNTS = 3;

    /** Bytes of an option with all counts, padding included. */
    public static final int LENGTH = 12;

    /** What fits into a count. */
    public static final int MASK = 0xFF_FFFF;

    private static final int OPTIONS = TcpView.MAX_LENGTH - TcpView.MIN_LENGTH;
    private static final int HEAD = 2;
    private static final int COUNT = 3;

    private AccurateEcnOption() {}

    /** Reads an option whose value follows on kind and length; what is there beside whole counts means nothing. */
    static void parse(
            final TcpRepr into, final MemorySegment memory, final long value, final int kind, final int size) {
        final int counts = Math.min((size - HEAD) / COUNT, COUNTS);
        into.accurateEcn = kind;
        into.ecnCounts = counts;
        final boolean zeroFirst = kind == TcpView.OPTION_ACCURATE_ECN_0;
        final int first = counts > 0 ? count(memory, value) : 0;
        into.ceBytes = counts > 1 ? count(memory, value + COUNT) : 0;
        final int last = counts > 2 ? count(memory, value + 2 * COUNT) : 0;
        into.ect0Bytes = zeroFirst ? first : last;
        into.ect1Bytes = zeroFirst ? last : first;
    }

    private static int count(final MemorySegment memory, final long at) {
        return Net.u8(memory, at) << 16 | Net.u16(memory, at + 1);
    }

    /** Bytes of an option with so many counts. */
    static int length(final int counts) {
        return HEAD + counts * COUNT;
    }

    /** Bytes that an option with so many counts takes, padding included; a multiple of 4. */
    public static int paddedLength(final int counts) {
        return (length(counts) + 3) & ~3;
    }

    /**
     * Most counts of an option beside others, each of which begins at a multiple of 4.
     *
     * @param fixed bytes of the others but SACK blocks
     * @return -1 if there is no room for any option
     */
    public static int mostAligned(final int fixed, final int sackBlocks) {
        return most(OPTIONS - fixed - (sackBlocks == 0 ? 0 : 4 + 8 * sackBlocks));
    }

    /**
     * The same where options follow on one another.
     *
     * @param signature what signs the segment, of {@link TcpRepr#signature}
     */
    public static int mostPacked(final int signature, final boolean timestamps, final int sackBlocks) {
        return most(OPTIONS - PackedOptions.fixedLength(signature, timestamps) - PackedOptions.sackLength(sackBlocks));
    }

    private static int most(final int room) {
        return room < HEAD ? -1 : Math.min((room - HEAD) / COUNT, COUNTS);
    }

    /** Writes the option, padded behind, and returns its partial sum. */
    static long emit(final TcpRepr from, final MemorySegment memory, final long at) {
        final long end = at + paddedLength(from.ecnCounts);
        for (long next = write(from, memory, at); next < end; next++) {
            Net.put8(memory, next, TcpView.OPTION_NOP);
        }
        return PackedOptions.sum(memory, at, end);
    }

    /** Writes the option without padding, and returns where it ends. */
    static long write(final TcpRepr from, final MemorySegment memory, final long at) {
        final int counts = from.ecnCounts;
        Net.put16(memory, at, from.accurateEcn << 8 | length(counts));
        final boolean zeroFirst = from.accurateEcn == TcpView.OPTION_ACCURATE_ECN_0;
        long next = at + HEAD;
        for (int i = 0; i < counts; i++) {
            final int value = i == 1 ? from.ceBytes : zeroFirst == (i == 0) ? from.ect0Bytes : from.ect1Bytes;
            Net.put8(memory, next, value >>> 16);
            Net.put16(memory, next + 1, value & 0xFFFF);
            next += COUNT;
        }
        return next;
    }
}
