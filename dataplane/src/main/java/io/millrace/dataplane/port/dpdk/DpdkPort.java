package io.millrace.dataplane.port.dpdk;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.linux.NetDevice;
import io.millrace.dataplane.port.LinkState;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dpdk.BurstFunctions;
import io.millrace.dpdk.EalException;
import io.millrace.dpdk.EthConfig;
import io.millrace.dpdk.EthDevice;
import io.millrace.dpdk.EthDeviceInfo;
import io.millrace.dpdk.EthStats;
import io.millrace.dpdk.Mbufs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.ObjLongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A port driven by a poll-mode driver of DPDK. Opened while EAL runs; closed before EAL stops and before its pool is
 * closed.
 *
 * <p>Of a port over a veth pair ({@code net_af_packet}, {@code net_af_xdp}) mind that Linux leaves the checksums of what
 * it sends through a veth to nobody unless told otherwise: {@code ethtool -K PEER tx off}.
 *
 * <p>A {@code net_memif} that was a server goes on listening when it is closed, until EAL stops; DPDK 22.11 forgets that
 * socket. To open it again in the same process, give it a file: {@code socket-abstract=no,socket=PATH}.
 *
 * <p>The thread that polls a queue is registered with EAL at its first call if it is not yet, and stays so to its end.
 * EAL has few lcore ids, and the pool's cache of buffers stays with each, so a program whose polling threads come and
 * go has them hold a {@link io.millrace.dpdk.ThreadRegistration} of their own and close it.
 */
public final class DpdkPort implements Port {
    /**
     * Drivers without RSS whose other side, the kernel or a virtual machine, spreads flows over the queues. Not among
     * them are those that have queues of no meaning, such as net_null and net_ring.
     */
    private static final Set<String> SPREADING_DRIVERS =
            Set.of("net_af_packet", "net_af_xdp", "net_vhost", "net_virtio_user");

    /** Drivers that say that they do RSS, and have nobody who would spread anything. */
    private static final Set<String> PRETENDING_DRIVERS = Set.of("net_null");

    private static final System.Logger LOGGER = System.getLogger(DpdkPort.class.getName());

    /** Drivers that free nothing of what is in their rings when they are closed. */
    private static final Set<String> FORGETFUL_DRIVERS = Set.of("net_af_xdp");

    /** Drivers over an interface of the kernel's that do not see its link. */
    private static final Set<String> BLIND_DRIVERS = Set.of("net_af_packet", "net_af_xdp");

    /**
     * A device that must not be asked for its link: once its backend is gone, DPDK 22.11 then registers a descriptor with
     * EAL's interrupt thread that it closes without taking it back, and the thread ends the process.
     */
    private static final Pattern UNASKED = Pattern.compile("net_virtio_user\\d*,(.*,)?server=1(,.*)?");

    private static final Pattern IFACE = Pattern.compile(",iface=([^,]+)");

    private final DpdkPool pool;
    private final DpdkPortConfig config;
    private final PortInfo info;
    private final RssState rss;
    private final @Nullable DpdkQueue[] queues;
    private final boolean writesIpv4Checksums;
    private BurstFunctions[] bursts;

    /** Another one once it was opened again; whoever uses it looks at {@link #reopening} before. */
    private EthDevice device;

    /** Of a device that does not come back by itself when its server does; null for all others. */
    private final @Nullable Reopening reopening;

    /** What the devices of before counted. */
    private EthTotals earlier = EthTotals.ZERO;

    /** The kernel's interface below, whose link the driver takes to be up for ever; null for all others. */
    private final @Nullable NetDevice kernel;

    private final boolean unasked;

    /** As of its end; null before. Whoever asks the device something holds the lock, so that it is not closed meanwhile. */
    private @Nullable PortStats last;

    private DpdkPort(
            final EthDevice device,
            final DpdkPool pool,
            final PortInfo info,
            final RssState rss,
            final DpdkPortConfig config) {
        this.device = device;
        this.config = config.withQueues(info.queues());
        this.bursts = bursts(device, info.queues());
        this.writesIpv4Checksums = DeviceOffloads.writesIpv4Checksums(device.info());
        this.reopening = rss.queues() <= 1 && Reopening.isFor(config.devargs())
                ? new Reopening(new Whole(), Reopening.asksWhileDown(config.devargs()))
                : null;
        this.kernel = kernel(info.driver(), config);
        this.unasked = UNASKED.matcher(config.devargs()).matches();
        this.pool = pool;
        this.info = info;
        this.rss = rss;
        this.queues = new DpdkQueue[info.queues()];
        pool.opened();
    }

