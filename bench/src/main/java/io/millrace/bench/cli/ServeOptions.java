package io.millrace.bench.cli;

import io.millrace.config.IdleMode;
import io.millrace.config.ServeSettings;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@code serve}. */
public final class ServeOptions extends PortOptions {
    @Option(
            names = "--tcp",
            paramLabel = "SERVICE:PORT[,...]",
            description = "Services over TCP: echo, discard, chargen, http.")
    private @Nullable String tcp;

    @Option(names = "--udp", paramLabel = "echo:PORT", description = "Services over UDP: echo.")
    private @Nullable String udp;

    @Option(
            names = "--http-root",
            paramLabel = "DIR",
            description = "The folder that the service http shows; a page of its own if left out.")
    private @Nullable String httpRoot;

    @Option(names = "--shards", paramLabel = "N", description = "Poll loops, each a thread of its own; 1 if left out.")
    private @Nullable String shards;

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

    @Option(names = "--forward", description = "Be a router: send packets for others on their way from port to port.")
    private boolean forward;

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            description = "What the commands neigh, route and ss find this server by; serve-PID if left out.")
    private @Nullable String instance;

    /** Filled in by picocli. */
    public ServeOptions() {}

    @Override
    void addTo(ServeSettings flags) {
        setList("--tcp", tcp, flags::tcp);
        setList("--udp", udp, flags::udp);
        set("--http-root", httpRoot, flags::httpRoot);
        set("--shards", shards, flags::shards);
        setList("--cpus", cpus, flags::cpus);
        set("--idle", idle, flags::idle);
        set("--pool-size", poolSize, flags::poolSize);
        set("--stats-json", statsJson, flags::statsJson);
        set("--instance", instance, flags::instance);
        set("--forward", forward ? "yes" : null, flags::forward);
    }

    /** The names of the idle modes, for completion. */
    static final class IdleNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return IdleMode.names().iterator();
        }
    }
}
