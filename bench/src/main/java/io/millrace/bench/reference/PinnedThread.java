package io.millrace.bench.reference;

import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.ThreadRegistration;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs a measurement on a thread of its own, which is pinned to one CPU and known to DPDK. */
public final class PinnedThread {
    private PinnedThread() {}

    /**
     * Runs it and waits for it. DPDK's EAL is started. The thread gives its lcore id back at the end: each id has a cache
     * of buffers of its own.
     *
     * @param name of the thread
     * @param cpu number of the CPU
     * @throws IOException if the measurement throws it
     * @throws IllegalStateException if it throws anything else, which is the cause
     */
    public static <T> T call(final String name, final int cpu, final Callable<T> measurement)
            throws IOException, InterruptedException {
        final FutureTask<T> task = new FutureTask<>(() -> {
            CpuAffinity.pin(cpu);
            try (ThreadRegistration _ = ThreadRegistration.register()) {
                return measurement.call();
            }
        });
        new Thread(task, name).start();
        try {
            return task.get();
        } catch (final ExecutionException e) {
            if (e.getCause() instanceof final IOException problem) {
                throw problem;
            }
            throw new IllegalStateException("the measurement failed: " + e.getCause(), e);
        }
    }
}
