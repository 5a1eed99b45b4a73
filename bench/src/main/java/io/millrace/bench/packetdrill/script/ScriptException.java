package io.millrace.bench.packetdrill.script;

/** A line of a script that cannot be read, or that can be read but not be run here. */
public final class ScriptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final boolean unsupported;

    private ScriptException(final int line, final boolean unsupported, final String message) {
        super(message);
        this.line = line;
        this.unsupported = unsupported;
    }

    /** What is no script. */
    public static ScriptException malformed(final int line, final String message) {
        return new ScriptException(line, false, message);
    }

    /** What packetdrill has, or its host, and this runner or our stack has not. */
    public static ScriptException unsupported(final int line, final String message) {
        return new ScriptException(line, true, message);
    }

    /** Line of the script, from 1. */
    public int line() {
        return line;
    }

    /** Whether the line is right but asks for something that is not there. */
    public boolean isUnsupported() {
        return unsupported;
    }
}
