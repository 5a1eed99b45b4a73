package io.millrace.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Formats of capture files. */
public enum CaptureKind {
    /** libpcap's, timestamps in microseconds: read by everything. */
    PCAP,
    /** libpcap's, timestamps in nanoseconds. */
    PCAP_NANOS,
    /** The newer one, which says of each packet whether it came in or went out. */
    PCAPNG;

    /** The name in flags and files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All names. */
    public static List<String> names() {
        return Arrays.stream(values()).map(CaptureKind::text).toList();
    }
}
