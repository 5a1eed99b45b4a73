package io.millrace.stack.iface.fragment;

/**
 * Bounds of what is held of datagrams whose fragments have not all come. All of it is memory of the stack's own: packet
 * buffers never wait for fragments. When a bound is reached, the datagram that has waited longest gives way, first among
 * those of the same source.
 *
 * @param bytes memory for fragments, 128 KiB to 1 GiB; each takes a multiple of {@value FragmentStore#CHUNK} bytes of it
 * @param bytesPerSource how much of it one source may use, 64 KiB or more: an IPv4 address or an IPv6 /64
 * @param datagrams most datagrams at the same time, 1 to 2^20; one source may have a quarter of them
 * @param fragments most fragments of one datagram, 2 to 8,192
 */
public record ReassemblyLimits(int bytes, int bytesPerSource, int datagrams, int fragments) {
    private static final int MAX_DATAGRAM = 0x1_0000;
    private static final int MAX_BYTES = 1 << 30;

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public ReassemblyLimits {
        inRange(2 * MAX_DATAGRAM, MAX_BYTES, bytes, "bytes");
        inRange(MAX_DATAGRAM, bytes, bytesPerSource, "bytesPerSource");
        inRange(1, 1 << 20, datagrams, "datagrams");
        inRange(2, 8192, fragments, "fragments");
    }

    /**
     * 4 MiB, a quarter of it for one source, 1,024 datagrams of up to 256 fragments: enough for the longest datagram at
     * an MTU of 296 bytes.
     */
    public static ReassemblyLimits defaults() {
        return new ReassemblyLimits(4 << 20, 1 << 20, 1024, 256);
    }

    private static void inRange(final int least, final int most, final int value, final String name) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " of reassembly is " + value + "; it is " + least + " to " + most);
        }
    }
}
