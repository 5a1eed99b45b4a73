package io.millrace.bench.socketapi;

/** A call fails, with an error number of Linux. */
public final class ErrnoException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /** With the number. */
    public ErrnoException(int errno) {
        super("errno " + errno, null, false, false);
        this.errno = errno;
    }

    /** The number. */
    public int errno() {
        return errno;
    }
}
