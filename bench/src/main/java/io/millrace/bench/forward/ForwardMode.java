package io.millrace.bench.forward;

import java.util.Locale;

/** What is done to each packet between receiving and sending it. */
public enum ForwardMode {
    /** Nothing; not even its bytes are looked at. */
    IO,
    /** Source and destination MAC address change places. */
    MACSWAP,
    /** The checksums of IPv4, TCP and UDP are written anew; packets are UDP over IPv4 without a UDP checksum. */
    CSUM;

    /** As {@code dpdk-testpmd} names it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
