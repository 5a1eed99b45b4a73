package io.millrace.config.host;

import io.millrace.config.device.PortSpec;
import io.millrace.config.device.VdevDriver;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.config.problem.Suggestions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells before anything starts which devices this machine does not have, or does not let us at. */
public final class DeviceChecks {
    private static final Set<String> USER_DRIVERS = Set.of("vfio-pci", "uio_pci_generic", "igb_uio");
    /** These stay with the kernel's driver, and DPDK works through it. */
    private static final Set<String> SHARED_DRIVERS = Set.of("mlx5_core", "mlx4_core");

    private final Host host;
    private final Problems problems;

    /**
     * Checks for one machine.
     *
     * @param host where to look
     * @param problems gets what is missing
     */
    public DeviceChecks(Host host, Problems problems) {
        this.host = host;
        this.problems = problems;
    }

    /** Checks one device. */
    public void check(Located<PortSpec> device) {
        switch (device.value()) {
            case PortSpec.Vdev vdev -> checkVdev(device, vdev);
            case PortSpec.Pci pci -> checkPci(device, pci);
            case PortSpec.Tap tap -> checkTun(device);
            case PortSpec.Tun tun -> checkTun(device);
            case PortSpec.Packet packet -> checkInterface(device, packet.name());
            case PortSpec.Replay replay -> checkFile(device, replay);
        }
    }

    private void checkVdev(Located<PortSpec> device, PortSpec.Vdev vdev) {
        checkRights(device, vdev.driver());
        if (vdev.driver() == VdevDriver.AF_PACKET || vdev.driver() == VdevDriver.AF_XDP) {
            final String name = vdev.parameters().get("iface");
            if (name != null) {
                checkInterface(device, name);
            }
        } else if (vdev.driver() == VdevDriver.TAP || vdev.driver() == VdevDriver.TUN) {
            checkTun(device);
        }
    }

    /** What DPDK's driver would be refused, and then does not say why. */
    private void checkRights(Located<PortSpec> device, VdevDriver driver) {
        final boolean sockets = driver == VdevDriver.AF_PACKET || driver == VdevDriver.AF_XDP;
        final boolean interfaces = driver == VdevDriver.TAP || driver == VdevDriver.TUN || driver == VdevDriver.AF_XDP;
        if (host.status("CapEff") == null) {
            return; // whoever opens it will see
        }
        final Capabilities rights = Capabilities.of(host);
        if (sockets && !rights.has(Capabilities.NET_RAW)) {
            problems.add(device.place(), driver.prefix() + " needs CAP_NET_RAW, which you lack", "run with sudo");
        } else if (interfaces && !rights.has(Capabilities.NET_ADMIN)) {
            problems.add(device.place(), driver.prefix() + " needs CAP_NET_ADMIN, which you lack", "run with sudo");
        }
    }

    private void checkInterface(Located<PortSpec> device, String name) {
        final List<String> interfaces = host.interfaces();
        if (!interfaces.contains(name)) {
            final String hint = interfaces.isEmpty()
                    ? "there is none in this network namespace"
                    : Suggestions.phrase(name, interfaces);
            problems.add(device.place(), "there is no network interface '" + name + "'", hint);
        }
    }

    private void checkTun(Located<PortSpec> device) {
        if (!host.exists("/dev/net/tun")) {
            problems.add(
                    device.place(),
                    device.value().text() + " needs /dev/net/tun, which is not there",
                    "run 'modprobe tun', or in a container pass --device /dev/net/tun");
        }
    }

    private void checkFile(Located<PortSpec> device, PortSpec.Replay replay) {
        final String absolute = Path.of(replay.file()).toAbsolutePath().toString();
        if (!host.exists(absolute)) {
            problems.add(device.place(), "there is no capture " + replay.file(), "name a file that exists");
        } else if (Files.isDirectory(host.path(absolute))) {
            problems.add(device.place(), replay.file() + " is a folder", "name a capture in it");
        }
    }

    private void checkPci(Located<PortSpec> device, PortSpec.Pci pci) {
        final String folder = "/sys/bus/pci/devices/" + pci.address();
        if (!host.exists(folder)) {
            problems.add(
                    device.place(),
                    "there is no PCI device " + pci.address(),
                    "'dpdk-devbind.py --status' lists what there is");
            return;
        }
        final @Nullable String driver = host.linkName(folder + "/driver");
        if (driver == null || !(USER_DRIVERS.contains(driver) || SHARED_DRIVERS.contains(driver))) {
            problems.add(
                    device.place(),
                    "PCI device " + pci.address()
                            + (driver == null ? " has no driver" : " belongs to the kernel's driver " + driver),
                    "run 'modprobe vfio-pci && dpdk-devbind.py --bind=vfio-pci " + pci.address() + "'");
        }
    }
}
