package io.millrace.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.millrace.dpdk.ffi.Dpdk;
import io.millrace.dpdk.ffi.rte_eth_conf;
import io.millrace.dpdk.ffi.rte_eth_desc_lim;
import io.millrace.dpdk.ffi.rte_eth_dev_info;
import io.millrace.dpdk.ffi.rte_eth_link;
import io.millrace.dpdk.ffi.rte_eth_rss_conf;
import io.millrace.dpdk.ffi.rte_eth_rxmode;
import io.millrace.dpdk.ffi.rte_eth_stats;
import io.millrace.dpdk.ffi.rte_eth_txmode;
import io.millrace.dpdk.ffi.rte_eth_xstat;
import io.millrace.dpdk.ffi.rte_eth_xstat_name;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An Ethernet device of DPDK, virtual or physical: probe, configure, set up its queues, start; stop and close.
 *
 * <p>Control methods, to be called by one thread at a time. Errors are {@link EalException}s with DPDK's words.
 */
public final class EthDevice implements AutoCloseable {
    private static final int MAC_BYTES = 6;

    private static final int DEFAULT_KEY_BYTES = 40;

    private final short port;
    private final String name;
    private boolean started;
    private boolean closed;

    private EthDevice(final int port) {
        this.port = (short) port;
        this.name = nameOf(this.port);
    }

