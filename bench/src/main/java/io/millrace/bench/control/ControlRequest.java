package io.millrace.bench.control;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks of a running server: one line of JSON.
 *
 * @param object what it is about, for instance {@code neigh}, {@code route} or {@code port}
 * @param action what to do, for instance {@code show}
 * @param arguments by name
 */
public record ControlRequest(String object, String action, Map<String, String> arguments) {
    /**
     * An argument that must be there.
     *
     * @throws ControlException if it is not
     */
    public String required(String name) {
        final String value = arguments.get(name);
        if (value == null) {
            throw new ControlException(object + " " + action + " needs " + name);
        }
        return value;
    }

    /** An argument that may be left out. */
    public @Nullable String optional(String name) {
        return arguments.get(name);
    }
}
