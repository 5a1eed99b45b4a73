package io.millrace.bench.latency;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Lets threads run before all ordinary ones of the machine ({@code SCHED_FIFO}), with {@code chrt}. */
final class RealTime {
    private static final Path SELF = Path.of("/proc/thread-self");

    private RealTime() {}

    /**
     * Lets a thread.
     *
     * @param thread its number in the kernel
     * @throws IOException if that is not allowed; the message says what to do
     */
    static void let(final String thread) throws IOException, InterruptedException {
        final Process chrt = new ProcessBuilder("chrt", "--fifo", "--pid", "1", thread)
                .redirectErrorStream(true)
                .start();
        final String said = new String(chrt.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (chrt.waitFor() != 0) {
            throw new IOException(said.strip() + "; run with sudo, or leave out --real-time");
        }
    }

    /** Lets the calling thread. */
    static void letCaller() throws IOException, InterruptedException {
        let(String.valueOf(SELF.toRealPath().getFileName()));
    }
}
