package io.millrace.bench.options;

import io.millrace.bench.plan.TcpTuning;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import io.millrace.config.tcp.TcpSettings;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flag of every command that has TCP of ours. */
public final class TcpSettingsOption {
    static final String NAME = "--tcp-settings";

    @Option(
            names = NAME,
            paramLabel = "KEY=VALUE[,...]",
            description =
                    "How TCP behaves, for instance congestion=bbr,ecn=request,min-rto=50ms; 'millrace tcp-settings'"
                            + " lists what there is.")
    private @Nullable String text;

    /** Filled in by picocli. */
    public TcpSettingsOption() {}

    /** Adds what the flag says to a layer. */
    void addTo(final TcpSettings settings) {
        if (text != null) {
            settings.list(new Located<>(text.strip(), Place.flag(NAME)));
        }
    }

    /**
     * The usual configuration with what the flag says.
     *
     * @throws io.millrace.config.problem.ConfigException with all that is wrong
     */
    public TcpConfigBuilder builder() {
        final Problems problems = new Problems();
        final TcpSettings settings = new TcpSettings(problems);
        addTo(settings);
        final TcpConfigBuilder builder = TcpTuning.apply(settings.resolve(), problems);
        problems.throwIfAny();
        return builder;
    }
}
