package io.millrace.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace for a test with a real kernel as its peer. The namespace belongs to one thread and to the processes
 * that this thread starts, and vanishes with them; the machine's own interfaces are never touched. Needs root.
 */
public final class Netns {
    private static final int CLONE_NEWNET = 0x4000_0000;

    private Netns() {}

    /** Runs {@code body} on a fresh thread in a fresh namespace, and gives its result or throws what it threw. */
    public static <T> T call(final Callable<T> body) throws Exception {
        final FutureTask<T> task = new FutureTask<>(() -> {
            unshare();
            run("ip", "link", "set", "lo", "up");
            return body.call();
        });
        final Thread thread = new Thread(task, "netns");
        thread.start();
        try {
            return task.get();
        } catch (final ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        } finally {
            thread.join();
        }
    }

    /** Runs a command in this thread's namespace, asserts that it succeeds and gives its output. */
    public static String run(final String... command) throws IOException, InterruptedException {
        final Process process = start(command);
        final String output = output(process);
        assertEquals(0, process.exitValue(), () -> String.join(" ", command) + ": " + output);
        return output;
    }

    /** Starts a command in this thread's namespace; standard error goes with standard output. */
    public static Process start(final String... command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Waits for a command and gives its output. */
    public static String output(final Process process) throws IOException, InterruptedException {
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(Await.SECONDS, TimeUnit.SECONDS), "the command does not end");
        return output;
    }

    private static void unshare() {
        final Linker linker = Linker.nativeLinker();
        try {
            final int result = (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("unshare"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                    .invokeExact(CLONE_NEWNET);
            assertEquals(0, result, "a network namespace needs root");
        } catch (final RuntimeException | Error e) {
            throw e;
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }
}
