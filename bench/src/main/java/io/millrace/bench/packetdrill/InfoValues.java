package io.millrace.bench.packetdrill;

import io.millrace.bench.socketapi.ErrnoException;
import io.millrace.bench.socketapi.Failures;
import io.millrace.bench.socketapi.Linux;
import io.millrace.bench.socketapi.TcpDescriptor;
import io.millrace.bench.socketapi.TcpInfoLayout;
import java.util.HashMap;
import java.util.Map;

/**
 * The names that assertions know: the fields of Linux's tcp_info, in its units, and its constants. FreeBSD's names of states
 * stand for Linux's numbers.
 */
final class InfoValues {
    private static final Map<String, Long> NAMES = Map.ofEntries(
            Map.entry("TCP_ESTABLISHED", 1L),
            Map.entry("TCP_SYN_SENT", 2L),
            Map.entry("TCP_SYN_RECV", 3L),
            Map.entry("TCP_FIN_WAIT1", 4L),
            Map.entry("TCP_FIN_WAIT2", 5L),
            Map.entry("TCP_TIME_WAIT", 6L),
            Map.entry("TCP_CLOSE", 7L),
            Map.entry("TCP_CLOSE_WAIT", 8L),
            Map.entry("TCP_LAST_ACK", 9L),
            Map.entry("TCP_LISTEN", 10L),
            Map.entry("TCP_CLOSING", 11L),
            Map.entry("TCPI_ESTABLISHED", 1L),
            Map.entry("TCPI_SYN_SENT", 2L),
            Map.entry("TCPI_SYN_RECEIVED", 3L),
            Map.entry("TCPI_FIN_WAIT_1", 4L),
            Map.entry("TCPI_FIN_WAIT_2", 5L),
            Map.entry("TCPI_TIME_WAIT", 6L),
            Map.entry("TCPI_CLOSED", 7L),
            Map.entry("TCPI_CLOSE_WAIT", 8L),
            Map.entry("TCPI_LAST_ACK", 9L),
            Map.entry("TCPI_LISTEN", 10L),
            Map.entry("TCPI_CLOSING", 11L),
            Map.entry("TCP_CA_Open", 0L),
            Map.entry("TCP_CA_Disorder", 1L),
            Map.entry("TCP_CA_CWR", 2L),
            Map.entry("TCP_CA_Recovery", 3L),
            Map.entry("TCP_CA_Loss", 4L),
            Map.entry("TCPI_OPT_TIMESTAMPS", 1L),
            Map.entry("TCPI_OPT_SACK", 2L),
            Map.entry("TCPI_OPT_WSCALE", 4L),
            Map.entry("TCPI_OPT_ECN", 8L),
            Map.entry("TCPI_OPT_ECN_SEEN", 16L),
            Map.entry("TCPI_OPT_SYN_DATA", 32L),
            Map.entry("TCP_INFINITE_SSTHRESH", 0x7FFF_FFFFL),
            Map.entry("True", 1L),
            Map.entry("False", 0L));

    private InfoValues() {}

    /** All names and their values for a connection at this moment. */
    static Map<String, Long> of(final TcpDescriptor connection, final long now) {
        final Map<String, Long> values = new HashMap<>(NAMES);
        try {
            final byte[] info = Failures.translated(() -> connection.info(now));
            values.putAll(TcpInfoLayout.decode(info));
            values.keySet().removeAll(TcpInfoLayout.NOT_KEPT);
        } catch (final ErrnoException e) {
            throw new IllegalStateException("TCP_INFO fails with " + Linux.describe(e.errno()), e);
        }
        return values;
    }
}
