package io.millrace.config.doctor;

import io.millrace.config.host.Capabilities;
import io.millrace.config.host.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** Hugepages and the limit of locked memory. */
final class MemoryChecks {
    private static final long MEBIBYTE = 1 << 20;
    /** Room for the default pool and DPDK's own tables. */
    private static final long ENOUGH = 128 * MEBIBYTE;

    private MemoryChecks() {}

    static List<Finding> hugepages(Machine machine) {
        final Host host = machine.host();
        final List<String> nodes = host.names("/sys/devices/system/node").stream()
                .filter(name -> name.matches("node\\d+"))
                .toList();
        if (nodes.isEmpty()) {
            // A kernel without NUMA tells of the whole machine only.
            return List.of(node(host, "this machine", "/sys/kernel/mm/hugepages"));
        }
        final List<Finding> findings = new ArrayList<>();
        for (final String node : nodes) {
            findings.add(
                    node(host, "NUMA node " + node.substring(4), "/sys/devices/system/node/" + node + "/hugepages"));
        }
        return findings;
    }

    private static Finding node(Host host, String name, String folder) {
        final SortedMap<Long, String> sizes = host.hugepageSizes(folder);
        if (sizes.isEmpty()) {
            return Finding.warn(
                    "hugepages",
                    name + ": this kernel has none",
                    "nothing has to be done: ordinary memory is used instead, only for NICs it is slower");
        }
        final List<String> parts = new ArrayList<>();
        long free = 0;
        for (final var size : sizes.entrySet()) {
            final long kibibytes = size.getKey();
            final long all = host.number(size.getValue() + "/nr_hugepages").orElse(0);
            final long unused = host.number(size.getValue() + "/free_hugepages").orElse(0);
            free += unused * kibibytes * 1024;
            parts.add(unused + " of " + all + " free at "
                    + (kibibytes >= 1024 ? kibibytes / 1024 + " MiB" : kibibytes + " KiB"));
        }
        final String text = name + ": " + String.join(", ", parts);
        if (free >= ENOUGH) {
            return Finding.ok("hugepages", text);
        }
        final long smallest = sizes.firstKey();
        final long pages = Math.max(1, 512 * MEBIBYTE / (smallest * 1024));
        return Finding.warn(
                "hugepages",
                text + "; DPDK falls back to ordinary memory",
                "echo " + pages + " | sudo tee " + sizes.get(smallest) + "/nr_hugepages");
    }

    static List<Finding> lockedMemory(Machine machine) {
        for (final String line : machine.host().lines("/proc/self/limits")) {
            if (line.startsWith("Max locked memory")) {
                final String soft = line.substring(17).strip().split("\\s+", 2)[0];
                if (soft.equals("unlimited")) {
                    return List.of(Finding.ok("locked memory", "unlimited"));
                }
                if (soft.matches("\\d{1,18}")) {
                    return List.of(limit(machine, Long.parseLong(soft)));
                }
            }
        }
        return List.of();
    }

    private static Finding limit(Machine machine, long bytes) {
        final String text = "limited to " + bytes / 1024 + " KiB";
        if (bytes >= ENOUGH) {
            return Finding.ok("locked memory", text);
        }
        if (Capabilities.of(machine.host()).has(Capabilities.IPC_LOCK)) {
            return Finding.ok("locked memory", text + ", but CAP_IPC_LOCK lifts that");
        }
        return Finding.warn(
                "locked memory",
                text + ", which is too little for af_xdp and vfio",
                "ulimit -l unlimited (as root), or 'LimitMEMLOCK=infinity' in the service");
    }
}
