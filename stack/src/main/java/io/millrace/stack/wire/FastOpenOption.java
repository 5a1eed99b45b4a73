package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * The Fast Open option of SYNs (RFC 7413 section 4.1.1), and the form that it had while it was an experiment (RFC 6994):
 *
 * <pre>
 * +----------+----------+---------------------+
 * | kind 34  |  length  |  cookie, 0 or 4-16  |
 * +----------+----------+----------+----------+---------------------+
 * | kind 254 |  length  |       0xF989        |  cookie, 0 or 4-16  |
 * +----------+----------+---------------------+---------------------+
 * </pre>
 *
 * <p>A cookie has an even number of bytes. In a {@link TcpRepr} its first byte is the highest of {@link
 * TcpRepr#cookieHi}.
 */
public final class FastOpenOption {
    /** {@link TcpRepr#fastOpen}: there is no such option. */
    public static final int NONE = -1;

    /** {@link TcpRepr#fastOpen}: an option without a cookie, which asks for one. */
    public static final int REQUEST = 0;

    /** Bytes of the shortest cookie. */
    public static final int MIN_COOKIE = 4;

    /** Bytes of the longest one. */
    public static final int MAX_COOKIE = 16;

    /** What tells the experimental form from other experiments. */
    public static final int EXPERIMENT_ID = 0xF989;

    private static final int HEAD = 2;
    private static final int EXPERIMENT_HEAD = 4;

    private FastOpenOption() {}

    /** Whether a cookie may have so many bytes. */
    public static boolean isCookie(final int length) {
        return length >= MIN_COOKIE && length <= MAX_COOKIE && (length & 1) == 0;
    }

    /** Reads an option whose value follows on kind and length; leaves what is another experiment's alone. */
    static void parse(
            final TcpRepr into, final MemorySegment memory, final long value, final int kind, final int size) {
        final boolean experimental = kind == TcpView.OPTION_EXPERIMENT;
        if (experimental && (size < EXPERIMENT_HEAD || Net.u16(memory, value) != EXPERIMENT_ID)) {
            return;
        }
        final int length = size - (experimental ? EXPERIMENT_HEAD : HEAD);
        if (length != REQUEST && !isCookie(length)) {
            into.fastOpen = NONE;
            return;
        }
        into.fastOpen = length;
        into.fastOpenExperimental = experimental;
        into.cookieHi = 0;
        into.cookieLo = 0;
        final long first = value + (experimental ? 2 : 0);
        for (int i = 0; i < length; i += 2) {
            final long word = Net.u16(memory, first + i);
            if (i < Long.BYTES) {
                into.cookieHi |= word << (48 - 8 * i);
            } else {
                into.cookieLo |= word << (112 - 8 * i);
            }
        }
    }

    /** Bytes that the option of a SYN takes, padding included; a multiple of 4. */
    static int paddedLength(final TcpRepr from) {
        return (from.fastOpen + (from.fastOpenExperimental ? EXPERIMENT_HEAD : HEAD) + 3) & ~3;
    }

    /** Writes the option, padded behind as Linux does, and returns its partial sum. */
    static long emit(final TcpRepr from, final MemorySegment memory, final long at) {
        final int head = from.fastOpenExperimental ? EXPERIMENT_HEAD : HEAD;
        final int length = head + from.fastOpen;
        if (from.fastOpenExperimental) {
            Net.put32(memory, at, TcpView.OPTION_EXPERIMENT << 24 | length << 16 | EXPERIMENT_ID);
        } else {
            Net.put16(memory, at, TcpView.OPTION_FAST_OPEN << 8 | length);
        }
        for (int i = 0; i < from.fastOpen; i += 2) {
            final long word = i < Long.BYTES ? from.cookieHi >>> (48 - 8 * i) : from.cookieLo >>> (112 - 8 * i);
            Net.put16(memory, at + head + i, (int) word & 0xFFFF);
        }
        final int padded = paddedLength(from);
        for (int i = length; i < padded; i += 2) {
            Net.put16(memory, at + i, TcpView.OPTION_NOP << 8 | TcpView.OPTION_NOP);
        }
        long sum = 0;
        for (int i = 0; i < padded; i += 4) {
            sum += Net.i32(memory, at + i) & 0xFFFF_FFFFL;
        }
        return sum;
    }
}
