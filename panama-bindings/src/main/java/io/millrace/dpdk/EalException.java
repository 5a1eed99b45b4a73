package io.millrace.dpdk;

import io.millrace.dpdk.ffi.Dpdk;
import java.util.List;
import java.util.stream.Collectors;

/** DPDK refused something, or is not there. The message is one line and holds DPDK's own words. */
public final class EalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** DPDK's code for "look into rte_errno", which is also EPERM. */
    private static final int SEE_ERRNO = -1;

    private static final int MAX_LOG_LINES = 3;

    private final int errno;

    EalException(final String message, final int errno) {
        super(message);
        this.errno = errno;
    }

    /** The error number that DPDK gave, as in {@code errno.h}; 0 if the libraries could not be loaded at all. */
    public int errno() {
        return errno;
    }

    /**
     * Checks what a function of DPDK returned.
     *
     * @param result negative if it failed: the negated error number, or -1 with {@code rte_errno} set
     * @param what what was tried, for instance {@code "start port net_null0"}
     * @return {@code result}, if it is not negative
     */
    static int check(final int result, final String what) {
        if (result >= 0) {
            return result;
        }
        final int global = EalThreadLocals.errno();
        throw of(result == SEE_ERRNO && global != 0 ? global : -result, what);
    }

    /** Describes a failure with the words for {@code errno} and what DPDK logged since the call began. */
    static EalException of(final int errno, final String what) {
        final String words = Dpdk.rte_strerror(errno).getString(0);
        final List<String> log =
                EalLog.lines().stream().filter(EalException::isAboutTheFailure).toList();
        final String said =
                log.stream().skip(Math.max(0, log.size() - MAX_LOG_LINES)).collect(Collectors.joining("; "));
        return new EalException("cannot " + what + ": " + words + (said.isEmpty() ? "" : " (" + said + ")"), errno);
    }

    /** What EAL says of the machine whenever it starts. */
    private static boolean isAboutTheFailure(final String line) {
        return !line.startsWith("EAL: Detected ")
                && !line.startsWith("EAL: Selected IOVA mode")
                && !line.startsWith("EAL: Physical addresses are unavailable")
                && !line.startsWith("TELEMETRY: No legacy callbacks");
    }
}
