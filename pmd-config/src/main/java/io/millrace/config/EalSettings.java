package io.millrace.config;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code eal} section as one layer of settings describes it; whatever the layer leaves out is null. */
public final class EalSettings {
    private static final int MIN_MEMORY = 16;
    private static final int MAX_MEMORY = 1 << 20;

    private final Problems problems;
    private @Nullable Located<Hugepages> hugepages;
    private @Nullable Located<Integer> memory;
    private @Nullable Located<String> lcores;
    private @Nullable Located<String> logLevel;
    private @Nullable Located<Boolean> telemetry;
    private @Nullable List<Located<String>> arguments;

    /**
     * Nothing set.
     *
     * @param problems gets what is wrong with the settings
     */
    public EalSettings(Problems problems) {
        this.problems = problems;
    }

    /** Sets whether to use hugepages. */
    public void hugepages(Located<String> text) {
        hugepages = Values.choice(text, Hugepages.values(), Hugepages::text, problems);
    }

    /** Sets how much memory DPDK reserves, in MiB. */
    public void memory(Located<String> text) {
        memory = Values.integer(text, MIN_MEMORY, MAX_MEMORY, "number of MiB", problems);
    }

    /** Sets the CPUs of DPDK's own threads, in DPDK's syntax. */
    public void lcores(Located<String> text) {
        lcores = text;
    }

    /** Sets how much DPDK says, in DPDK's syntax. */
    public void logLevel(Located<String> text) {
        logLevel = text;
    }

    /** Sets whether DPDK opens its telemetry socket. */
    public void telemetry(Located<String> text) {
        telemetry = Values.yesNo(text, problems);
    }

    /** Sets further arguments. */
    public void arguments(List<Located<String>> texts) {
        arguments = List.copyOf(texts);
    }

    EalSettings over(EalSettings lower) {
        final EalSettings merged = new EalSettings(problems);
        merged.hugepages = hugepages != null ? hugepages : lower.hugepages;
        merged.memory = memory != null ? memory : lower.memory;
        merged.lcores = lcores != null ? lcores : lower.lcores;
        merged.logLevel = logLevel != null ? logLevel : lower.logLevel;
        merged.telemetry = telemetry != null ? telemetry : lower.telemetry;
        merged.arguments = arguments != null ? arguments : lower.arguments;
        return merged;
    }

    EalConfig resolve() {
        return new EalConfig(
                hugepages == null ? Hugepages.AUTO : hugepages.value(),
                memory,
                lcores,
                logLevel == null ? ServeConfig.DEFAULT_LOG_LEVEL : logLevel.value(),
                telemetry != null && telemetry.value(),
                arguments == null ? List.of() : arguments);
    }
}
