package io.millrace.stack.socket;

import java.io.Serial;

/** A local endpoint, port or identifier was asked for that another socket holds, or there is none left. */
public final class AddressInUseException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Makes one with a message that names what is in use. */
    public AddressInUseException(final String message) {
        super(message);
    }
}
