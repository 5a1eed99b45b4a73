package io.millrace.stack.wire;

/**
 * Arithmetic of sequence numbers: 32 bits that wrap around (RFC 9293 section 3.4). A sequence number is a plain int;
 * one comes before another if it takes fewer than 2<sup>31</sup> steps forward to get there.
 */
public final class TcpSeq {
    private TcpSeq() {}

    /** Steps from {@code from} to {@code to}, negative if {@code to} comes before {@code from}. */
    public static int diff(final int to, final int from) {
        return to - from;
    }

    /** Whether {@code a} comes before {@code b}. */
    public static boolean lt(final int a, final int b) {
        return a - b < 0;
    }

    /** Whether {@code a} comes before {@code b} or is it. */
    public static boolean le(final int a, final int b) {
        return a - b <= 0;
    }

    /** Whether {@code a} comes after {@code b}. */
    public static boolean gt(final int a, final int b) {
        return a - b > 0;
    }

    /** Whether {@code a} comes after {@code b} or is it. */
    public static boolean ge(final int a, final int b) {
        return a - b >= 0;
    }

    /** The later of two. */
    public static int max(final int a, final int b) {
        return a - b > 0 ? a : b;
    }

    /** The earlier of two. */
    public static int min(final int a, final int b) {
        return a - b < 0 ? a : b;
    }

    /** Whether {@code seq} is one of the {@code length} numbers from {@code start} on. */
    public static boolean within(final int seq, final int start, final int length) {
        return Integer.compareUnsigned(seq - start, length) < 0;
    }
}
