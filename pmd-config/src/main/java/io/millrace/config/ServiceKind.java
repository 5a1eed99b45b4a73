package io.millrace.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code serve} offers on a port. */
public enum ServiceKind {
    /** Sends back what it receives (RFC 862). */
    ECHO(true),
    /** Receives and forgets (RFC 863). */
    DISCARD(false),
    /** Sends characters without end (RFC 864). */
    CHARGEN(false),
    /** Static files from a folder, or one page of its own (RFC 9112). */
    HTTP(false);

    private final boolean overUdp;

    ServiceKind(boolean overUdp) {
        this.overUdp = overUdp;
    }

    /** The name in flags and files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The services there are over a transport. */
    public static List<String> names(Protocol protocol) {
        return Arrays.stream(values())
                .filter(kind -> kind.isOver(protocol))
                .map(ServiceKind::text)
                .toList();
    }

    static @Nullable ServiceKind of(String text, Protocol protocol) {
        for (final ServiceKind kind : values()) {
            if (kind.isOver(protocol) && kind.text().equals(text)) {
                return kind;
            }
        }
        return null;
    }

    private boolean isOver(Protocol protocol) {
        return protocol == Protocol.TCP || overUdp;
    }
}
