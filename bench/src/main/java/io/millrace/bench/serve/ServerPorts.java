package io.millrace.bench.serve;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.control.PortControl;
import io.millrace.bench.plan.PortAddresses;
import io.millrace.bench.plan.ServePlan;
import io.millrace.config.CaptureConfig;
import io.millrace.config.ChecksumSetting;
import io.millrace.config.PortConfig;
import io.millrace.config.ServeConfig;
import io.millrace.config.VlanTags;
import io.millrace.config.device.PortSpec;
import io.millrace.config.device.VdevDriver;
import io.millrace.config.eal.EalArguments;
import io.millrace.config.host.Host;
import io.millrace.config.host.NumaNodes;
import io.millrace.config.problem.Located;
import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dataplane.port.pcap.CaptureFormat;
import io.millrace.dataplane.port.pcap.CaptureOptions;
import io.millrace.dataplane.port.pcap.PcapFile;
import io.millrace.dataplane.run.Dispatcher;
import io.millrace.dataplane.run.Idle;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.SharedPort;
import io.millrace.dataplane.run.SteeredPort;
import io.millrace.dpdk.Eal;
import io.millrace.dpdk.ThreadRegistration;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.iface.ChecksumMode;
import io.millrace.stack.iface.ChecksumPolicy;
import io.millrace.stack.iface.LinkFormat;
import io.millrace.stack.iface.LinkRules;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The ports of a server, or of another command that opens some, and what they stand on: DPDK if one of them needs it,
 * one pool for all, a capture if one is wanted, and several shards' way to share each. Opened as a whole or not at all,
 * and closed in the reverse order.
 *
 * <p>Not thread-safe.
 */
public final class ServerPorts implements AutoCloseable {
    /** An Ethernet header with two VLAN tags. */
    private static final int LINK_HEADER = 22;

    private static final long LOCALLY_ADMINISTERED = 0x0200_0000_0000L;

    /** Handles in a dispatcher's cache. */
    private static final int CACHE = 512;

    /** What a buffer holds at least, in bytes of packet. */
    private static final int MIN_PACKET = 2_048;

    private final List<Port> ports = new ArrayList<>();
    private final List<Dispatcher> dispatchers = new ArrayList<>();
    private final List<PoolCache> caches = new ArrayList<>();
    private final List<SharedPort> shared = new ArrayList<>();
    private List<String> warnings = List.of();
    private @Nullable ShardTable table;
    private @Nullable FlowHash hash;
    private @Nullable Eal eal;
    private @Nullable PacketPool pool;
    private @Nullable PcapFile capture;
    private List<PortControl> controls = List.of();

    private ServerPorts() {}

