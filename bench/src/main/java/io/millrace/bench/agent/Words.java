package io.millrace.bench.agent;

import io.millrace.bench.socketapi.ErrnoException;
import io.millrace.bench.socketapi.Linux;
import java.util.HexFormat;
import java.util.List;

/** The words of a request, read one after the other. */
final class Words {
    private final List<String> words;
    private int next;

    Words(String line) {
        final String text = line.strip();
        words = text.isEmpty() ? List.of() : List.of(text.split("\\s+"));
    }

    /** The next word. */
    String word() throws ErrnoException {
        if (next == words.size()) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return words.get(next++);
    }

    /** The next word as a number, decimal or hexadecimal with 0x. */
    int number() throws ErrnoException {
        final long value = wide();
        if (value < Integer.MIN_VALUE || value > 0xFFFF_FFFFL) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return (int) value; // flags may have their highest bit set
    }

    /** The next word as a number of bytes. */
    long size() throws ErrnoException {
        final long value = wide();
        if (value < 0) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return value;
    }

    private long wide() throws ErrnoException {
        final String text = word();
        try {
            return text.length() > 2 && (text.startsWith("0x") || text.startsWith("0X"))
                    ? HexFormat.fromHexDigitsToLong(text, 2, text.length())
                    : Long.parseLong(text);
        } catch (IllegalArgumentException e) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    /** The next word as bytes in hexadecimal; {@code -} for none. */
    byte[] bytes() throws ErrnoException {
        final String text = word();
        try {
            return text.equals("-") ? new byte[0] : HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    /** Checks that nothing is left. */
    void end() throws ErrnoException {
        if (next < words.size()) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    /** Whether something is left. */
    boolean more() {
        return next < words.size();
    }

    boolean isEmpty() {
        return words.isEmpty();
    }
}
