package io.millrace.dpdk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Catches what native code prints while EAL starts: for a wrong argument getopt writes to standard error and EAL writes
 * its usage, pages of it, to standard output, neither through DPDK's log. File descriptors 1 and 2 belong to the whole
 * process, so other threads' output of that moment is caught too.
 */
final class OutputCapture implements AutoCloseable {
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int LIMIT = 64 * 1024;

    private final int file;
    private final int stdout;
    private final int stderr;

    OutputCapture() {
        Libc.flushAll();
        file = Libc.memfdCreate(Arena.global().allocateFrom("millrace-eal-output"));
        stdout = Libc.dup(STDOUT);
        stderr = Libc.dup(STDERR);
        if (file >= 0) {
            Libc.dup2(file, STDOUT);
            Libc.dup2(file, STDERR);
        }
    }

    /** Lines printed so far. */
    List<String> lines() {
        Libc.flushAll();
        if (file < 0) {
            return List.of();
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment text = arena.allocate(LIMIT);
            final int length = (int) Math.max(0, Libc.readFromStart(file, text));
            final byte[] bytes = text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        }
    }

    @Override
    public void close() {
        Libc.flushAll();
        restore(stdout, STDOUT);
        restore(stderr, STDERR);
        if (file >= 0) {
            Libc.close(file);
        }
    }

    private static void restore(final int saved, final int fd) {
        // A descriptor that was closed before stays closed.
        if (saved >= 0) {
            Libc.dup2(saved, fd);
            Libc.close(saved);
        } else {
            Libc.close(fd);
        }
    }
}
