package io.millrace.dpdk;

import io.millrace.dpdk.ffi.Dpdk;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * DPDK's log, written to memory instead of standard error, so that an exception can quote it and nothing else is printed.
 * Holds what came since {@link #clear()}, up to 64 KiB. With the system property {@code io.millrace.dpdk.log=stderr} the
 * log goes where DPDK sends it by itself.
 */
final class EalLog {
    private static final int CAPACITY = 64 * 1024;
    private static final boolean CAPTURED = !"stderr".equals(System.getProperty("io.millrace.dpdk.log"));
    private static final MemorySegment TEXT = Arena.global().allocate(CAPACITY);
    private static final MemorySegment STREAM = open();

    private EalLog() {}

    private static MemorySegment open() {
        final MemorySegment stream = Libc.fmemopen(TEXT, Arena.global().allocateFrom("w"));
        if (CAPTURED && stream.address() != 0) {
            Dpdk.rte_openlog_stream(stream);
        }
        return stream;
    }

    /** Forgets what was logged. The first call redirects the log. */
    static synchronized void clear() {
        if (STREAM.address() != 0) {
            Libc.rewind(STREAM);
        }
        TEXT.fill((byte) 0);
    }

    /** The lines logged since {@link #clear()}. */
    static synchronized List<String> lines() {
        // The stream may fill the memory to the last byte, without a terminator.
        final long end = TEXT.byteSize() - 1;
        TEXT.set(ValueLayout.JAVA_BYTE, end, (byte) 0);
        return TEXT.getString(0)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
