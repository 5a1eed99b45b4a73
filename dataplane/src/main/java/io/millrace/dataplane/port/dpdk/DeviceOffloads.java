package io.millrace.dataplane.port.dpdk;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortOffloads;
import io.millrace.dataplane.port.Segmentation;
import io.millrace.dpdk.EthDeviceInfo;

/**
 * What a device is asked to do, out of what it can: {@code RTE_ETH_RX_OFFLOAD_*} and {@code RTE_ETH_TX_OFFLOAD_*}.
 *
 * @param receive flags for the device
 * @param transmit flags for the device
 */
record DeviceOffloads(long receive, long transmit) {
    /** IPv4, UDP and TCP checksums. */
    private static final long RX_CHECKSUMS = 0b1110;

    /** The checksum of the IPv4 header, which the stack writes itself if it sends no long segments. */
    private static final long TX_IPV4_CHECKSUM = 0b0010;

    /** UDP and TCP checksums. */
    private static final long TX_CHECKSUMS = 0b1100;

    private static final long TX_TCP_TSO = 1L << 5;
    private static final long TX_MULTI_SEGS = 1L << 15;
    private static final long TX_SEGMENTATION = TX_CHECKSUMS | TX_TCP_TSO | TX_MULTI_SEGS;

    private static final String TAP = "net_tap";

    /** Most packets that net_tap makes of one, {@code MAX_GSO_MBUFS}. */
    private static final int TAP_SEGMENTS = 64;

    /** All or nothing in each direction: the stack does not tell protocols apart here. */
    static DeviceOffloads of(final DpdkPortConfig config, final EthDeviceInfo can) {
        final boolean receives = config.checksumOffloads() && has(can.receiveOffloads(), RX_CHECKSUMS);
        final boolean completes = config.checksumOffloads() && has(can.transmitOffloads(), TX_CHECKSUMS);
        final boolean cuts = config.segmentationOffload() && has(can.transmitOffloads(), TX_SEGMENTATION);
        return new DeviceOffloads(
                receives ? RX_CHECKSUMS : 0,
                (completes ? TX_CHECKSUMS : 0)
                        | (cuts ? TX_SEGMENTATION | (can.transmitOffloads() & TX_IPV4_CHECKSUM) : 0));
    }

    /** What the port promises. */
    PortOffloads promise(final EthDeviceInfo can) {
        return new PortOffloads(
                receive != 0, has(transmit, TX_CHECKSUMS), cuts() ? segmentation(can) : Segmentation.NONE);
    }

    /**
     * The MTU that the port has of a device's. When it cuts segments, net_tap compares the MTU with frames, link header
     * included, and refuses for ever what is longer.
     */
    int mtu(final EthDeviceInfo can, final int device) {
        return cuts() && can.driver().equals(TAP) ? device - Medium.ETHERNET.longestHeader() : device;
    }

    private boolean cuts() {
        return has(transmit, TX_SEGMENTATION);
    }

    private static boolean has(final long offloads, final long wanted) {
        return (offloads & wanted) == wanted;
    }

    /** Whether a device writes the checksums of IPv4 headers, which those of long segments ask for then. */
    static boolean writesIpv4Checksums(final EthDeviceInfo can) {
        return has(can.transmitOffloads(), TX_IPV4_CHECKSUM);
    }

    private static Segmentation segmentation(final EthDeviceInfo can) {
        final int buffers = can.maxTransmitBuffers() == 0 ? Segmentation.NO_LIMIT : can.maxTransmitBuffers();
        // net_tap uses rte_gso_segment, which knows no IPv6.
        return can.driver().equals(TAP)
                ? new Segmentation(true, false, Segmentation.NO_LIMIT, buffers, TAP_SEGMENTS)
                : new Segmentation(true, true, Segmentation.NO_LIMIT, buffers, Segmentation.NO_LIMIT);
    }
}
