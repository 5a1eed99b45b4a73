package io.millrace.dataplane.linux;

/**
 * A way that packets of a route take.
 *
 * @param device index of the interface; 0 for none
 * @param gatewayFamily family of the router that takes packets on, which need not be that of the route (RFC 8950); 0 if
 *     there is none
 * @param hi upper half of its address; 0 for IPv4
 * @param lo lower half of its address, or the IPv4 address in its lower 32 bits
 */
public record LinuxHop(int device, int gatewayFamily, long hi, long lo) {
    /** To the destination itself. */
    public static LinuxHop onLink(final int device) {
        return new LinuxHop(device, 0, 0, 0);
    }

    /** Whether a router takes packets on. */
    public boolean hasGateway() {
        return gatewayFamily != 0;
    }
}
