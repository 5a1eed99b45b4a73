package io.millrace.config;

import io.millrace.config.problem.Located;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The environment that DPDK is started in; unused when no port needs DPDK.
 *
 * @param hugepages whether to use them
 * @param memory MiB to reserve, null for what the pool needs
 * @param lcores in DPDK's own syntax, null for one on every CPU that the process may use
 * @param logLevel in DPDK's own syntax, for instance {@code notice} or {@code lib.eal:debug}
 * @param telemetry whether to open DPDK's telemetry socket
 * @param arguments more arguments for the EAL as they are
 */
public record EalConfig(
        Hugepages hugepages,
        @Nullable Located<Integer> memory,
        @Nullable Located<String> lcores,
        String logLevel,
        boolean telemetry,
        List<Located<String>> arguments) {}
