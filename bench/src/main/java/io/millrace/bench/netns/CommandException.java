package io.millrace.bench.netns;

/** A command of the system failed; the message holds the command and the last line of what it said. */
public final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Makes an exception with what there is to say. */
    public CommandException(String message) {
        super(message);
    }

    /** Makes an exception with what there is to say and where it came from. */
    public CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
