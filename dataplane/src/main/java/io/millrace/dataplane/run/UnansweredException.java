package io.millrace.dataplane.run;

/** A question to another thread has no answer, see {@link OnThread}. */
public final class UnansweredException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    UnansweredException(final Reason reason, final String message) {
        super(message);
        this.reason = reason;
    }

    /** Why there is none. */
    public Reason reason() {
        return reason;
    }

    /** Why a question has no answer. */
    public enum Reason {
        /** The thread did not take it: it has ended, or has too many already. */
        REFUSED,
        /** The thread had not begun with it in time, and will not. */
        LATE,
        /** The thread had begun in time, and was still at it; what it does is done all the same. */
        UNFINISHED,
        /** Whoever waited was interrupted. */
        INTERRUPTED
    }
}