    /**
     * Opens a port.
     *
     * @param pool where its packets live
     * @throws PortException with DPDK's words if the device is not there, or cannot be what is asked of it
     */
    public static DpdkPort open(final DpdkPortConfig config, final DpdkPool pool) {
        return open(config, pool, null);
    }

    /**
     * Opens a port whose device spreads flows over as many queues as the configuration names, by {@code hash} if it has
     * a choice: its key, fields and redirection table are set and read back, see {@link #rss}. If it has fewer queues,
     * or several but does not spread flows over them, the port has one queue.
     *
     * @throws PortException as {@link #open}
     */
    public static DpdkPort openSpread(final DpdkPortConfig config, final DpdkPool pool, final FlowHash hash) {
        return open(config, pool, hash);
    }

    private static DpdkPort open(final DpdkPortConfig config, final DpdkPool pool, final @Nullable FlowHash hash) {
        try {
            final EthDevice device = EthDevice.probe(config.devargs());
            try {
                final DpdkPortConfig possible =
                        hash == null || spreads(device.info(), config.queues()) ? config : config.withQueues(1);
                final PortInfo info = setUp(device, possible, pool, hash);
                return new DpdkPort(device, pool, info, rss(device, hash, possible.queues()), config);
            } catch (final EalException | PortException e) {
                closeAfter(e, device, pool);
                throw e;
            }
        } catch (final EalException e) {
            throw new PortException(String.valueOf(e.getMessage()), e);
        }
    }

    private static @Nullable NetDevice kernel(final String driver, final DpdkPortConfig config) {
        final Matcher iface = IFACE.matcher(config.devargs());
        return BLIND_DRIVERS.contains(driver) && iface.find() ? new NetDevice(iface.group(1)) : null;
    }

    private static RssState rss(final EthDevice device, final @Nullable FlowHash hash, final int queues) {
        if (hash == null || queues == 1 || device.info().rssTypes() == 0) {
            return RssState.NONE;
        }
        final RssState state = RssState.apply(device, hash, queues);
        if (!state.matches()) {
            LOGGER.log(
                    System.Logger.Level.INFO,
                    "port " + device.name() + " spreads flows by "
                            + (state.key() ? "a redirection table" : "a hash key")
                            + " of its own; shards pass on to each other what belongs to another");
        }
        return state;
    }

    private static void closeAfter(final RuntimeException problem, final EthDevice device, final DpdkPool pool) {
        try {
            final boolean forgetful = forgets(device.info().driver());
            device.close();
            if (forgetful) {
                pool.forgotten();
            }
        } catch (final EalException e) {
            problem.addSuppressed(e);
        }
    }

    /** Whether a device has so many queues and sends each flow to one of them. */
    private static boolean spreads(final EthDeviceInfo can, final int queues) {
        return Math.min(can.maxReceiveQueues(), can.maxTransmitQueues()) >= queues
                && !PRETENDING_DRIVERS.contains(can.driver())
                && (can.rssTypes() != 0 || SPREADING_DRIVERS.contains(can.driver()));
    }

    private static PortInfo setUp(
            final EthDevice device, final DpdkPortConfig config, final DpdkPool pool, final @Nullable FlowHash hash) {
        final EthDeviceInfo can = device.info();
        final int most = Math.min(can.maxReceiveQueues(), can.maxTransmitQueues());
        if (config.queues() > most) {
            throw new PortException("port " + device.name() + " has " + most + " queue" + (most == 1 ? "" : "s")
                    + ", not " + config.queues() + "; ask for fewer queues" + hint(can.driver()));
        }
        if (config.macAddress() != 0) {
            device.macAddress(config.macAddress());
        }
        final DeviceOffloads offloads = DeviceOffloads.of(config, can);
        device.configure(EthConfig.queues(config.queues(), hash == null ? EthConfig.DEFAULT_KEY_WORD : hash.keyWord())
                .withOffloads(offloads.receive(), offloads.transmit()));
        final EthDevice.QueueSizes sizes =
                device.adjust(new EthDevice.QueueSizes(config.receiveDescriptors(), config.transmitDescriptors()));
        if (config.mtu() != 0 && config.mtu() != device.mtu()) {
            device.mtu(config.mtu());
        }
        final int deviceMtu = device.mtu();
        if (deviceMtu + Medium.ETHERNET.headerLength() > pool.dataRoom() - pool.headroom()) {
            throw new PortException("port " + device.name() + " has an MTU of " + deviceMtu + " bytes, buffers hold "
                    + (pool.dataRoom() - pool.headroom()) + "; make the buffers larger or the MTU smaller");
        }
        for (int queue = 0; queue < config.queues(); queue++) {
            device.setupReceiveQueue(queue, sizes.receive(), pool.mempool());
            device.setupTransmitQueue(queue, sizes.transmit());
        }
        device.start();
        acceptMulticast(device);
        return new PortInfo(
                device.name(),
                can.driver(),
                Medium.ETHERNET,
                device.macAddress(),
                offloads.mtu(can, deviceMtu),
                config.queues(),
                offloads.promise(can));
    }

