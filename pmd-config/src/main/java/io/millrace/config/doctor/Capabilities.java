package io.millrace.config.doctor;

import io.millrace.config.host.Host;

/**
 * The effective capabilities of this process.
 *
 * @param bits as in {@code CapEff}
 */
record Capabilities(long bits) {
    static final int NET_ADMIN = 12;
    static final int NET_RAW = 13;
    static final int IPC_LOCK = 14;
    static final int SYS_ADMIN = 21;
    static final int BPF = 39;

    static Capabilities of(Host host) {
        final String text = host.status("CapEff");
        return new Capabilities(text != null && text.matches("[0-9a-f]{1,16}") ? Long.parseUnsignedLong(text, 16) : 0);
    }

    boolean has(int capability) {
        return (bits >>> capability & 1) != 0;
    }
}
