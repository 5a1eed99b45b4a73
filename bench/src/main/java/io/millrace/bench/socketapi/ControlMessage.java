package io.millrace.bench.socketapi;

import java.util.HexFormat;

/**
 * A control message of {@code sendmsg(2)} or {@code recvmsg(2)}: a {@code struct cmsghdr} and what follows it.
 *
 * @param level protocol that it is of, as of options
 * @param type which of that
 * @param hex its bytes in the order of x86-64, in hexadecimal
 */
public record ControlMessage(int level, int type, String hex) {
    static ControlMessage of(int level, int type, byte[] value) {
        return new ControlMessage(level, type, HexFormat.of().formatHex(value));
    }

    /** Parses {@code LEVEL:TYPE:HEX}; EINVAL if it is none. */
    public static ControlMessage parse(String text) throws ErrnoException {
        final String[] parts = text.split(":", 3);
        if (parts.length < 3) {
            throw new ErrnoException(Linux.EINVAL);
        }
        try {
            return of(
                    Integer.decode(parts[0]),
                    Integer.decode(parts[1]),
                    HexFormat.of().parseHex(parts[2]));
        } catch (IllegalArgumentException e) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    byte[] value() {
        return HexFormat.of().parseHex(hex);
    }

    /** As {@link #parse} takes it. */
    public String text() {
        return level + ":" + type + ":" + hex;
    }
}
