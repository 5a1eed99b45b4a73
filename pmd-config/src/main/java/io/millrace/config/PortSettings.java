package io.millrace.config;

import io.millrace.config.device.InterfaceName;
import io.millrace.config.device.PortSpec;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One port as one layer of settings describes it; whatever the layer leaves out is null. */
public final class PortSettings {
    /** RFC 791 section 3.2: every module must be able to forward this much without fragmentation. */
    private static final int MIN_MTU = 68;

    private static final int MAX_MTU = 9216;

    private final Place place;
    private final Problems problems;
    private @Nullable Located<PortSpec> device;
    private @Nullable Located<Long> mac;
    private @Nullable Located<Integer> mtu;
    private @Nullable Located<VlanTags> vlan;
    private @Nullable Located<ChecksumSetting> checksums;
    private @Nullable Located<SegmentationSetting> segmentation;
    private @Nullable List<Located<String>> addresses;
    private @Nullable List<Located<String>> gateways;
    private @Nullable List<Located<String>> routes;
    private @Nullable Located<String> host;
    private @Nullable Located<String> faultsIn;
    private @Nullable Located<String> faultsOut;
    private @Nullable Located<Long> faultSeed;
    private @Nullable Located<PortSpec> mirror;
    private @Nullable Located<Boolean> meter;
    private boolean deviceTried;

    /**
     * A port about which nothing is known yet.
     *
     * @param place where it is described
     * @param problems gets what is wrong with its settings
     */
    public PortSettings(Place place, Problems problems) {
        this.place = place;
        this.problems = problems;
    }

    /** Sets the device; see {@link PortSpec}. */
    public void device(Located<String> text) {
        deviceTried = true;
        device = PortSpec.parse(text, problems);
    }

    /** Sets our MAC address. */
    public void mac(Located<String> text) {
        mac = Values.mac(text, problems);
    }

    /** Sets the MTU in bytes. */
    public void mtu(Located<String> text) {
        mtu = Values.integer(text, MIN_MTU, MAX_MTU, "MTU", problems);
    }

    /** Sets the VLAN; see {@link VlanTags}. */
    public void vlan(Located<String> text) {
        vlan = Values.vlan(text, problems);
    }

    /** Sets who takes care of checksums. */
    public void checksums(Located<String> text) {
        checksums = Values.choice(text, ChecksumSetting.values(), ChecksumSetting::text, problems);
    }

    /** Sets who cuts TCP segments. */
    public void segmentation(Located<String> text) {
        segmentation = Values.choice(text, SegmentationSetting.values(), SegmentationSetting::text, problems);
    }

    /** Sets our addresses in CIDR notation. */
    public void addresses(List<Located<String>> texts) {
        addresses = List.copyOf(texts);
    }

    /** Sets the gateways. */
    public void gateways(List<Located<String>> texts) {
        gateways = List.copyOf(texts);
    }

    /** Sets the routes, each a network and behind {@code =} the router that leads there. */
    public void routes(List<Located<String>> texts) {
        routes = List.copyOf(texts);
    }

    /** Sets the TAP interface by which the host's own packets reach Linux. */
    public void host(Located<String> text) {
        host = text;
        InterfaceName.check(text, problems);
    }

    /** Sets what goes wrong with packets that come in. */
    public void faultsIn(Located<String> text) {
        faultsIn = text;
    }

    /** Sets what goes wrong with packets that go out. */
    public void faultsOut(Located<String> text) {
        faultsOut = text;
    }

    /** Sets what the faults' chance begins with. */
    public void faultSeed(Located<String> text) {
        faultSeed = Values.seed(text, problems);
    }

    /** Sets the device that gets a copy of every packet; see {@link PortSpec}. */
    public void mirror(Located<String> text) {
        mirror = PortSpec.parse(text, problems);
    }

    /** Sets whether a rate meter counts what passes, inside of faults and mirror. */
    public void meter(Located<String> text) {
        meter = Values.yesNo(text, problems);
    }

    /** This layer's settings, and those of a lower one for whatever this one leaves out. */
    PortSettings over(PortSettings lower) {
        final PortSettings merged = new PortSettings(place, problems);
        merged.device = deviceTried ? device : lower.device;
        merged.deviceTried = deviceTried || lower.deviceTried;
        merged.mac = mac != null ? mac : lower.mac;
        merged.mtu = mtu != null ? mtu : lower.mtu;
        merged.vlan = vlan != null ? vlan : lower.vlan;
        merged.checksums = checksums != null ? checksums : lower.checksums;
        merged.segmentation = segmentation != null ? segmentation : lower.segmentation;
        merged.addresses = addresses != null ? addresses : lower.addresses;
        merged.gateways = gateways != null ? gateways : lower.gateways;
        merged.routes = routes != null ? routes : lower.routes;
        merged.host = host != null ? host : lower.host;
        merged.faultsIn = faultsIn != null ? faultsIn : lower.faultsIn;
        merged.faultsOut = faultsOut != null ? faultsOut : lower.faultsOut;
        merged.faultSeed = faultSeed != null ? faultSeed : lower.faultSeed;
        merged.mirror = mirror != null ? mirror : lower.mirror;
        merged.meter = meter != null ? meter : lower.meter;
        return merged;
    }

