package io.millrace.bench.options;

import io.millrace.config.ServeSettings;
import picocli.CommandLine.Mixin;

/** The flags of a command that is a host for the time of its run, as {@code nc} and {@code agent} are. */
public final class HostOptions extends PortOptions {
    @Mixin
    private final TcpSettingsOption tcpSettings = new TcpSettingsOption();

    /** Filled in by picocli. */
    public HostOptions() {}

    @Override
    void addTo(ServeSettings flags) {
        tcpSettings.addTo(flags.tcpSettings());
    }
}
