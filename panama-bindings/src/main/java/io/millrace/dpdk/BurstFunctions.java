package io.millrace.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.millrace.dpdk.ffi.Dpdk;
import io.millrace.dpdk.ffi.rte_eth_fp_ops;
import io.millrace.dpdk.ffi.rte_ethdev_qdata;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Set;

/**
 * Receives and transmits bursts on one queue pair of a started device. {@code rte_eth_rx_burst} and
 * {@code rte_eth_tx_burst} have no symbol, being inline; what they do is read the driver's function and its queue from
 * {@code rte_eth_fp_ops} and call it. Here both are read once.
 *
 * <p>For one thread at a time, which should be {@linkplain ThreadRegistration registered}. Never to be called after the
 * device was stopped: its functions are the driver's own, without DPDK's guard. Callbacks of DPDK's on queues are not
 * run.
 */
public final class BurstFunctions {
    /**
     * Drivers whose bursts touch memory and registers only. Their calls are made without leaving the Java thread state,
     * which is faster, but holds up every safepoint while they last. All others may make system calls: af_packet, af_xdp,
     * tap, pcap and memif do, vhost and virtio notify their peer by one.
     */
    private static final Set<String> QUICK_DRIVERS = Set.of(
            "net_null",
            "net_ring",
            "net_e1000_em",
            "net_e1000_igb",
            "net_e1000_igb_vf",
            "net_igc",
            "net_ixgbe",
            "net_ixgbe_vf",
            "net_i40e",
            "net_iavf",
            "net_ice",
            "net_bnxt",
            "net_ena",
            "net_gve",
            "net_vmxnet3",
            "mlx5_pci");

    private static final FunctionDescriptor BURST = FunctionDescriptor.of(JAVA_SHORT, JAVA_LONG, JAVA_LONG, JAVA_SHORT);
    private static final MethodHandle QUICK = link(Linker.Option.critical(false));
    private static final MethodHandle PATIENT = link();

    private final MemorySegment receive;
    private final long receiveQueue;
    private final MemorySegment transmit;
    private final long transmitQueue;

    /** The driver's function, at address 0 if it has none. */
    private final MemorySegment prepare;

    private final boolean quick;

    private BurstFunctions(
            final MemorySegment receive,
            final long receiveQueue,
            final MemorySegment transmit,
            final long transmitQueue,
            final MemorySegment prepare,
            final boolean quick) {
        this.receive = receive;
        this.receiveQueue = receiveQueue;
        this.transmit = transmit;
        this.transmitQueue = transmitQueue;
        this.prepare = prepare;
        this.quick = quick;
    }

    /**
     * Reads the functions of a queue pair.
     *
     * @param device started
     * @param queue number of the receive queue and of the transmit queue
     */
    public static BurstFunctions of(final EthDevice device, final int queue) {
        final MemorySegment ops = rte_eth_fp_ops.asSlice(Dpdk.rte_eth_fp_ops(), device.port());
        return new BurstFunctions(
                rte_eth_fp_ops.rx_pkt_burst(ops),
                queueData(rte_eth_fp_ops.rxq(ops), queue, device),
                rte_eth_fp_ops.tx_pkt_burst(ops),
                queueData(rte_eth_fp_ops.txq(ops), queue, device),
                rte_eth_fp_ops.tx_pkt_prepare(ops),
                isQuick(device.info().driver()));
    }

    /** Whether a driver's bursts neither block nor make a system call. False for drivers that are not known. */
    public static boolean isQuick(final String driver) {
        return QUICK_DRIVERS.contains(driver);
    }

    private static long queueData(final MemorySegment queues, final int queue, final EthDevice device) {
        final MemorySegment data = rte_ethdev_qdata.data(queues);
        final long address = data.address() == 0
                ? 0
                : data.getAtIndex(ValueLayout.ADDRESS, queue).address();
        if (address == 0) {
            throw new IllegalStateException("port " + device.name() + " has no queue " + queue + " or is not started");
        }
        return address;
    }

    /**
     * Receives packets.
     *
     * @param packets address of native memory that receives the addresses of up to {@code max} mbufs, then the caller's
     * @param max 1 to 65,535
     * @return how many
     */
    public int receive(final long packets, final int max) {
        return burst(receive, receiveQueue, packets, max);
    }

    /**
     * Transmits packets.
     *
     * @param packets address of native memory that holds the addresses of {@code count} mbufs
     * @param count 0 to 65,535
     * @return how many the driver took, the first ones; it frees them when they are sent
     */
    public int transmit(final long packets, final int count) {
        return burst(transmit, transmitQueue, packets, count);
    }

    /**
     * Makes packets that leave work to the device ready for {@link #transmit}, as {@code rte_eth_tx_prepare} does.
     *
     * @param packets address of native memory that holds the addresses of {@code count} mbufs
     * @param count 0 to 65,535
     * @return how many are ready, the first ones; the driver refuses the next one
     */
    public int prepare(final long packets, final int count) {
        return prepare.address() == 0 ? count : burst(prepare, transmitQueue, packets, count);
    }

    private int burst(final MemorySegment function, final long queue, final long packets, final int count) {
        // A segment made for each call would spare checks of its class and scope, but where the compiler
        // does not inline the call it is an object for each.
        try {
            final short done = quick
                    ? (short) QUICK.invokeExact(function, queue, packets, (short) count)
                    : (short) PATIENT.invokeExact(function, queue, packets, (short) count);
            return done & 0xFFFF;
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(final Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(BURST, options);
    }
}
