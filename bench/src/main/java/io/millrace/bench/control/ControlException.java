package io.millrace.bench.control;

/** A request that cannot be served; the message goes back to the client. */
public final class ControlException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Makes one with what is wrong and how to mend it. */
    public ControlException(String message) {
        super(message);
    }
}