    /**
     * Opens everything.
     *
     * @param epochOffsetMicros what must be added to the shards' time to get microseconds since 1970
     * @throws UserErrorException with what the user can mend
     * @throws io.millrace.dataplane.port.PortException if a port cannot be opened
     */
    public static ServerPorts open(ServeConfig config, long epochOffsetMicros) {
        final ServerPorts opened = new ServerPorts();
        try {
            opened.openAll(config, epochOffsetMicros);
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Ports that were opened elsewhere.
     *
     * @param pool theirs; closed with this, as they are
     */
    public static ServerPorts of(List<Port> ports, PacketPool pool) {
        final ServerPorts given = new ServerPorts();
        given.ports.addAll(ports);
        given.pool = pool;
        return given;
    }

    private void openAll(ServeConfig config, long epochOffsetMicros) {
        final int packet = packetSize(config);
        final PacketPool buffers;
        if (config.needsDpdk()) {
            config.allDevices().forEach(StaleSocket::remove);
            eal = Eal.start(EalArguments.of(
                    config, Host.local(), ProcessHandle.current().pid()));
            final NumaNodes nodes = new NumaNodes(Host.local());
            warnings = nodes.misplaced(config).stream()
                    .map(NumaNodes.Misplaced::toString)
                    .toList();
            buffers = DpdkPool.create("millrace", config.poolSize(), packet, nodes.ofPool(config));
        } else {
            buffers = ArenaPool.create(config.poolSize(), packet);
        }
        pool = buffers;
        final FlowHash hash = new FlowHash(new SecureRandom().nextLong());
        this.hash = hash;
        for (int place = 0; place < config.places(); place++) {
            caches.add(new PoolCache(buffers, CACHE));
        }
        final PortOpener opener = new PortOpener(buffers, config.places(), hash);
        for (final PortConfig port : config.ports()) {
            ports.add(opener.open(port));
        }
        controls = opener.controls();
        final CaptureConfig wanted = config.capture();
        if (wanted != null) {
            final PcapFile file =
                    PcapFile.create(wanted.file().value(), medium(), epochOffsetMicros, options(wanted, medium()));
            capture = file;
            ports.replaceAll(file::capture);
        }
        if (config.places() > 1) {
            share(new ShardTable(config.places(), config.shards()), buffers, hash);
        }
    }

    private Medium medium() {
        return ports.getFirst().info().medium();
    }

    private static CaptureOptions options(CaptureConfig config, Medium medium) {
        final Located<String> filter = config.filter();
        final CaptureFormat format = switch (config.kind()) {
            case PCAP -> CaptureFormat.PCAP;
            case PCAP_NANOS -> CaptureFormat.PCAP_NANOS;
            case PCAPNG -> CaptureFormat.PCAPNG;
        };
        return CaptureOptions.DEFAULT
                .withFormat(format)
                .withSnapLength(config.snap())
                .withFilter(filter == null ? null : PacketFilter.compile(filter.value(), medium))
                .withComment(config.comment())
                .withRotation(config.size(), Duration.ofSeconds(config.age()), config.files());
    }

    /** Gives each shard a queue of each port: the device's where it has them, else a dispatcher's. */
    private void share(ShardTable shards, PacketPool buffers, FlowHash hash) {
        table = shards;
        for (int i = 0; i < ports.size(); i++) {
            if (ports.get(i).info().queues() == shards.places()) {
                shared.add(new SteeredPort(ports.get(i), shards, hash, caches));
            } else {
                final Dispatcher dispatcher = new Dispatcher(ports.get(i), new PoolCache(buffers, CACHE), shards, hash);
                dispatchers.add(dispatcher);
                shared.add(dispatcher);
            }
            ports.set(i, shared.get(i));
        }
    }

    private static int packetSize(ServeConfig config) {
        int packet = MIN_PACKET;
        for (final PortConfig port : config.ports()) {
            final Located<Integer> mtu = port.mtu();
            packet = Math.max(packet, mtu == null ? 0 : mtu.value() + LINK_HEADER);
        }
        return packet;
    }

    /**
     * Gives a stack an interface on each port, with the addresses, gateways and routes that the plan has for it.
     *
     * @param queue of the ports, the index of the shard
     * @throws UserErrorException if port and addresses do not fit together
     */
    public void addInterfaces(ServePlan plan, Stack stack, int queue, PoolCache cache) {
        addInterfaces(plan, stack, port -> ports.get(port).queue(queue, cache));
    }

    /**
     * The same for a stack that does not poll the ports itself.
     *
     * @param queues what its interface on a port sends to and receives from, by the port's number
     * @throws UserErrorException if port and addresses do not fit together
     */
    public void addInterfaces(ServePlan plan, Stack stack, IntFunction<PortQueue> queues) {
        for (int i = 0; i < ports.size(); i++) {
            final Port port = ports.get(i);
            try {
                final InterfaceConfig config = interfaceConfig(
                        plan.config().ports().get(i), plan.addresses().get(i), port.info());
                final NetInterface added = stack.addInterface(config, port.info(), queues.apply(i));
                for (final PortAddresses.Route route : plan.addresses().get(i).routes()) {
                    final Route way = route.gateway() == null
                            ? Route.onLink(route.network(), added.index())
                            : Route.via(route.network(), route.gateway(), added.index());
                    stack.addRoute(way.withMetrics(route.metrics()));
                }
            } catch (IllegalArgumentException e) {
                throw new UserErrorException("the interface cannot be configured: " + e.getMessage(), e);
            }
        }
    }

    private static InterfaceConfig interfaceConfig(PortConfig config, PortAddresses addresses, PortInfo info) {
        final List<IpAddress> gateways = new ArrayList<>();
        if (addresses.gateway4() != null) {
            gateways.add(addresses.gateway4());
        }
        if (addresses.gateway6() != null) {
            gateways.add(addresses.gateway6());
        }
        final Located<Long> mac = config.mac();
        final Located<Integer> mtu = config.mtu();
        return new InterfaceConfig(
                addresses.own(),
                gateways,
                mac != null || sharesMac(config.device().value()) ? macAddress(config, info) : null,
                mtu == null ? 0 : mtu.value(),
                LinkRules.DEFAULT,
                new LinkFormat(vlan(config.vlan()), policy(config.checksums())));
    }

    /** The tags of a VLAN that a port belongs to, if it does. */
    public static VlanFilter vlan(@Nullable Located<VlanTags> located) {
        if (located == null) {
            return VlanFilter.NONE;
        }
        final VlanTags tags = located.value();
        return tags.any()
                ? VlanFilter.ANY
                : tags.inner() == 0 ? VlanFilter.of(tags.outer()) : VlanFilter.stacked(tags.outer(), tags.inner());
    }

    private static ChecksumPolicy policy(ChecksumSetting setting) {
        return switch (setting) {
            // What a device can do it says of each packet, so that the stack does the rest.
            case SOFTWARE, DEVICE -> ChecksumPolicy.BOTH;
            case RECEIVE -> ChecksumPolicy.all(ChecksumMode.RECEIVE);
            case TRANSMIT -> ChecksumPolicy.all(ChecksumMode.TRANSMIT);
            case NONE -> ChecksumPolicy.NONE;
        };
    }

    /** The MAC address of our end of a port, by its number. */
    public MacAddress macAddress(ServePlan plan, int port) {
        return macAddress(plan.config().ports().get(port), ports.get(port).info());
    }

    private static MacAddress macAddress(PortConfig config, PortInfo info) {
        final Located<Long> mac = config.mac();
        if (mac != null) {
            return new MacAddress(mac.value());
        }
        return new MacAddress(
                sharesMac(config.device().value())
                        ? (info.macAddress() ^ 1L << 8) | LOCALLY_ADMINISTERED
                        : info.macAddress());
    }

    /** Whether threads have to register with DPDK. */
    boolean needDpdk() {
        return eal != null;
    }

    /** How a thread runs that polls these ports. */
    public ShardOptions threadOptions(String name, ServeConfig config) {
        final Idle idle = switch (config.idle()) {
            case BACKOFF -> Idle.BACK_OFF;
            case YIELD -> Idle.YIELD;
            case SPIN -> Idle.BUSY_SPIN;
        };
        return ShardOptions.named(name)
                .withIdle(idle)
                .withSetup(needDpdk() ? ThreadRegistration::register : ShardOptions.ThreadSetup.NONE);
    }

    /** What passed through all ports so far. */
    public LiveCounters.Sample sample(long connections, long dropped) {
        long rxPackets = 0;
        long rxBytes = 0;
        long txPackets = 0;
        long txBytes = 0;
        for (final Port port : ports) {
            final PortStats stats = port.stats();
            rxPackets += stats.rxPackets();
            rxBytes += stats.rxBytes();
            txPackets += stats.txPackets();
            txBytes += stats.txBytes();
        }
        return new LiveCounters.Sample(System.nanoTime(), rxPackets, rxBytes, txPackets, txBytes, connections, dropped);
    }

    /** The pool that all ports use. */
    public PacketPool pool() {
        if (pool == null) {
            throw new IllegalStateException("the ports are closed");
        }
        return pool;
    }

    /** The ports, in the order of the configuration. */
    public List<Port> ports() {
        return ports;
    }

    /**
     * What the user should know: first what is not where it should be on this machine, which works all the same, and then
     * of links that have gone down or come up since the last call. Called now and then, at least once a second.
     */
    public List<String> news() {
        final List<String> news = new ArrayList<>(warnings);
        warnings = List.of();
        final long now = ShardOptions.monotonicMicros();
        for (final PortControl control : controls) {
            final String change = control.link() == null ? null : control.link().check(now);
            if (change != null) {
                news.add(change);
            }
        }
        return news;
    }

    /** The cache of each place's thread. */
    List<PoolCache> caches() {
        return caches;
    }

    /** Which shards there are. */
    ShardTable table() {
        if (table == null) {
            table = new ShardTable(1, 1);
        }
        return table;
    }

    /** Spreads the flows over the shards. */
    FlowHash hash() {
        if (hash == null) {
            throw new IllegalStateException("the ports were never open");
        }
        return hash;
    }

    /** The ports as several shards share them; none for a single place. */
    List<SharedPort> shared() {
        return shared;
    }

    /** What stands around the ports, in their order. */
    public List<PortControl> controls() {
        return controls;
    }

    /** What spreads packets over several shards, each to be polled by a thread of its own; none for a single shard. */
    List<Dispatcher> dispatchers() {
        return dispatchers;
    }

    /**
     * Whether a device gives the port the MAC address that the kernel's end of it has, too: then ours must be another.
     */
    private static boolean sharesMac(PortSpec spec) {
        return spec instanceof PortSpec.Vdev vdev && vdev.driver() == VdevDriver.TAP;
    }

    /** Closes the ports; what their devices held goes back to the pool, or to the caches of the threads. */
    public void closePorts() {
        ports.forEach(Port::close);
        final PcapFile file = capture;
        if (file != null) {
            file.close();
        }
    }

    /** Why the capture is not whole, and what to do about it; null if all was written so far. */
    public @Nullable String captureFailure() {
        final String failure = capture == null ? null : capture.failure();
        return failure == null
                ? null
                : "the capture ended early: " + failure + "; make room, or bound it with --pcap-size and --pcap-files";
    }

    /**
     * Makes sure that the capture is whole, once the ports are closed.
     *
     * @throws UserErrorException if it is not
     */
    public void checkCapture() {
        final String failure = captureFailure();
        if (failure != null) {
            throw new UserErrorException(failure);
        }
    }

    /**
     * Closes the ports and counts the buffers.
     *
     * @param caches of the threads that polled them, which have ended; ports give back through them what they held
     */
    public ServeSummary.Buffers settle(List<PoolCache> caches) {
        closePorts();
        caches.forEach(PoolCache::flush);
        final int kept = pool().reclaim();
        return new ServeSummary.Buffers(pool().capacity(), kept, pool().capacity() - pool().available());
    }

    @Override
    public void close() {
        closePorts();
        if (pool != null) {
            pool.close();
            pool = null;
        }
        if (eal != null) {
            eal.close();
        }
    }
}
