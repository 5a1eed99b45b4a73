package io.millrace.bench.command;

import java.util.List;

/**
 * Something that the person at the command line can put right: a wrong argument, an interface that does not exist, a
 * permission that is missing. {@code Main} prints each line as it is, without a stack trace, and exits with code 2.
 */
public final class UserErrorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // always an immutable, serializable list of strings
    private final List<String> lines;

    /**
     * One problem.
     *
     * @param line what is wrong, where, and how to mend it; one line
     */
    public UserErrorException(String line) {
        this(List.of(line));
    }

    /**
     * One problem that another exception told of.
     *
     * @param line what is wrong, where, and how to mend it; one line
     * @param cause shown with {@code --stack-trace} only
     */
    public UserErrorException(String line, Throwable cause) {
        super(line, cause);
        this.lines = List.of(line);
    }

    /**
     * Several problems at once.
     *
     * @param lines one line for each, at least one
     */
    public UserErrorException(List<String> lines) {
        super(String.join("\n", lines));
        this.lines = List.copyOf(lines);
    }

    /** What to print, one problem a line. */
    public List<String> lines() {
        return lines;
    }
}
