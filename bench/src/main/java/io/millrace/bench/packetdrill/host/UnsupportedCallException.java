package io.millrace.bench.packetdrill.host;

/** A system call, an option or a flag that there is on Linux but not here. */
public final class UnsupportedCallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With what it is. */
    public UnsupportedCallException(final String message) {
        super(message);
    }
}
