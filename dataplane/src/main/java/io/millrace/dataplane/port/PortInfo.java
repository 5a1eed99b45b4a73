package io.millrace.dataplane.port;

/**
 * What a port is, fixed while it is open.
 *
 * @param name name that a person knows it by, for instance the device's argument or the interface
 * @param driver what drives it, for instance {@code net_af_packet}, {@code tap}, {@code loopback}
 * @param medium what its packets begin with
 * @param macAddress its MAC address in the low 48 bits; 0 if the medium has none
 * @param mtu largest IP packet in bytes, link header not counted
 * @param queues number of queue pairs
 * @param offloads what work it takes off the stack
 */
public record PortInfo(
        String name, String driver, Medium medium, long macAddress, int mtu, int queues, PortOffloads offloads) {
    /** A port without offloads. */
    public PortInfo(
            final String name,
            final String driver,
            final Medium medium,
            final long macAddress,
            final int mtu,
            final int queues) {
        this(name, driver, medium, macAddress, mtu, queues, PortOffloads.NONE);
    }
}
