package io.millrace.config.problem;

import java.util.List;

/** Settings that cannot be used. Every line names one problem, its place and how to mend it. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // always an immutable, serializable list of strings
    private final List<String> lines;

    /**
     * Made by {@link Problems#throwIfAny()}.
     *
     * @param lines at least one
     */
    public ConfigException(List<String> lines) {
        super(String.join("\n", lines));
        this.lines = List.copyOf(lines);
    }

    /** One line for each problem. */
    public List<String> lines() {
        return lines;
    }
}
