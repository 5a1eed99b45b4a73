package io.millrace.bench.command;

import java.io.PrintWriter;

/**
 * What is being done right now: on a terminal a line that is overwritten a few times a second, else one line for each
 * step. Any thread may report.
 */
public final class Progress {
    private static final long INTERVAL_NANOS = 100_000_000;
    private static final String ERASE = "\r\u001b[K";

    private final PrintWriter out;
    private final boolean terminal;
    private String step = "";
    private long shown;

    /**
     * Makes one.
     *
     * @param terminal whether lines can be overwritten
     */
    public Progress(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Begins a step. */
    public synchronized void step(String text) {
        step = text;
        shown = System.nanoTime();
        if (terminal) {
            out.print(ERASE + "  ... " + text);
        } else {
            out.println("  ... " + text);
        }
        out.flush();
    }

    /** Tells how far the step is. */
    public synchronized void at(String text) {
        final long now = System.nanoTime();
        if (terminal && now - shown > INTERVAL_NANOS) {
            shown = now;
            out.print(ERASE + "  ... " + step + ": " + text);
            out.flush();
        }
    }

    /** Ends the step with what came of it. */
    public synchronized void done(String result) {
        out.println((terminal ? ERASE : "") + result);
        out.flush();
    }
}
