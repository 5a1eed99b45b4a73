package io.millrace.config.doctor;

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
}
