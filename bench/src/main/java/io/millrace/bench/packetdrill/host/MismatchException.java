package io.millrace.bench.packetdrill.host;

/** Something is other than the script says. */
public final class MismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String text;

    /** With what was expected and what was found. */
    public MismatchException(final String text) {
        super(text);
        this.text = text;
    }

    /** What was expected and what was found; one line or more. */
    public String text() {
        return text;
    }
}