    /**
     * Adds a device while EAL runs, or finds it if it was among EAL's arguments.
     *
     * @param devargs as for EAL's {@code --vdev} or {@code --allow}: a driver's name with a number and its parameters,
     *     such as {@code net_af_packet0,iface=eth1}, or a PCI address
     * @throws EalException if there is no such driver or device, or the driver refuses
     */
    public static EthDevice probe(final String devargs) {
        EalLog.clear();
        final int comma = devargs.indexOf(',');
        final String name = comma < 0 ? devargs : devargs.substring(0, comma);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment port = arena.allocate(JAVA_SHORT);
            if (Dpdk.rte_eth_dev_get_port_by_name(arena.allocateFrom(name), port) == 0) {
                return new EthDevice(port.get(JAVA_SHORT, 0));
            }
            final BitSet before = ports();
            EalException.check(Dpdk.rte_dev_probe(arena.allocateFrom(devargs)), "open device \"" + devargs + "\"");
            final BitSet added = ports();
            added.andNot(before);
            // The name of a PCI device may have been given in short, so that of the new port need not be the same.
            return added.isEmpty() ? byName(name) : new EthDevice(added.nextSetBit(0));
        }
    }

    /**
     * Finds a device that EAL has probed.
     *
     * @param name its name, such as {@code net_null0} or a PCI address
     * @throws EalException if there is none of that name
     */
    public static EthDevice byName(final String name) {
        EalLog.clear();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment port = arena.allocate(JAVA_SHORT);
            EalException.check(
                    Dpdk.rte_eth_dev_get_port_by_name(arena.allocateFrom(name), port), "find device \"" + name + "\"");
            return new EthDevice(port.get(JAVA_SHORT, 0));
        }
    }

    /** Ids of the devices that there are. */
    public static BitSet ports() {
        final BitSet ports = new BitSet();
        for (int port = 0; port < Dpdk.RTE_MAX_ETHPORTS(); port++) {
            if (Dpdk.rte_eth_dev_is_valid_port((short) port) != 0) {
                ports.set(port);
            }
        }
        return ports;
    }

    /** Its number, 0 to 31. */
    public int port() {
        return port;
    }

    /** Its name within DPDK. */
    public String name() {
        return name;
    }

    /** What it is and can do. */
    public EthDeviceInfo info() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment info = rawInfo(arena);
            return new EthDeviceInfo(
                    rte_eth_dev_info.driver_name(info).getString(0),
                    rte_eth_dev_info.max_rx_queues(info) & 0xFFFF,
                    rte_eth_dev_info.max_tx_queues(info) & 0xFFFF,
                    rte_eth_dev_info.min_mtu(info) & 0xFFFF,
                    unlimited(rte_eth_dev_info.max_mtu(info) & 0xFFFF),
                    rte_eth_dev_info.rx_offload_capa(info),
                    rte_eth_dev_info.tx_offload_capa(info),
                    rte_eth_dev_info.flow_type_rss_offloads(info),
                    rte_eth_dev_info.hash_key_size(info) & 0xFF,
                    rte_eth_dev_info.reta_size(info) & 0xFFFF,
                    rte_eth_desc_lim.nb_seg_max(rte_eth_dev_info.tx_desc_lim(info)) & 0xFFFF,
                    Dpdk.rte_eth_dev_socket_id(port));
        }
    }

    private static int unlimited(final int mtu) {
        return mtu == 0xFFFF ? 0 : mtu;
    }

    /** Sets up queues, RSS and offloads. The device must be stopped. */
    public void configure(final EthConfig config) {
        EalLog.clear();
        final EthDeviceInfo info = info();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment conf = rte_eth_conf.allocate(arena);
            conf.fill((byte) 0);
            final long rssTypes =
                    config.symmetricRss() && config.receiveQueues() > 1 ? info.rssTypes() & rssWanted() : 0;
            final MemorySegment rxmode = rte_eth_conf.rxmode(conf);
            rte_eth_rxmode.offloads(rxmode, config.receiveOffloads() & info.receiveOffloads());
            rte_eth_txmode.offloads(rte_eth_conf.txmode(conf), config.transmitOffloads() & info.transmitOffloads());
            if (rssTypes != 0) {
                rte_eth_rxmode.mq_mode(rxmode, Dpdk.RTE_ETH_MQ_RX_RSS());
                final int keyLength = info.rssKeyLength() == 0 ? DEFAULT_KEY_BYTES : info.rssKeyLength();
                final MemorySegment key = arena.allocate(keyLength);
                for (int i = 0; i < keyLength; i++) {
                    key.set(JAVA_BYTE, i, (byte) (config.rssKeyWord() >>> (i % 2 == 0 ? Byte.SIZE : 0)));
                }
                final MemorySegment rss = rte_eth_conf.rx_adv_conf.rss_conf(rte_eth_conf.rx_adv_conf(conf));
                rte_eth_rss_conf.rss_key(rss, key);
                rte_eth_rss_conf.rss_key_len(rss, (byte) keyLength);
                rte_eth_rss_conf.rss_hf(rss, rssTypes);
            }
            check(
                    Dpdk.rte_eth_dev_configure(
                            port, (short) config.receiveQueues(), (short) config.transmitQueues(), conf),
                    "configure");
        }
    }

    /** What is hashed: addresses, and ports where there are any. */
    private static long rssWanted() {
        return Dpdk.RTE_ETH_RSS_IPV4()
                | Dpdk.RTE_ETH_RSS_FRAG_IPV4()
                | Dpdk.RTE_ETH_RSS_NONFRAG_IPV4_TCP()
                | Dpdk.RTE_ETH_RSS_NONFRAG_IPV4_UDP()
                | Dpdk.RTE_ETH_RSS_NONFRAG_IPV4_OTHER()
                | Dpdk.RTE_ETH_RSS_IPV6()
                | Dpdk.RTE_ETH_RSS_FRAG_IPV6()
                | Dpdk.RTE_ETH_RSS_NONFRAG_IPV6_TCP()
                | Dpdk.RTE_ETH_RSS_NONFRAG_IPV6_UDP()
                | Dpdk.RTE_ETH_RSS_NONFRAG_IPV6_OTHER();
    }

    /**
     * Numbers of descriptors in each queue of a device.
     *
     * @param receive of each receive queue
     * @param transmit of each transmit queue
     */
    public record QueueSizes(int receive, int transmit) {}

    /** Brings numbers of descriptors within what the device takes. */
    public QueueSizes adjust(final QueueSizes wanted) {
        EalLog.clear();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment rx = arena.allocateFrom(JAVA_SHORT, (short) wanted.receive);
            final MemorySegment tx = arena.allocateFrom(JAVA_SHORT, (short) wanted.transmit);
            check(Dpdk.rte_eth_dev_adjust_nb_rx_tx_desc(port, rx, tx), "adjust the queue sizes of");
            return new QueueSizes(rx.get(JAVA_SHORT, 0) & 0xFFFF, tx.get(JAVA_SHORT, 0) & 0xFFFF);
        }
    }

    /**
     * Sets up a receive queue with the driver's own settings.
     *
     * @param queue its number, from 0
     * @param descriptors packets that it holds
     * @param pool where its buffers come from
     */
    public void setupReceiveQueue(final int queue, final int descriptors, final Mempool pool) {
        EalLog.clear();
        final int socket = Dpdk.rte_eth_dev_socket_id(port);
        check(
                Dpdk.rte_eth_rx_queue_setup(
                        port,
                        (short) queue,
                        (short) descriptors,
                        socket,
                        MemorySegment.NULL,
                        MemorySegment.ofAddress(pool.address())),
                "set up receive queue " + queue + " of");
    }

    /** Sets up a transmit queue with the driver's own settings. */
    public void setupTransmitQueue(final int queue, final int descriptors) {
        EalLog.clear();
        final int socket = Dpdk.rte_eth_dev_socket_id(port);
        check(
                Dpdk.rte_eth_tx_queue_setup(port, (short) queue, (short) descriptors, socket, MemorySegment.NULL),
                "set up transmit queue " + queue + " of");
    }

    /** Starts the device. {@link BurstFunctions} may be had from now on. */
    public void start() {
        EalLog.clear();
        check(Dpdk.rte_eth_dev_start(port), "start");
        started = true;
    }

    /** Stops the device; buffers stay in its queues. No thread may poll it any more. Harmless if it is stopped. */
    public void stop() {
        if (started) {
            EalLog.clear();
            started = false;
            check(Dpdk.rte_eth_dev_stop(port), "stop");
        }
    }

    /** Its receive-side scaling, to be asked and changed while it is started. */
    public EthRss rss() {
        return new EthRss(this);
    }

    /** Receives what is addressed to others too, or not. */
    public void promiscuous(final boolean on) {
        EalLog.clear();
        check(
                on ? Dpdk.rte_eth_promiscuous_enable(port) : Dpdk.rte_eth_promiscuous_disable(port),
                "change the promiscuous mode of");
    }

    /** Whether it receives what is addressed to others too. */
    public boolean promiscuous() {
        return check(Dpdk.rte_eth_promiscuous_get(port), "ask the promiscuous mode of") == 1;
    }

    /** Receives all multicast, or only what it is told to. */
    public void allMulticast(final boolean on) {
        EalLog.clear();
        check(
                on ? Dpdk.rte_eth_allmulticast_enable(port) : Dpdk.rte_eth_allmulticast_disable(port),
                "change the multicast mode of");
    }

    /** Its MAC address, in the low 48 bits. */
    public long macAddress() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mac = arena.allocate(MAC_BYTES);
            check(Dpdk.rte_eth_macaddr_get(port, mac), "read the MAC address of");
            long value = 0;
            for (int i = 0; i < MAC_BYTES; i++) {
                value = value << Byte.SIZE | (mac.get(JAVA_BYTE, i) & 0xFF);
            }
            return value;
        }
    }

    /** Sets its MAC address, in the low 48 bits. Not every driver can. */
    public void macAddress(final long value) {
        EalLog.clear();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mac = arena.allocate(MAC_BYTES);
            for (int i = 0; i < MAC_BYTES; i++) {
                mac.set(JAVA_BYTE, i, (byte) (value >>> (Byte.SIZE * (MAC_BYTES - 1 - i))));
            }
            check(Dpdk.rte_eth_dev_default_mac_addr_set(port, mac), "set the MAC address of");
        }
    }

    /** Its MTU in bytes: the largest IP packet. */
    public int mtu() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mtu = arena.allocate(JAVA_SHORT);
            check(Dpdk.rte_eth_dev_get_mtu(port, mtu), "read the MTU of");
            return mtu.get(JAVA_SHORT, 0) & 0xFFFF;
        }
    }

    /** Sets its MTU in bytes. Not every driver can. */
    public void mtu(final int bytes) {
        EalLog.clear();
        check(Dpdk.rte_eth_dev_set_mtu(port, (short) bytes), "set the MTU to " + bytes + " of");
    }

    /** State of its link, without waiting for one. */
    public LinkStatus link() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment link = rte_eth_link.allocate(arena);
            check(Dpdk.rte_eth_link_get_nowait(port, link), "ask the link of");
            return LinkStatus.of(link);
        }
    }

    /** Its counters. */
    public EthStats stats() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment stats = rte_eth_stats.allocate(arena);
            check(Dpdk.rte_eth_stats_get(port, stats), "read the counters of");
            return new EthStats(
                    rte_eth_stats.ipackets(stats),
                    rte_eth_stats.opackets(stats),
                    rte_eth_stats.ibytes(stats),
                    rte_eth_stats.obytes(stats),
                    rte_eth_stats.imissed(stats),
                    rte_eth_stats.ierrors(stats),
                    rte_eth_stats.oerrors(stats),
                    rte_eth_stats.rx_nombuf(stats));
        }
    }

    /** Sets its counters to 0. */
    public void resetStats() {
        EalLog.clear();
        check(Dpdk.rte_eth_stats_reset(port), "reset the counters of");
    }

    /** All counters that its driver has, by the driver's names. */
    public Map<String, Long> xstats() {
        try (Arena arena = Arena.ofConfined()) {
            final int count =
                    check(Dpdk.rte_eth_xstats_get_names(port, MemorySegment.NULL, 0), "count the counters of");
            final MemorySegment names = rte_eth_xstat_name.allocateArray(count, arena);
            final MemorySegment values = rte_eth_xstat.allocateArray(count, arena);
            check(Dpdk.rte_eth_xstats_get_names(port, names, count), "name the counters of");
            check(Dpdk.rte_eth_xstats_get(port, values, count), "read the counters of");
            final Map<String, Long> result = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                final MemorySegment value = rte_eth_xstat.asSlice(values, i);
                final MemorySegment entry = rte_eth_xstat_name.asSlice(names, rte_eth_xstat.id(value));
                result.put(rte_eth_xstat_name.name(entry).getString(0), rte_eth_xstat.value(value));
            }
            return result;
        }
    }

    /** Stops it, gives its buffers back, and removes it, so that it can be probed again. Harmless when called again. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        stop();
        EalLog.clear();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment device = rte_eth_dev_info.device(rawInfo(arena));
            check(Dpdk.rte_eth_dev_close(port), "close");
            if (device.address() != 0) {
                check(Dpdk.rte_dev_remove(device), "remove");
            }
        }
    }

    private MemorySegment rawInfo(final Arena arena) {
        final MemorySegment info = rte_eth_dev_info.allocate(arena);
        check(Dpdk.rte_eth_dev_info_get(port, info), "describe");
        return info;
    }

    private int check(final int result, final String what) {
        return EalException.check(result, what + " port " + name);
    }

    private static String nameOf(final short port) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment name = arena.allocate(Dpdk.RTE_ETH_NAME_MAX_LEN());
            EalException.check(Dpdk.rte_eth_dev_get_name_by_port(port, name), "name port " + port);
            return name.getString(0);
        }
    }
}
