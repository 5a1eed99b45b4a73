package io.millrace.dataplane.linux;

/**
 * A way that packets of a route take.
 *
 * @param device index of the interface; 0 for none
 * @param gatewayFamily family of the router that takes packets on, which need not be that of the route (RFC 8950); 0 if
 *     there is none
 * @param hi upper half of its address; 0 for IPv4
 * @param lo lower half of its address, or the IPv4 address in its lower 32 bits
 * @param weight share of the flows that it gets among the ways of its route, 1 to 256; 1 if it is the only one
 */
public record LinuxHop(int device, int gatewayFamily, long hi, long lo, int weight) {
    /** One of the usual weight. */
    public LinuxHop(final int device, final int gatewayFamily, final long hi, final long lo) {
        this(device, gatewayFamily, hi, lo, 1);
    }

    /** To the destination itself. */
    public static LinuxHop onLink(final int device) {
        return new LinuxHop(device, 0, 0, 0);
    }

    /** The same with another weight. */
    public LinuxHop withWeight(final int newWeight) {
        return new LinuxHop(device, gatewayFamily, hi, lo, newWeight);
    }

    /** Whether a router takes packets on. */
    public boolean hasGateway() {
        return gatewayFamily != 0;
    }
}
