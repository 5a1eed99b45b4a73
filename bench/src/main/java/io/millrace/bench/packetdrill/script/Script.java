package io.millrace.bench.packetdrill.script;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A script.
 *
 * @param options what it sets before it begins
 * @param prepare the command before the first event, or null
 * @param events what happens, in order
 * @param cleanUp the command after the last event, or null
 */
public record Script(
        List<Option> options,
        @Nullable Shell prepare,
        List<Event> events,
        @Nullable Shell cleanUp) {
    /**
     * A line {@code --name=value}.
     *
     * @param value empty if there is none
     */
    public record Option(int line, String name, String value) {}

    /** A command without a time. */
    public record Shell(int line, String text) {}
}
