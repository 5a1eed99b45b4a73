package io.millrace.bench.options;

import io.millrace.config.IdleMode;
import io.millrace.config.ServeSettings;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of every command that runs until it is interrupted. */
public class RunOptions extends PortOptions {
    @Option(names = "--cpus", paramLabel = "CPU[,CPU...]", description = "The CPU of each shard.")
    private @Nullable String cpus;

    @Option(
            names = "--idle",
            paramLabel = "MODE",
            description = "What a shard does without work: backoff, yield or spin.",
            completionCandidates = IdleNames.class)
    private @Nullable String idle;

    @Option(names = "--pool-size", paramLabel = "N", description = "Packet buffers; 16384 if left out.")
    private @Nullable String poolSize;

    @Option(names = "--stats-json", paramLabel = "FILE", description = "Write the summary as JSON at the end.")
    private @Nullable String statsJson;

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            description = "What other commands find this process by; the command's name and process id if left out.")
    private @Nullable String instance;

    /** Filled in by picocli. */
    public RunOptions() {}

    @Override
    void addTo(ServeSettings flags) {
        setList("--cpus", cpus, flags::cpus);
        set("--idle", idle, flags::idle);
        set("--pool-size", poolSize, flags::poolSize);
        set("--stats-json", statsJson, flags::statsJson);
        set("--instance", instance, flags::instance);
    }

    /** The names of the idle modes, for completion. */
    static final class IdleNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return IdleMode.names().iterator();
        }
    }
}
