package io.millrace.config.device;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The virtual network drivers of DPDK 22.11, by the name that a device's name begins with. */
@SuppressWarnings("ImmutableEnumChecker") // List.of and Set.of
public enum VdevDriver {
    /** A kernel interface through a packet socket; needs CAP_NET_RAW. */
    AF_PACKET("net_af_packet", List.of("iface"), "qpairs", "blocksz", "framesz", "framecnt", "qdisc_bypass"),
    /** A kernel interface through an XDP socket; needs CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF. */
    AF_XDP(
            "net_af_xdp",
            List.of("iface"),
            "start_queue",
            "queue_count",
            "shared_umem",
            "xdp_prog",
            "busy_budget",
            "force_copy"),
    /** A TAP interface that the driver creates; needs CAP_NET_ADMIN. */
    TAP("net_tap", List.of(), "iface", "remote", "mac", "persist"),
    /** As {@link #TAP}, but packets begin with the IP header. */
    TUN("net_tun", List.of(), "iface"),
    /** Software rings in this process. */
    RING("net_ring", List.of(), "nodeaction"),
    /** Shared memory with another process on this host. */
    MEMIF(
            "net_memif",
            List.of(),
            "id",
            "role",
            "bsize",
            "rsize",
            "socket",
            "socket-abstract",
            "mac",
            "zero-copy",
            "secret"),
    /** Receives empty frames without end and drops what is sent. */
    NULL("net_null", List.of(), "size", "copy", "no-rx"),
    /** Files and interfaces through libpcap. */
    PCAP(
            "net_pcap",
            List.of(),
            "rx_pcap",
            "tx_pcap",
            "rx_iface",
            "rx_iface_in",
            "tx_iface",
            "iface",
            "phy_mac",
            "infinite_rx"),
    /** The host's side of vhost-user. */
    VHOST(
            "net_vhost",
            List.of("iface"),
            "queues",
            "client",
            "iommu-support",
            "postcopy-support",
            "tso",
            "linear-buffer",
            "ext-buffer",
            "legacy-ol-flags"),
    /** The guest's side of vhost-user, in a process. */
    VIRTIO_USER(
            "net_virtio_user",
            List.of("path"),
            "mac",
            "cq",
            "queue_size",
            "queues",
            "iface",
            "server",
            "mrg_rxbuf",
            "in_order",
            "packed_vq",
            "speed",
            "vectorized");

    private final String prefix;
    private final List<String> required;
    private final Set<String> parameters;

    VdevDriver(String prefix, List<String> required, String... optional) {
        this.prefix = prefix;
        this.required = required;
        this.parameters =
                Set.of(Stream.concat(required.stream(), Stream.of(optional)).toArray(String[]::new));
    }

    /** The driver's own name; a device of it is this and whatever follows, usually a number. */
    public String prefix() {
        return prefix;
    }

    /** Parameters without which the driver does not start. */
    public List<String> required() {
        return required;
    }

    /** Every parameter that the driver understands. */
    public Set<String> parameters() {
        return parameters;
    }

    /**
     * The driver that DPDK would pick: the one with the longest prefix of the device's name.
     *
     * @param device for instance {@code net_af_packet0}
     * @return null if no driver fits
     */
    public static @Nullable VdevDriver of(String device) {
        VdevDriver best = null;
        for (final VdevDriver driver : values()) {
            if (device.startsWith(driver.prefix) && (best == null || best.prefix.length() < driver.prefix.length())) {
                best = driver;
            }
        }
        return best;
    }

    /** The names of all drivers, for messages. */
    public static List<String> prefixes() {
        return Stream.of(values()).map(VdevDriver::prefix).toList();
    }
}
