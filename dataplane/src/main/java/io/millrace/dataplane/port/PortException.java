package io.millrace.dataplane.port;

/**
 * A port could not be opened or controlled. The message is one line for a person: what failed, on which device, and how
 * to mend it. Nothing on the path of packets throws it.
 */
public final class PortException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Makes one. */
    public PortException(final String message) {
        super(message);
    }

    /** Makes one that another failure caused. */
    public PortException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
