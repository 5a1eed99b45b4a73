package io.millrace.dataplane.filter;

/** An expression is no filter. The message is one line for a person, and says where it went wrong. */
public final class FilterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FilterException(final String message) {
        super(message);
    }
}
