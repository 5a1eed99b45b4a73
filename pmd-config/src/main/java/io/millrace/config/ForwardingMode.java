package io.millrace.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What {@code forward} does with packets. */
public enum ForwardingMode {
    /** Sends each out of the port's partner as it is. */
    IO(true, false, 1),
    /** The same with source and destination MAC address exchanged. */
    MACSWAP(true, false, 1),
    /** The same with checksums of IPv4, TCP and UDP written anew. */
    CSUM(true, false, 1),
    /** Learns where stations are and sends frames there. */
    L2SWITCH(false, false, 2),
    /** Routes IPv4 and IPv6 between the ports. */
    L3ROUTER(false, true, 1),
    /** Answers ARP, neighbour solicitations and echo requests for the ports' addresses. */
    RESPONDER(false, true, 1),
    /** Sends each out of the port's partner and writes it to a capture. */
    RECORDER(true, false, 1);

    private final boolean pairs;
    private final boolean needsAddresses;
    private final int leastPorts;

    ForwardingMode(boolean pairs, boolean needsAddresses, int leastPorts) {
        this.pairs = pairs;
        this.needsAddresses = needsAddresses;
        this.leastPorts = leastPorts;
    }

    /** The name in flags and files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All names. */
    public static List<String> names() {
        return Arrays.stream(values()).map(ForwardingMode::text).toList();
    }

    /** Whether ports are partners, the first of the second, the third of the fourth and so on; a single one of itself. */
    public boolean pairs() {
        return pairs;
    }

    /** Whether every port has addresses. */
    public boolean needsAddresses() {
        return needsAddresses;
    }

    /** Whether it works on Ethernet headers. */
    public boolean needsEthernet() {
        return this != IO && this != L3ROUTER && this != RECORDER;
    }

    /** How many ports there must be. */
    public int leastPorts() {
        return leastPorts;
    }
}
