package io.millrace.bench.plan;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.dpdk.CpuAffinity;
import java.util.BitSet;
import java.util.List;

/**
 * Checks before anything is started that shards can run on the CPUs they are given. What a cpuset allows is known to the
 * kernel only, and may be more than the process runs on now; so each is tried.
 */
final class CpuChecks {
    private CpuChecks() {}

    static void check(List<Located<Integer>> cpus, Problems problems) {
        if (cpus.isEmpty()) {
            return;
        }
        final BitSet before = CpuAffinity.current();
        try {
            for (final Located<Integer> cpu : cpus) {
                if (!isUsable(cpu.value())) {
                    problems.add(
                            cpu.place(),
                            "there is no CPU " + cpu.value() + ", or this process may not run on it",
                            "choose from " + before);
                }
            }
        } finally {
            CpuAffinity.set(before);
        }
    }

    private static boolean isUsable(int cpu) {
        try {
            CpuAffinity.pin(cpu);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
