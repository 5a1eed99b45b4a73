package io.millrace.dataplane.port.pcap;

/** Formats of capture files. */
public enum CaptureFormat {
    /** libpcap's, with timestamps in microseconds: read by everything. */
    PCAP,
    /** libpcap's, with timestamps in nanoseconds. */
    PCAP_NANOS,
    /** The newer one, which also says of each packet whether it came in or went out; timestamps in nanoseconds. */
    PCAPNG
}
