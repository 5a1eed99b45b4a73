package io.millrace.bench.forward;

import java.util.Locale;

/** What is done to each packet between receiving and sending it. */
public enum ForwardMode {
    /** Nothing; not even its bytes are looked at. */
    IO,
    /** Source and destination MAC address change places. */
    MACSWAP;

    /** As {@code dpdk-testpmd} names it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
