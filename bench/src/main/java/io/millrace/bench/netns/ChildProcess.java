package io.millrace.bench.netns;

import java.util.concurrent.TimeUnit;

/** The end of a process that this one started. */
public final class ChildProcess {
    private ChildProcess() {}

    /**
     * Sees to it that a process has ended that was told to, by a signal or by the end of its input: waits for it, and
     * kills it when it takes too long or this thread is interrupted, which it then still is.
     */
    public static void end(Process process, long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
