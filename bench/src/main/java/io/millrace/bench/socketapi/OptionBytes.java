package io.millrace.bench.socketapi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Values of socket options as bytes, in the order of x86-64. */
final class OptionBytes {
    private static final int TIMEVAL = 16;
    private static final int LINGER = 8;
    private static final long MICROS = 1_000_000;

    private OptionBytes() {}

    /** Bytes as a structure of integers. */
    static ByteBuffer over(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static int integer(byte[] value) throws ErrnoException {
        return read(value, Integer.BYTES).getInt(0);
    }

    /** A number that may be given as one byte, too. */
    static int byteOrInteger(byte[] value) throws ErrnoException {
        return value.length > 0 && value.length < Integer.BYTES ? value[0] & 0xFF : integer(value);
    }

    /** A number as {@link #byteOrInteger}; 0 if there is none. */
    static int optional(byte[] value) throws ErrnoException {
        return value.length == 0 ? 0 : byteOrInteger(value);
    }

    /** Whether a value is a number that fits into a byte. */
    static boolean isByte(byte[] value) {
        return value.length == Integer.BYTES && over(value).getInt(0) >>> Byte.SIZE == 0;
    }

    /** A number of 8 bytes, or of 4 without a sign. */
    static long longOrUnsigned(byte[] value) throws ErrnoException {
        return value.length < Long.BYTES
                ? Integer.toUnsignedLong(integer(value))
                : over(value).getLong(0);
    }

    static boolean flag(byte[] value) throws ErrnoException {
        return integer(value) != 0;
    }

    /** A number in a range; EINVAL otherwise. */
    static int inRange(byte[] value, int least, int most) throws ErrnoException {
        final int number = integer(value);
        if (number < least || number > most) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return number;
    }

    /** Seconds of a {@code struct linger}; -1 if it is off. */
    static int linger(byte[] value) throws ErrnoException {
        final ByteBuffer linger = read(value, LINGER);
        return linger.getInt(0) == 0 ? -1 : Math.max(0, linger.getInt(Integer.BYTES));
    }

    /** A {@code struct timeval}; null for none. */
    static @Nullable Duration time(byte[] value) throws ErrnoException {
        final ByteBuffer time = read(value, TIMEVAL);
        final long seconds = time.getLong(0);
        final long micros = time.getLong(Long.BYTES);
        if (micros < 0 || micros >= MICROS) {
            throw new ErrnoException(Linux.EDOM);
        }
        if (seconds < 0) {
            return Duration.ofNanos(1); // as Linux: do not wait
        }
        return seconds == 0 && micros == 0 ? null : Duration.ofSeconds(seconds, micros * 1_000);
    }

    /** Characters up to the first zero. */
    static String text(byte[] value) {
        int length = 0;
        while (length < value.length && value[length] != 0) {
            length++;
        }
        return new String(value, 0, length, StandardCharsets.US_ASCII);
    }

    static byte[] of(int value) {
        final byte[] bytes = new byte[Integer.BYTES];
        over(bytes).putInt(value);
        return bytes;
    }

    static byte[] of(long value) {
        final byte[] bytes = new byte[Long.BYTES];
        over(bytes).putLong(value);
        return bytes;
    }

    /** A number without sign in 4 bytes; the greatest of those if it takes more. */
    static byte[] ofUnsigned(long value) {
        return of(value >>> Integer.SIZE == 0 ? (int) value : -1);
    }

    static byte[] of(boolean value) {
        return of(value ? 1 : 0);
    }

    static byte[] ofLinger(int seconds) {
        final byte[] bytes = new byte[LINGER];
        over(bytes).putInt(seconds < 0 ? 0 : 1).putInt(Math.max(0, seconds));
        return bytes;
    }

    static byte[] ofTime(@Nullable Duration time) {
        final byte[] bytes = new byte[TIMEVAL];
        over(bytes).putLong(time == null ? 0 : time.toSeconds()).putLong(time == null ? 0 : time.toNanosPart() / 1_000);
        return bytes;
    }

    private static ByteBuffer read(byte[] value, int length) throws ErrnoException {
        if (value.length < length) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return over(value);
    }
}
