package io.millrace.bench.soak;

import java.util.Locale;

/** Through which ports the packets of a soak go. */
enum SoakPorts {
    /** Two ports in this process, without DPDK. What one is given it hands over again. */
    LOOPBACK,
    /** Two of DPDK's, in rings of which the same happens. */
    NET_RING,
    /**
     * Two of DPDK's, which free what they are given and hand over buffers of their own, with whatever stands in them:
     * most often the front of an earlier packet.
     */
    NET_NULL;

    /** As a driver is named. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
