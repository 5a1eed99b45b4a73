package io.millrace.dataplane.pipeline;

import java.util.List;

/** A graph that cannot be built. Each line is one mistake: what is wrong, and how to mend it. */
public final class GraphException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // always an immutable, serializable list of strings
    private final List<String> lines;

    GraphException(final List<String> lines) {
        super(String.join("\n", lines));
        this.lines = List.copyOf(lines);
    }

    /** One line for each mistake. */
    public List<String> lines() {
        return lines;
    }
}
