package io.millrace.bench.cli;

import io.millrace.bench.plan.TcpTuning;
import io.millrace.config.tcp.TcpSetting;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists what can be set of TCP. */
@Command(
        name = "tcp-settings",
        description = "List what can be set of TCP: by --tcp-settings, and in a file under tcp-settings.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The last column names Linux's sysctl below net.ipv4 that is like it. What one connection does otherwise is set by"
                    + " socket options, in the API and through millrace agent.",
            "",
            "As a flag of serve, nc, agent, bench tcp and bench exchange:",
            "  --tcp-settings congestion=bbr,ecn=request,min-rto=50ms",
            "In a file for --config:",
            "  tcp-settings:",
            "    congestion: bbr",
            "    min-rto: 50ms"
        })
final class TcpSettingsCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        final PrintWriter out = spec.commandLine().getOut();
        out.print(line("SETTING", "DEFAULT", "RANGE", "", "LIKE"));
        for (final TcpSetting setting : TcpSetting.values()) {
            out.print(line(
                    setting.key(), TcpTuning.usual(setting), setting.range(), setting.summary(), setting.sysctl()));
        }
        out.flush();
    }

    private static String line(
            final String key, final String usual, final String range, final String summary, final String sysctl) {
        return String.format("%-22s %-10s %-32s %-66s %s%n", key, usual, range, summary, sysctl)
                .replaceAll(" +(?=\\R)", "");
    }
}
