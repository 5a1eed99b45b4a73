package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * Turns the options of an echo request into those of its reply (RFC 1122 section 3.2.2.6): a record of the route and the
 * timestamps go on as this host's entry is added (RFC 791 section 3.1), every other option becomes padding.
 *
 * <pre>
 * record route: 7,  length, pointer (4, 8, ...), addresses
 * timestamps:   68, length, pointer (5, 9, ...), overflow (4 bits) and flag (4 bits), entries
 * </pre>
 */
public final class Ipv4OptionEcho {
    private static final int POINTER_OFFSET = 2;
    private static final int OVERFLOW_OFFSET = 3;

    private static final int FIRST_ROUTE = 4;
    private static final int FIRST_TIMESTAMP = 5;

    /** Flag: timestamps alone. */
    private static final int TIMES_ONLY = 0;

    /** Flag: an address in front of each timestamp. */
    private static final int WITH_ADDRESSES = 1;

    /** Flag: timestamps of the hosts whose addresses the sender filled in. */
    private static final int PRESPECIFIED = 3;

    /** A timestamp that is not milliseconds since midnight UT has this bit set. */
    private static final int NON_STANDARD = 0x8000_0000;

    private Ipv4OptionEcho() {}

    /**
     * Rewrites options in place; {@link Ipv4View#checkOptions} found them valid.
     *
     * @param length bytes of options, 0 to 40
     * @param address this host's, to which the request was sent
     * @param nowMicros the stack's time, which becomes a timestamp marked as non-standard
     * @return whether there is an option in them that belongs into the reply
     */
    public static boolean rewrite(
            final MemorySegment memory, final long offset, final int length, final long address, final long nowMicros) {
        boolean useful = false;
        int at = 0;
        while (at < length) {
            final int type = Net.u8(memory, offset + at);
            if (type == Ipv4View.OPTION_END) {
                break;
            }
            if (type == Ipv4View.OPTION_NOP) {
                at++;
                continue;
            }
            final int size = Net.u8(memory, offset + at + 1);
            final boolean kept = switch (type) {
                case Ipv4View.OPTION_RECORD_ROUTE -> record(memory, offset + at, size, address);
                case Ipv4View.OPTION_TIMESTAMP -> stamp(memory, offset + at, size, address, nowMicros);
                default -> false;
            };
            if (!kept) {
                pad(memory, offset + at, size);
            }
            useful |= kept;
            at += size;
        }
        pad(memory, offset + at, length - at);
        return useful;
    }

    /** Adds an address if there is room; false if the option makes no sense. */
    private static boolean record(final MemorySegment memory, final long option, final int size, final long address) {
        if (size < FIRST_ROUTE - 1) {
            return false;
        }
        final int pointer = Net.u8(memory, option + POINTER_OFFSET);
        if (pointer < FIRST_ROUTE) {
            return false;
        }
        if (pointer + 3 <= size) {
            Net.put32(memory, option + pointer - 1, (int) address);
            Net.put8(memory, option + POINTER_OFFSET, pointer + 4);
        }
        return true;
    }

    /** Adds a timestamp, or counts that there was no room; false if the option makes no sense. */
    private static boolean stamp(
            final MemorySegment memory, final long option, final int size, final long address, final long now) {
        if (size < FIRST_TIMESTAMP - 1) {
            return false;
        }
        final int pointer = Net.u8(memory, option + POINTER_OFFSET);
        final int flags = Net.u8(memory, option + OVERFLOW_OFFSET);
        final int flag = flags & 0xF;
        final boolean known = flag == TIMES_ONLY || flag == WITH_ADDRESSES || flag == PRESPECIFIED;
        if (pointer < FIRST_TIMESTAMP || !known) {
            return false;
        }
        final int entry = flag == TIMES_ONLY ? 4 : 8;
        if (pointer - 1 + entry > size) {
            if (flag != PRESPECIFIED && flags >>> 4 < 0xF) {
                Net.put8(memory, option + OVERFLOW_OFFSET, flags + 0x10);
            }
            return true;
        }
        final long place = option + pointer - 1;
        if (flag == PRESPECIFIED && Net.u32(memory, place) != address) {
            return true;
        }
        final int time = NON_STANDARD | (int) (now / 1000);
        if (flag == TIMES_ONLY) {
            Net.put32(memory, place, time);
        } else {
            Net.put32(memory, place, (int) address);
            Net.put32(memory, place + 4, time);
        }
        Net.put8(memory, option + POINTER_OFFSET, pointer + entry);
        return true;
    }

    private static void pad(final MemorySegment memory, final long offset, final int length) {
        for (int i = 0; i < length; i++) {
            Net.put8(memory, offset + i, Ipv4View.OPTION_NOP);
        }
    }
}
