package io.millrace.config.doctor;

import io.millrace.config.host.Host;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Whether a poll loop gets a CPU of its own, and at what speed. */
final class CpuChecks {
    private static final String CPUS = "/sys/devices/system/cpu";

    private CpuChecks() {}

    static List<Finding> isolation(Machine machine) {
        final Host host = machine.host();
        final String allowed = host.allowedCpus();
        final String isolated = host.text(CPUS + "/isolated");
        if (isolated != null && !isolated.isEmpty()) {
            return List.of(
                    Finding.ok("CPUs", "isolated: " + isolated + " (name them with --cpus), allowed: " + allowed));
        }
        final boolean single = allowed.matches("\\d+");
        return List.of(
                Finding.warn(
                        "CPUs",
                        "none isolated, allowed: " + allowed
                                + (single ? "; one CPU for everything" : "; a busy poll loop will be interrupted"),
                        "for the least latency boot with isolcpus=CPUS nohz_full=CPUS rcu_nocbs=CPUS; else use --idle backoff"));
    }

    static List<Finding> governor(Machine machine) {
        final Host host = machine.host();
        final SortedMap<String, Integer> governors = new TreeMap<>();
        for (final String cpu : host.names(CPUS)) {
            final String governor =
                    cpu.matches("cpu\\d+") ? host.text(CPUS + "/" + cpu + "/cpufreq/scaling_governor") : null;
            if (governor != null) {
                governors.merge(governor, 1, Integer::sum);
            }
        }
        if (governors.isEmpty()) {
            return List.of(Finding.ok("CPU governor", "the kernel does not scale the frequency here"));
        }
        if (governors.size() == 1 && governors.firstKey().equals("performance")) {
            return List.of(Finding.ok("CPU governor", "performance"));
        }
        return List.of(Finding.warn(
                "CPU governor",
                String.join(", ", governors.keySet()) + "; the first packets after a pause will be slow",
                "echo performance | sudo tee " + CPUS + "/cpu*/cpufreq/scaling_governor"));
    }
}