    private static String hint(final String driver) {
        return switch (driver) {
            case "net_af_packet" -> " or give the device qpairs=N";
            case "net_af_xdp" -> " or give the device queue_count=N";
            case "net_virtio_user", "net_vhost" -> " or give the device queues=N";
            default -> "";
        };
    }

    /** Neighbour discovery of IPv6 lives on multicast. */
    private static void acceptMulticast(final EthDevice device) {
        try {
            device.allMulticast(true);
        } catch (final EalException e) {
            // A driver without the switch is one without a filter.
            System.getLogger(DpdkPort.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
        }
    }

    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public synchronized PortQueue queue(final int index, final PoolCache cache) {
        info.checkQueue(index, index >= 0 && index < queues.length && queues[index] == null, pool, cache);
        final LongSends longSends =
                info.offloads().segmentation().any() ? new LongSends(pool, writesIpv4Checksums) : null;
        final DpdkQueue queue = new DpdkQueue(pool, bursts[index], longSends, forgets(info.driver()));
        if (reopening != null && reopening.holds()) {
            queue.hold(true);
        }
        queues[index] = queue;
        return queue;
    }

    /** How the device spreads packets over the queues of a port opened by {@link #openSpread}. */
    public RssState rss() {
        return rss;
    }

    @Override
    public synchronized boolean redirect(final IntUnaryOperator to) {
        return last == null && rss.queues() > 1 && RssState.redirect(device, to);
    }

    /** As the driver says, and the kernel of an interface below; a net_virtio_user that is a server has it up always. */
    @Override
    public synchronized boolean linkUp() {
        return driverLinkUp() && (kernel == null || kernel.linkUp());
    }

    @Override
    public synchronized LinkState link() {
        final boolean up = driverLinkUp();
        final LinkState below = kernel == null ? LinkState.of(up) : kernel.link();
        return new LinkState(up && below.up(), below.downs());
    }

    private boolean driverLinkUp() {
        if (last != null) {
            return false;
        }
        return reopening != null ? reopening.linkUp() : unasked || device.link().up();
    }

    /**
     * Of {@code net_memif} and {@code net_virtio_user} as clients: opens the device again once its server has gone and come
     * back, see {@link Reopening}. Its queues, counters and, where the driver can, its MAC address stay.
     */
    @Override
    public synchronized void tend(final long nowMicros) {
        if (last == null && reopening != null) {
            reopening.tend(nowMicros);
        }
    }

    private boolean isThere() {
        return reopening == null || !reopening.isClosed();
    }

    private static BurstFunctions[] bursts(final EthDevice device, final int queues) {
        final BurstFunctions[] bursts = new BurstFunctions[queues];
        for (int queue = 0; queue < queues; queue++) {
            bursts[queue] = BurstFunctions.of(device, queue);
        }
        return bursts;
    }

    @Override
    public synchronized PortStats stats() {
        final PortStats atClose = last;
        if (atClose != null) {
            return atClose;
        }
        final EthTotals totals = isThere() ? earlier.with(device.stats()) : earlier;
        long rxErrors = totals.receiveErrors();
        long txErrors = totals.sendErrors();
        PortStats sum = PortStats.ZERO;
        for (final DpdkQueue queue : queues) {
            if (queue != null) {
                final long refused = queue.count(DpdkCounter.TX_BAD_LENGTH) + queue.count(DpdkCounter.TX_REFUSED);
                txErrors += refused;
                rxErrors += queue.drops() - refused;
                sum = new PortStats(
                        sum.rxPackets() + queue.count(DpdkCounter.RX_PACKETS),
                        sum.rxBytes() + queue.count(DpdkCounter.RX_BYTES),
                        sum.txPackets() + queue.count(DpdkCounter.TX_PACKETS),
                        sum.txBytes() + queue.count(DpdkCounter.TX_BYTES),
                        0,
                        0,
                        0);
            }
        }
        return new PortStats(
                sum.rxPackets(), sum.rxBytes(), sum.txPackets(), sum.txBytes(), totals.missed(), rxErrors, txErrors);
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        for (final DpdkQueue queue : queues) {
            if (queue != null) {
                for (final DpdkCounter name : DpdkCounter.values()) {
                    consumer.accept(name, queue.count(name));
                }
            }
        }
    }

    @Override
    public synchronized void close() {
        if (last == null) {
            last = stats();
            if (info.driver().equals("net_ring")) {
                // This driver forgets what is left in its rings.
                for (int queue = 0; queue < queues.length; queue++) {
                    drain(BurstFunctions.of(device, queue));
                }
            }
            if (isThere()) {
                device.close();
            }
            for (final DpdkQueue queue : queues) {
                if (queue != null) {
                    queue.flush();
                }
            }
            if (forgets(info.driver())) {
                pool.forgotten();
            }
            pool.closed();
        }
    }

    private static boolean forgets(final String driver) {
        return FORGETFUL_DRIVERS.contains(driver);
    }

    private static void drain(final BurstFunctions burst) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment packets = arena.allocate(ValueLayout.JAVA_LONG, DpdkQueue.MAX_BURST);
            for (int n = burst.receive(packets.address(), DpdkQueue.MAX_BURST);
                    n > 0;
                    n = burst.receive(packets.address(), DpdkQueue.MAX_BURST)) {
                Mbufs.free(packets.address(), n);
            }
        }
    }

    /** What the device itself counts beside the queues. */
    private record EthTotals(long missed, long receiveErrors, long sendErrors) {
        static final EthTotals ZERO = new EthTotals(0, 0, 0);

        EthTotals with(final EthStats stats) {
            return new EthTotals(
                    missed + stats.missed() + stats.noBuffers(),
                    receiveErrors + stats.receiveErrors(),
                    sendErrors + stats.sendErrors());
        }
    }

    /** The device and the queues above it, for {@link Reopening}. */
    private final class Whole implements Reopening.Device {
        @Override
        public boolean linkUp() {
            return device.link().up();
        }

        @Override
        public void hold(final boolean out) {
            for (final DpdkQueue queue : queues) {
                if (queue != null) {
                    queue.hold(out);
                }
            }
        }

        @Override
        public boolean isHeld() {
            for (final DpdkQueue queue : queues) {
                if (queue != null && !queue.isOut()) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void close() {
            earlier = earlier.with(device.stats());
            try {
                device.close();
            } catch (final EalException e) {
                LOGGER.log(System.Logger.Level.WARNING, "port " + info.name() + ": " + e.getMessage());
            }
        }

        @Override
        public boolean open() {
            try {
                final EthDevice again = EthDevice.probe(config.devargs());
                try {
                    final PortInfo now = setUp(again, config, pool, null);
                    if (now.mtu() != info.mtu() || !now.offloads().equals(info.offloads())) {
                        throw new PortException("port " + info.name() + " is not what it was: " + now);
                    }
                    keepMacAddress(again);
                    bursts = bursts(again, info.queues());
                    device = again;
                } catch (final RuntimeException e) {
                    closeAfter(e, again, pool);
                    throw e;
                }
            } catch (final EalException | PortException e) {
                LOGGER.log(System.Logger.Level.DEBUG, e.getMessage()); // its server is not back
                return false;
            }
            for (int queue = 0; queue < queues.length; queue++) {
                final DpdkQueue known = queues[queue];
                if (known != null) {
                    known.renew(bursts[queue]);
                }
            }
            return true;
        }

        /** One that was drawn by the driver would be another one. */
        private void keepMacAddress(final EthDevice again) {
            if (again.macAddress() != info.macAddress()) {
                try {
                    again.macAddress(info.macAddress());
                } catch (final EalException e) {
                    LOGGER.log(System.Logger.Level.DEBUG, e.getMessage()); // one that cannot be told has no filter
                }
            }
        }
    }
}
