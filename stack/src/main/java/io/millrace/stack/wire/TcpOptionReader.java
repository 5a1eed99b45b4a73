package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/** Reads the options of a TCP header (RFC 9293 section 3.2). */
final class TcpOptionReader {
    private static final int MD5_LENGTH = 18;

    private TcpOptionReader() {}

    /**
     * Takes over what options say. Those that are unknown or of a wrong length are skipped, of one that comes twice the
     * last counts, and from the first one that does not fit the rest of the list is ignored.
     *
     * @param into without options, its flags known
     * @param from where they begin, the fixed part of the header before it
     * @param end of the header
     */
    static void read(final TcpRepr into, final MemorySegment memory, final long from, final long end) {
        long at = from;
        while (at < end) {
            // One load for kind, length and what most options say.
            final long option = eightBytes(memory, at, end);
            final int kind = (int) (option >>> 56);
            if (kind == TcpView.OPTION_END) {
                return;
            }
            if (kind == TcpView.OPTION_NOP) {
                at++;
                continue;
            }
            if (end - at < 2) {
                return;
            }
            final int size = (int) (option >>> 48) & 0xFF;
            if (size < 2 || size > end - at) {
                return; // a length of 0 or 1 would never end
            }
            read(into, memory, at + 2, kind, size, option);
            at += size;
        }
    }

    /** Bytes of a header from a place on, the first one highest; those beyond its end are 0. */
    private static long eightBytes(final MemorySegment memory, final long at, final long end) {
        final int beyond = (int) (at + 8 - end);
        return beyond <= 0 ? Net.i64(memory, at) : Net.i64(memory, end - 8) << (8 * beyond);
    }

    /** Takes over an option that begins with the bytes {@code option}, and whose value lies at {@code value}. */
    private static void read(
            final TcpRepr into,
            final MemorySegment memory,
            final long value,
            final int kind,
            final int size,
            final long option) {
        switch (kind) {
            case TcpView.OPTION_MSS -> {
                if (size == 4) {
                    into.mss = (int) (option >>> 32) & 0xFFFF;
                }
            }
            case TcpView.OPTION_WINDOW_SCALE -> {
                if (size == 3) {
                    into.windowShift = Math.min((int) (option >>> 40) & 0xFF, TcpRepr.MAX_WINDOW_SHIFT);
                }
            }
            case TcpView.OPTION_SACK_PERMITTED -> {
                if (size == 2) {
                    into.sackPermitted = true;
                }
            }
            case TcpView.OPTION_SACK -> {
                if ((size - 2) % 8 == 0) {
                    // At most 38 bytes are left behind kind and length, so at most four blocks.
                    into.sackCount = (size - 2) / 8;
                    for (int i = 0; i < into.sackCount; i++) {
                        into.sackLeft[i] = Net.i32(memory, value + 8L * i);
                        into.sackRight[i] = Net.i32(memory, value + 8L * i + 4);
                    }
                }
            }
            case TcpView.OPTION_TIMESTAMPS -> {
                if (size == 10) {
                    into.timestamps = true;
                    into.tsVal = (int) (option >>> 16);
                    into.tsEcr = Net.i32(memory, value + 4);
                }
            }
            case TcpView.OPTION_FAST_OPEN, TcpView.OPTION_EXPERIMENT -> {
                if (into.has(TcpView.SYN)) {
                    FastOpenOption.parse(into, memory, value, kind, size);
                }
            }
            case TcpView.OPTION_ACCURATE_ECN_0, TcpView.OPTION_ACCURATE_ECN_1 ->
                AccurateEcnOption.parse(into, memory, value, kind, size);
            case TcpView.OPTION_MD5 -> signed(into, kind, value, size == MD5_LENGTH);
            case TcpView.OPTION_AO -> {
                signed(into, kind, value + 2, size == TcpRepr.AO_LENGTH);
                if (size == TcpRepr.AO_LENGTH) {
                    into.keyId = (int) (option >>> 40) & 0xFF;
                    into.nextKeyId = (int) (option >>> 32) & 0xFF;
                }
            }
            default -> {
                // Unknown options are skipped, MUST-6.
            }
        }
    }

    private static void signed(final TcpRepr into, final int kind, final long code, final boolean wellFormed) {
        into.signature = wellFormed && into.signature == TcpRepr.UNSIGNED ? kind : TcpRepr.BADLY_SIGNED;
        into.codeOffset = code;
    }
}
