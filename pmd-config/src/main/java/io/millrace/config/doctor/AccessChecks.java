package io.millrace.config.doctor;

import io.millrace.config.host.Capabilities;
import io.millrace.config.host.Host;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** What this process may do: interfaces, namespaces, devices of the PCI bus. */
final class AccessChecks {
    private static final String AS_ROOT = "run as root, or inside 'unshare -Urn' for interfaces made there";

    private AccessChecks() {}

    static List<Finding> permissions(Machine machine) {
        final Capabilities capabilities = Capabilities.of(machine.host());
        return List.of(
                capabilities.has(Capabilities.NET_RAW)
                        ? Finding.ok("CAP_NET_RAW", "there, af_packet will work")
                        : Finding.warn("CAP_NET_RAW", "missing, af_packet will not work", AS_ROOT),
                capabilities.has(Capabilities.NET_ADMIN)
                        ? Finding.ok("CAP_NET_ADMIN", "there, interfaces can be made and set up")
                        : Finding.warn("CAP_NET_ADMIN", "missing, tap, tun and af_xdp will not work", AS_ROOT),
                capabilities.has(Capabilities.BPF) || capabilities.has(Capabilities.SYS_ADMIN)
                        ? Finding.ok("CAP_BPF", "there, af_xdp can load its program")
                        : Finding.warn("CAP_BPF", "missing, af_xdp will not work", "run as root"),
                namespaces(machine.host(), capabilities));
    }

    /** The demo and the tests make a network namespace of their own. */
    private static Finding namespaces(Host host, Capabilities capabilities) {
        if (capabilities.has(Capabilities.SYS_ADMIN)) {
            return Finding.ok("namespaces", "network namespaces can be made");
        }
        if (host.number("/proc/sys/user/max_user_namespaces").orElse(0) == 0) {
            return Finding.warn(
                    "namespaces", "user namespaces are switched off", "sudo sysctl user.max_user_namespaces=1000");
        }
        if (host.number("/proc/sys/kernel/unprivileged_userns_clone").orElse(1) == 0) {
            return Finding.warn(
                    "namespaces",
                    "only root may make user namespaces",
                    "sudo sysctl kernel.unprivileged_userns_clone=1");
        }
        if (host.number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
                        .orElse(0)
                == 1) {
            return Finding.warn(
                    "namespaces",
                    "AppArmor keeps user namespaces from permissions",
                    "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0");
        }
        return Finding.ok("namespaces", "network namespaces can be made within a user namespace");
    }

    static List<Finding> tun(Machine machine) {
        final String device = "/dev/net/tun";
        if (!machine.host().exists(device)) {
            return List.of(Finding.warn(
                    device,
                    "missing, tap and tun will not work",
                    "sudo modprobe tun; for a container: --device /dev/net/tun"));
        }
        if (!Files.isWritable(machine.host().path(device))
                || !Files.isReadable(machine.host().path(device))) {
            return List.of(Finding.warn(device, "may not be opened", "sudo chmod 666 /dev/net/tun"));
        }
        return List.of(Finding.ok(device, "can be opened"));
    }

    static List<Finding> vfio(Machine machine) {
        final Host host = machine.host();
        final List<Finding> findings = new ArrayList<>();
        final int groups = host.names("/sys/kernel/iommu_groups").size();
        findings.add(
                groups > 0
                        ? Finding.ok("IOMMU", groups + " groups")
                        : Finding.warn(
                                "IOMMU",
                                "off, so NICs cannot be used safely (virtual devices can)",
                                "switch it on in the firmware and boot with intel_iommu=on or amd_iommu=on; in a"
                                        + " virtual machine: vfio.enable_unsafe_noiommu_mode=1"));
        if (!host.exists("/dev/vfio/vfio")) {
            findings.add(Finding.warn(
                    "vfio", "not loaded, so NICs cannot be used (virtual devices can)", "sudo modprobe vfio-pci"));
        } else {
            findings.add(Finding.ok("vfio", "loaded"));
            for (final String group : host.names("/dev/vfio")) {
                if (!group.equals("vfio") && !Files.isWritable(host.path("/dev/vfio/" + group))) {
                    findings.add(Finding.warn(
                            "vfio", "group " + group + " may not be opened", "sudo chown $USER /dev/vfio/" + group));
                }
            }
        }
        findings.addAll(nics(host));
        return findings;
    }

    private static List<Finding> nics(Host host) {
        final List<Finding> findings = new ArrayList<>();
        for (final String address : host.names("/sys/bus/pci/devices")) {
            final String folder = "/sys/bus/pci/devices/" + address;
            final String type = host.text(folder + "/class");
            if (type == null || !type.startsWith("0x02")) {
                continue;
            }
            final String driver = host.linkName(folder + "/driver");
            if (driver == null) {
                findings.add(Finding.warn(
                        "NIC " + address, "has no driver", "sudo dpdk-devbind.py --bind=vfio-pci " + address));
            } else if (driver.equals("vfio-pci")) {
                findings.add(Finding.ok("NIC " + address, "bound to vfio-pci: --port " + address));
            } else {
                findings.add(Finding.ok("NIC " + address, "belongs to the kernel's driver " + driver));
            }
        }
        return findings;
    }
}
