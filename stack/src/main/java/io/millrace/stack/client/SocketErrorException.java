package io.millrace.stack.client;

import java.net.SocketException;

/** A socket operation failed. */
public final class SocketErrorException extends SocketException {
    private static final long serialVersionUID = 1L;

    private final SocketError error;

    SocketErrorException(final SocketError error) {
        super(error.text());
        this.error = error;
    }

    /** What went wrong. */
    public SocketError error() {
        return error;
    }
}
