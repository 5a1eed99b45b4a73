package io.millrace.dataplane.port.dpdk;

/**
 * How a DPDK port is to be opened.
 *
 * @param devargs the device as for EAL's {@code --vdev} or {@code --allow}, such as
 *     {@code net_af_packet0,iface=veth1} or a PCI address
 * @param queues number of queue pairs, at least 1
 * @param mtu largest IP packet in bytes, at most 65,535; 0 for what the device is set to
 * @param macAddress MAC address in the low 48 bits; 0 for the device's own
 * @param receiveDescriptors packets that each receive queue holds, brought within the device's limits
 * @param transmitDescriptors packets that each transmit queue holds, brought within the device's limits
 * @param checksumOffloads whether the device is to check and complete checksums, as far as it can
 * @param segmentationOffload whether the device is to cut long TCP segments, as far as it can; it completes the checksums
 *     of what it sends then
 */
public record DpdkPortConfig(
        String devargs,
        int queues,
        int mtu,
        long macAddress,
        int receiveDescriptors,
        int transmitDescriptors,
        boolean checksumOffloads,
        boolean segmentationOffload) {
    /** Packets that a queue holds if nothing is said. */
    public static final int DEFAULT_DESCRIPTORS = 512;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public DpdkPortConfig {
        if (queues < 1) {
            throw new IllegalArgumentException(queues + " queues; at least 1 is needed");
        }
        if (mtu < 0 || mtu > 0xFFFF) {
            throw new IllegalArgumentException("MTU of " + mtu + " bytes; it is at most 65535");
        }
        if (macAddress >>> 48 != 0) {
            throw new IllegalArgumentException("a MAC address has 48 bits");
        }
    }

    /** One queue pair, and everything else as the device has it. */
    public static DpdkPortConfig of(final String devargs) {
        return new DpdkPortConfig(devargs, 1, 0, 0, DEFAULT_DESCRIPTORS, DEFAULT_DESCRIPTORS, false, false);
    }

    /** The same with a number of queue pairs. */
    public DpdkPortConfig withQueues(final int number) {
        return with(number, mtu, macAddress, checksumOffloads, segmentationOffload);
    }

    /** The same with an MTU. */
    public DpdkPortConfig withMtu(final int bytes) {
        return with(queues, bytes, macAddress, checksumOffloads, segmentationOffload);
    }

    /** The same with a MAC address. */
    public DpdkPortConfig withMacAddress(final long mac) {
        return with(queues, mtu, mac, checksumOffloads, segmentationOffload);
    }

    /**
     * The same with checksums left to the device, as far as it can do them. Pays with network cards; {@code net_tap} does
     * in software what the stack would do.
     */
    public DpdkPortConfig withChecksumOffloads() {
        return with(queues, mtu, macAddress, true, segmentationOffload);
    }

    /**
     * The same with the cutting of TCP segments left to the device, as far as it can: {@code RTE_ETH_TX_OFFLOAD_TCP_TSO},
     * with checksums and packets of several buffers. {@code net_tap} does it in software and over IPv4 only, and the
     * port's MTU is then less than the device's by {@link io.millrace.dataplane.port.Medium#longestHeader}.
     */
    public DpdkPortConfig withSegmentationOffload() {
        return with(queues, mtu, macAddress, checksumOffloads, true);
    }

    private DpdkPortConfig with(
            final int newQueues,
            final int newMtu,
            final long mac,
            final boolean checksums,
            final boolean segmentation) {
        return new DpdkPortConfig(
                devargs, newQueues, newMtu, mac, receiveDescriptors, transmitDescriptors, checksums, segmentation);
    }
}
