package io.millrace.config.doctor;

import io.millrace.config.ServeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** All the checks in the order in which a person would ask. */
public final class Doctor {
    private static final List<Function<Machine, List<Finding>>> CHECKS = List.of(
            SoftwareChecks::jdk,
            SoftwareChecks::dpdk,
            AccessChecks::permissions,
            AccessChecks::tun,
            OffloadChecks::veth,
            NumaChecks::nodes,
            MemoryChecks::hugepages,
            MemoryChecks::lockedMemory,
            AccessChecks::vfio,
            CpuChecks::isolation,
            CpuChecks::governor);

    private Doctor() {}

    /**
     * Examines a machine without changing it.
     *
     * @param machine usually {@link Machine#local()}
     */
    public static List<Finding> examine(Machine machine) {
        return CHECKS.stream().flatMap(check -> check.apply(machine).stream()).toList();
    }

    /** The same, and whether a configuration suits the machine. */
    public static List<Finding> examine(Machine machine, ServeConfig config) {
        final List<Finding> findings = new ArrayList<>(examine(machine));
        findings.addAll(NumaChecks.placement(machine, config));
        return findings;
    }
}
