package io.millrace.config.host;

/**
 * The effective capabilities of this process.
 *
 * @param bits as in {@code CapEff}
 */
public record Capabilities(long bits) {
    /** Making interfaces and setting them up. */
    public static final int NET_ADMIN = 12;
    /** Packet sockets. */
    public static final int NET_RAW = 13;
    /** Locking memory without a limit. */
    public static final int IPC_LOCK = 14;
    /** Namespaces, among much else. */
    public static final int SYS_ADMIN = 21;
    /** Programs in the kernel. */
    public static final int BPF = 39;

    /** Those that this process has on a machine; none if the machine does not say. */
    public static Capabilities of(Host host) {
        final String text = host.status("CapEff");
        return new Capabilities(text != null && text.matches("[0-9a-f]{1,16}") ? Long.parseUnsignedLong(text, 16) : 0);
    }

    /** Whether one of them, by the kernel's number, is there. */
    public boolean has(int capability) {
        return (bits >>> capability & 1) != 0;
    }
}
