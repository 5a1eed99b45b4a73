package io.millrace.dataplane.buffer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Reads and writes of network byte order (big-endian) at any alignment. The layouts are constants, which is what lets
 * the compiler reduce each call to one load or store and a byte swap.
 *
 * <p>Every access is bounds-checked by the segment. Callers check a header's length once and then use constant offsets.
 */
public final class Net {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Net() {}

    /** Unsigned 8 bits, 0 to 255. */
    public static int u8(final MemorySegment memory, final long offset) {
        return memory.get(BYTE, offset) & 0xFF;
    }

    /** Unsigned 16 bits, 0 to 65,535. */
    public static int u16(final MemorySegment memory, final long offset) {
        return memory.get(SHORT, offset) & 0xFFFF;
    }

    /** Unsigned 32 bits, 0 to 4,294,967,295. */
    public static long u32(final MemorySegment memory, final long offset) {
        return memory.get(INT, offset) & 0xFFFF_FFFFL;
    }

    /** 32 bits as they are, for sequence numbers and IPv4 addresses. */
    public static int i32(final MemorySegment memory, final long offset) {
        return memory.get(INT, offset);
    }

    /** 48 bits, zero-extended: a MAC address. Reads exactly six bytes. */
    public static long u48(final MemorySegment memory, final long offset) {
        return ((long) u16(memory, offset) << 32) | u32(memory, offset + 2);
    }

    /** 64 bits as they are: half of an IPv6 address. */
    public static long i64(final MemorySegment memory, final long offset) {
        return memory.get(LONG, offset);
    }

    /** Writes the low 8 bits of {@code value}. */
    public static void put8(final MemorySegment memory, final long offset, final int value) {
        memory.set(BYTE, offset, (byte) value);
    }

    /** Writes the low 16 bits of {@code value}. */
    public static void put16(final MemorySegment memory, final long offset, final int value) {
        memory.set(SHORT, offset, (short) value);
    }

    /** Writes 32 bits. */
    public static void put32(final MemorySegment memory, final long offset, final int value) {
        memory.set(INT, offset, value);
    }

    /** Writes the low 48 bits of {@code value}. Writes exactly six bytes. */
    public static void put48(final MemorySegment memory, final long offset, final long value) {
        put16(memory, offset, (int) (value >>> 32));
        put32(memory, offset + 2, (int) value);
    }

    /** Writes 64 bits. */
    public static void put64(final MemorySegment memory, final long offset, final long value) {
        memory.set(LONG, offset, value);
    }
}
