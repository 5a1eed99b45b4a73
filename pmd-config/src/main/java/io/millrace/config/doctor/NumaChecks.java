package io.millrace.config.doctor;

import io.millrace.config.ServeConfig;
import io.millrace.config.host.Host;
import io.millrace.config.host.NumaNodes;
import java.util.ArrayList;
import java.util.List;

/** Which CPUs and network cards are near each other, and whether a configuration keeps them together. */
final class NumaChecks {
    static final String TOPIC = "NUMA";
    private static final String NODES = "/sys/devices/system/node";
    private static final String DEVICES = "/sys/bus/pci/devices";

    private NumaChecks() {}

    static List<Finding> nodes(Machine machine) {
        final Host host = machine.host();
        final List<Integer> nodes = new NumaNodes(host).all();
        if (nodes.isEmpty()) {
            return List.of(Finding.ok(TOPIC, "the kernel tells of no memory nodes: one for everything"));
        }
        final List<Finding> findings = new ArrayList<>();
        for (final int node : nodes) {
            final String cpus = host.text(NODES + "/node" + node + "/cpulist");
            final List<String> cards = cards(host, node);
            findings.add(Finding.ok(
                    TOPIC,
                    "node " + node + ": "
                            + (cpus == null || cpus.isEmpty() ? "no CPUs" : "CPUs " + cpus)
                            + (cards.isEmpty() ? "" : ", NICs " + String.join(", ", cards))
                            + (nodes.size() == 1 ? "; the only one" : "")));
        }
        return findings;
    }

    /** What a configuration puts too far apart on this machine. */
    static List<Finding> placement(Machine machine, ServeConfig config) {
        final List<Finding> findings = new ArrayList<>();
        for (final NumaNodes.Misplaced each : new NumaNodes(machine.host()).misplaced(config)) {
            findings.add(Finding.warn(TOPIC, each.what(), each.mend()));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok(TOPIC, "CPUs and packet buffers of the configuration are near its devices"))
                : findings;
    }

    private static List<String> cards(Host host, int node) {
        final List<String> cards = new ArrayList<>();
        for (final String address : host.names(DEVICES)) {
            final String type = host.text(DEVICES + "/" + address + "/class");
            if (type != null
                    && type.startsWith("0x02")
                    && host.number(DEVICES + "/" + address + "/numa_node").orElse(NumaNodes.ANY) == node) {
                cards.add(address);
            }
        }
        return cards;
    }
}
