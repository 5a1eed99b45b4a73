package io.millrace.bench.options;

import io.millrace.config.ServeSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of {@code serve}. */
public final class ServeOptions extends RunOptions {
    @Option(
            names = "--tcp",
            paramLabel = "SERVICE:PORT[/OPTION=VALUE][,...]",
            description = {
                "Services over TCP: echo, discard, chargen, http. Options of a listener: backlog=N, syn-backlog=N,",
                "cookies=off|when-full|always, defer-accept=SECONDS, mss=BYTES, no-delay=yes|no."
            })
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

    @Option(
            names = "--max-shards",
            paramLabel = "N",
            description = "How many may run at the same time, with those that millrace shards add starts; as many as"
                    + " --shards if left out. Ports are opened with a queue for each where they have that many.")
    private @Nullable String maxShards;

    @Mixin
    private final TcpSettingsOption tcpSettings = new TcpSettingsOption();

    @Option(names = "--forward", description = "Be a router: send packets for others on their way from port to port.")
    private boolean forward;

    @Option(
            names = "--flow-labels",
            paramLabel = "yes|no",
            description = "Whether what we send over IPv6 carries flow labels (RFC 6437); yes if left out.")
    private @Nullable String flowLabels;

    /** Filled in by picocli. */
    public ServeOptions() {}

    @Override
    void addTo(ServeSettings flags) {
        super.addTo(flags);
        setList("--tcp", tcp, flags::tcp);
        setList("--udp", udp, flags::udp);
        set("--http-root", httpRoot, flags::httpRoot);
        set("--shards", shards, flags::shards);
        set("--max-shards", maxShards, flags::maxShards);
        tcpSettings.addTo(flags.tcpSettings());
        set("--forward", forward ? "yes" : null, flags::forward);
        set("--flow-labels", flowLabels, flags::flowLabels);
    }
}
