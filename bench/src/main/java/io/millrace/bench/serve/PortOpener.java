package io.millrace.bench.serve;

import io.millrace.bench.control.PortControl;
import io.millrace.config.ChecksumSetting;
import io.millrace.config.MiddlewareConfig;
import io.millrace.config.PortConfig;
import io.millrace.config.SegmentationSetting;
import io.millrace.config.device.PortSpec;
import io.millrace.config.problem.Located;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dataplane.port.dpdk.DpdkPort;
import io.millrace.dataplane.port.dpdk.DpdkPortConfig;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.dataplane.port.middleware.FaultText;
import io.millrace.dataplane.port.middleware.LinkWatch;
import io.millrace.dataplane.port.middleware.MiddlewarePort;
import io.millrace.dataplane.port.middleware.Mirror;
import io.millrace.dataplane.port.middleware.RateMeter;
import io.millrace.dataplane.port.pcap.PcapReplayPort;
import io.millrace.dataplane.port.tap.PacketPort;
import io.millrace.dataplane.port.tap.TapPort;
import io.millrace.dataplane.run.ShardOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens devices, and puts around them what their configuration wants. */
final class PortOpener {
    private final PacketPool pool;
    private final int shards;
    private final FlowHash hash;
    private final List<PortControl> controls = new ArrayList<>();

    /**
     * Makes one.
     *
     * @param pool of all ports
     * @param shards how many queues each port is to have, if it can
     */
    PortOpener(PacketPool pool, int shards, FlowHash hash) {
        this.pool = pool;
        this.shards = shards;
        this.hash = hash;
    }

    /** What stands around the ports, in their order. */
    List<PortControl> controls() {
        return controls;
    }

    /**
     * Opens a port.
     *
     * @throws PortException if it cannot be opened; then nothing of it stays open
     */
    Port open(PortConfig config) {
        final Port port = device(config.device().value(), config);
        try {
            return wrap(port, config);
        } catch (RuntimeException e) {
            port.close();
            throw e;
        }
    }

    private Port wrap(Port port, PortConfig whole) {
        final MiddlewareConfig config = whole.middleware();
        // A replay's link ends with its file, which is no event.
        final LinkWatch link = whole.device().value() instanceof PortSpec.Replay
                ? null
                : new LinkWatch(port, ShardOptions.monotonicMicros());
        final Located<Long> seed = config.faultSeed();
        final FaultInjector injector = new FaultInjector(seed == null ? new SecureRandom().nextLong() : seed.value());
        final RateMeter meter = config.meter() ? new RateMeter() : null;
        controls.add(new PortControl(injector, meter, link));
        final Located<String> in = config.faultsIn();
        final Located<String> out = config.faultsOut();
        if (in != null) {
            injector.onReceive(FaultText.parse(in.value()));
        }
        if (out != null) {
            injector.onSend(FaultText.parse(out.value()));
        }
        final Port faulty = MiddlewarePort.wrap(link == null ? port : MiddlewarePort.wrap(port, link), injector);
        final Located<PortSpec> mirror = config.mirror();
        final Port mirrored =
                mirror == null ? faulty : MiddlewarePort.wrap(faulty, new Mirror(mirror(port, mirror.value())));
        return meter == null ? mirrored : MiddlewarePort.wrap(mirrored, meter);
    }

    private Port mirror(Port port, PortSpec spec) {
        final Port target = device(spec, null);
        if (target.info().queues() < port.info().queues()) {
            target.close();
            throw new PortException(port.info().name() + " has " + port.info().queues() + " queues, but "
                    + target.info().name() + ", which it is mirrored to, has "
                    + target.info().queues()
                    + "; mirror to a device of as many, or use one shard");
        }
        return target;
    }

    private Port device(PortSpec spec, @Nullable PortConfig config) {
        return switch (spec) {
            case PortSpec.Tap tap -> tap(tap.name(), Medium.ETHERNET, config);
            case PortSpec.Tun tun -> tap(tun.name(), Medium.IP, config);
            case PortSpec.Packet packet -> PacketPort.open(packet.name(), pool, cuts(config));
            case PortSpec.Vdev vdev -> dpdk(vdev.text(), spec, config);
            case PortSpec.Pci pci -> dpdk(pci.text(), spec, config);
            case PortSpec.Replay replay -> replay(replay);
        };
    }

    private Port replay(PortSpec.Replay spec) {
        final PcapReplayPort port = PcapReplayPort.open(Path.of(spec.file()), pool, spec.speed());
        final boolean ethernet = port.info().medium() == Medium.ETHERNET;
        if (ethernet != spec.isEthernet()) {
            port.close();
            throw new PortException(spec.file() + " has packets that begin with "
                    + (ethernet ? "an Ethernet header; leave medium=ip out" : "the IP header; add ,medium=ip"));
        }
        return port;
    }

    private Port tap(String name, Medium medium, @Nullable PortConfig config) {
        return cuts(config) ? TapPort.openSegmenting(name, medium, pool, 1) : TapPort.open(name, medium, pool, 1);
    }

    private static boolean cuts(@Nullable PortConfig config) {
        return config != null && config.segmentation() == SegmentationSetting.DEVICE;
    }

    private Port dpdk(String devargs, PortSpec spec, @Nullable PortConfig config) {
        final Located<Integer> mtu = config == null ? null : config.mtu();
        final Located<Long> mac = config == null ? null : config.mac();
        // A network card filters by its own address. A kernel's interface keeps the one it has: it would outlive us.
        final boolean card = spec instanceof PortSpec.Pci;
        DpdkPortConfig wanted = DpdkPortConfig.of(devargs)
                .withQueues(shards)
                .withMtu(mtu == null ? 0 : mtu.value())
                .withMacAddress(mac == null || !card ? 0 : mac.value());
        if (config != null && config.checksums() == ChecksumSetting.DEVICE) {
            wanted = wanted.withChecksumOffloads();
        }
        if (cuts(config)) {
            wanted = wanted.withSegmentationOffload();
        }
        return DpdkPort.openSpread(wanted, (DpdkPool) pool, hash);
    }
}
