package io.millrace.bench.serve;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Lets a command end in order, and with an exit code of its own, when the user interrupts it (SIGINT) or the system ends
 * it (SIGTERM). Without this the JVM would exit with 128 plus the signal's number while the command is still at work.
 *
 * <p>The command waits in {@link #await}, cleans up, calls {@link #finished} and returns.
 */
public final class Termination implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::onShutdown, "termination");
    private volatile int code = 1;

    private Termination() {}

    /** Begins to watch for signals. */
    public static Termination install() {
        final Termination termination = new Termination();
        Runtime.getRuntime().addShutdownHook(termination.hook);
        return termination;
    }

    /**
     * Does a command's work and ends the watch. What the work throws is told here, by whoever tells of the command's errors:
     * after a signal the JVM ends before anybody else could.
     *
     * @param spec the command's
     * @param work what to do, up to a signal; it cleans up behind itself
     * @return the exit code
     */
    public static int during(CommandSpec spec, Work work) throws Exception {
        try (Termination termination = install()) {
            int code;
            try {
                code = work.run(termination);
            } catch (Exception e) {
                final CommandLine command = spec.commandLine();
                code = command.getExecutionExceptionHandler()
                        .handleExecutionException(e, command, command.getParseResult());
                command.getErr().flush();
            }
            termination.finished(code);
            return code;
        }
    }

    /** What a command does until a signal comes. */
    public interface Work {
        /** Does it and returns the exit code. */
        int run(Termination termination) throws Exception;
    }

    /**
     * Waits for a signal, or for {@link #request}.
     *
     * @return whether one came in time
     */
    public boolean await(long millis) throws InterruptedException {
        return requested.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Whether a signal came, or {@link #request} was called. */
    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Does what a signal does, for a command that ends on its own. */
    public void request() {
        requested.countDown();
    }

    /**
     * Tells that everything is cleaned up; after a signal the JVM ends now. Not called, the JVM ends after 30 seconds.
     */
    public void finished(int exitCode) {
        code = exitCode;
        done.countDown();
    }

    /** Ends the watch. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            done.countDown(); // the JVM is on its way out already, perhaps waiting for this
        }
    }

    private void onShutdown() {
        requested.countDown();
        boolean inOrder = false;
        try {
            inOrder = done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(inOrder ? code : 1);
    }
}