    Place place() {
        return place;
    }

    @Nullable
    PortConfig resolve(boolean needAddresses) {
        if (!deviceTried) {
            problems.add(place, "no device", "name one with --port SPEC, or device: in a file");
        }
        if (needAddresses && (addresses == null || addresses.isEmpty())) {
            problems.add(
                    place, "no address", "give one with --address, or addresses: in a file, for instance 192.0.2.1/24");
        }
        final Located<PortSpec> spec = device;
        if (spec == null || (needAddresses && addresses == null)) {
            return null;
        }
        if (mac != null && !spec.value().isEthernet()) {
            problems.add(mac.place(), "a TUN interface has no MAC address", "leave mac out, or use a TAP interface");
        }
        if (vlan != null && !spec.value().isEthernet()) {
            problems.add(vlan.place(), "a TUN interface has no VLAN tags", "leave vlan out, or use a TAP interface");
        }
        if (checksums != null
                && checksums.value() == ChecksumSetting.DEVICE
                && !spec.value().needsDpdk()) {
            problems.add(
                    checksums.place(),
                    "an interface without DPDK leaves all checksums to the stack",
                    "write software, or use a device of DPDK");
        }
        if (segmentation != null
                && segmentation.value() == SegmentationSetting.DEVICE
                && spec.value() instanceof PortSpec.Replay) {
            problems.add(segmentation.place(), "a capture cuts no segments", "write software, or leave it out");
        }
        if (vlan != null && spec.value() instanceof PortSpec.Packet) {
            problems.add(
                    vlan.place(),
                    "the kernel takes VLAN tags off before a packet socket sees the frame",
                    "leave vlan out, or use net_af_packet");
        }
        checkHost(spec.value());
        if (mirror != null && mirror.value().isEthernet() != spec.value().isEthernet()) {
            problems.add(
                    mirror.place(),
                    "copies of packets with Ethernet headers cannot go where there are none, nor the other way",
                    "mirror to a device of the same kind");
        }
        return new PortConfig(
                spec,
                mac,
                mtu,
                vlan,
                checksums == null ? ChecksumSetting.SOFTWARE : checksums.value(),
                segmentation == null ? usual(spec.value()) : segmentation.value(),
                addresses == null ? List.of() : addresses,
                gateways == null ? List.of() : gateways,
                routes == null ? List.of() : routes,
                host,
                new MiddlewareConfig(faultsIn, faultsOut, faultSeed, mirror, meter != null && meter.value()));
    }

    /** Who cuts segments if nobody says: whoever is faster, without surprises for whoever captures on the interface. */
    private static SegmentationSetting usual(PortSpec spec) {
        return spec instanceof PortSpec.Packet ? SegmentationSetting.DEVICE : SegmentationSetting.SOFTWARE;
    }

    private void checkHost(PortSpec spec) {
        if (host == null) {
            return;
        }
        if (!spec.isEthernet()) {
            problems.add(host.place(), "a TUN interface has no Ethernet frames for the host", "use a TAP interface");
        }
        if (spec instanceof PortSpec.Tap tap && tap.name().equals(host.value())) {
            problems.add(host.place(), host.value() + " is the port itself", "name another interface");
        }
    }

    /** Adds a problem for each device that an earlier port has opened already. */
    static void checkDistinct(List<PortConfig> ports, Problems problems) {
        final Map<String, Place> seen = new HashMap<>();
        for (final PortConfig port : ports) {
            checkDistinct(name(port.device().value()), port.device().place(), seen, problems);
            final Located<PortSpec> mirror = port.middleware().mirror();
            if (mirror != null) {
                checkDistinct(name(mirror.value()), mirror.place(), seen, problems);
            }
            final Located<String> host = port.host();
            if (host != null) {
                checkDistinct("interface " + host.value(), host.place(), seen, problems);
            }
        }
    }

    private static void checkDistinct(String name, Place place, Map<String, Place> seen, Problems problems) {
        final Place first = seen.putIfAbsent(name, place);
        if (first != null) {
            problems.add(
                    place,
                    name + " is in use by "
                            + (first.line() == 0 ? "another " + first : "the port at line " + first.line()),
                    "give each port a device of its own");
        }
    }

    private static String name(PortSpec spec) {
        return switch (spec) {
            case PortSpec.Vdev vdev -> vdev.name();
            case PortSpec.Pci pci -> pci.address();
            case PortSpec.Tap tap -> "interface " + tap.name();
            case PortSpec.Tun tun -> "interface " + tun.name();
            case PortSpec.Packet packet -> "interface " + packet.name();
            case PortSpec.Replay replay -> "capture " + replay.file();
        };
    }
}
