package io.millrace.config.doctor;

import io.millrace.config.host.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Checksum offload on veth interfaces. The kernel sends through a veth with checksums that it left to hardware which is
 * not there; a stack that verifies every checksum, as ours does, drops such packets.
 */
final class OffloadChecks {
    private static final String TOPIC = "checksums on veth";

    private OffloadChecks() {}

    static List<Finding> veth(Machine machine) {
        final List<String> veths = machine.host().interfaces().stream()
                .filter(name -> isVeth(machine.host(), name))
                .toList();
        if (veths.isEmpty()) {
            return List.of(Finding.ok(TOPIC, "no veth interface in this network namespace"));
        }
        final List<String> offloading = new ArrayList<>();
        for (final String name : veths) {
            final String features = machine.command().apply(List.of("ethtool", "-k", name));
            if (features == null) {
                return List.of(Finding.warn(
                        TOPIC,
                        "cannot be told without ethtool for " + String.join(", ", veths),
                        "sudo apt-get install -y ethtool"));
            }
            if (features.contains("tx-checksumming: on")) {
                offloading.add(name);
            }
        }
        if (offloading.isEmpty()) {
            return List.of(Finding.ok(TOPIC, "computed in software on " + String.join(", ", veths)));
        }
        return List.of(Finding.warn(
                TOPIC,
                "left to missing hardware on " + String.join(", ", offloading) + ", so a port of ours on the other end"
                        + " drops what comes from there",
                "on the kernel's end of the pair: sudo ethtool -K " + offloading.getFirst() + " tx off"));
    }

    /** An Ethernet interface without a device whose link is another interface, which may be in another namespace. */
    private static boolean isVeth(Host host, String name) {
        final String folder = "/sys/class/net/" + name;
        final OptionalLong index = host.number(folder + "/ifindex");
        final OptionalLong link = host.number(folder + "/iflink");
        final String type = host.text(folder + "/uevent");
        return index.isPresent()
                && link.isPresent()
                && link.getAsLong() != 0
                && index.getAsLong() != link.getAsLong()
                && (type == null || !type.contains("DEVTYPE="))
                && host.number(folder + "/type").orElse(0) == 1;
    }
}
