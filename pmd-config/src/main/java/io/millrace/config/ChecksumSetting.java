package io.millrace.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Who takes care of the checksums of IP, UDP, TCP and ICMP on a port. */
public enum ChecksumSetting {
    /** The stack checks and writes them all. */
    SOFTWARE,
    /** The device does what it can, the stack the rest; for devices of DPDK. */
    DEVICE,
    /** The stack checks what it receives, and leaves what it sends to the device. */
    RECEIVE,
    /** The stack writes what it sends, and trusts what it receives. */
    TRANSMIT,
    /** Nobody does; for links that cannot damage a packet, with a peer that does not check either. */
    NONE;

    /** The name in flags and files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All names, the default first. */
    public static List<String> names() {
        return Arrays.stream(values()).map(ChecksumSetting::text).toList();
    }
}
