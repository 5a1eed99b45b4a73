package io.millrace.bench.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that measures: what keeps it from measuring is said to the user in one line. */
public abstract class BenchmarkCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public final void run() {
        final PrintWriter err = spec.commandLine().getErr();
        try {
            measure(spec.commandLine().getOut(), line -> {
                err.println(line);
                err.flush();
            });
        } catch (final IllegalArgumentException e) {
            throw new UserErrorException(String.valueOf(e.getMessage()), e);
        } catch (final IOException e) {
            throw new UserErrorException("cannot run the benchmark: " + e.getMessage(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserErrorException("interrupted", e);
        }
    }

    /**
     * Measures and prints the figures.
     *
     * @param out where figures go
     * @param progress takes a line at a time about how far it is
     * @throws IllegalArgumentException if an option's value cannot be; its message is what the user reads
     * @throws IOException if something that the measurement needs cannot be used
     */
    protected abstract void measure(PrintWriter out, Consumer<String> progress)
            throws IOException, InterruptedException;

    /** Checks that the value of an option lies in a range, both ends included. */
    protected static void checkRange(final String option, final long value, final long min, final long max) {
        if (value < min || value > max) {
            throw new UserErrorException(
                    option + ": " + value + " is out of range; write a number from " + min + " to " + max);
        }
    }
}
