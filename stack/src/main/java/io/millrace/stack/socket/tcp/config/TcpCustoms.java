package io.millrace.stack.socket.tcp.config;

import java.util.StringJoiner;

/** Which {@link TcpCustom}s TCP follows. A part of {@link TcpConfig}; immutable. */
public final class TcpCustoms {
    /** What the RFCs recommend. */
    public static final TcpCustoms STANDARD = of();

    /** What Linux does unless told otherwise. */
    public static final TcpCustoms LINUX = of(
            TcpCustom.SOFT_ERRORS_END_ATTEMPTS,
            TcpCustom.RESETS_END_TIME_WAIT,
            TcpCustom.EMPTY_WINDOW_PROBES,
            TcpCustom.RESETS_AT_THE_FIN,
            TcpCustom.WHOLE_ACKNOWLEDGMENTS,
            TcpCustom.MISSING_TIMESTAMPS,
            TcpCustom.SYNS_SOON_AFTER_RESETS);

    private final int bits;

    private TcpCustoms(final int bits) {
        this.bits = bits;
    }

    /** These, and no others. */
    public static TcpCustoms of(final TcpCustom... customs) {
        int bits = 0;
        for (final TcpCustom custom : customs) {
            bits |= custom.bit();
        }
        return new TcpCustoms(bits);
    }

    /** The same, but with or without one of them. */
    public TcpCustoms with(final TcpCustom custom, final boolean followed) {
        return new TcpCustoms(followed ? bits | custom.bit() : bits & ~custom.bit());
    }

    /** Whether one is followed. */
    public boolean follow(final TcpCustom custom) {
        return (bits & custom.bit()) != 0;
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof TcpCustoms customs && customs.bits == bits;
    }

    @Override
    public int hashCode() {
        return bits;
    }

    @Override
    public String toString() {
        final StringJoiner text = new StringJoiner(", ", "TcpCustoms[", "]");
        for (final TcpCustom custom : TcpCustom.values()) {
            if (follow(custom)) {
                text.add(custom.name());
            }
        }
        return text.toString();
    }
}
