package io.millrace.bench.cli;

import io.millrace.bench.agent.AgentCommand;
import io.millrace.bench.appliance.ForwardingCommand;
import io.millrace.bench.command.Version;
import io.millrace.bench.control.ApplianceCommand;
import io.millrace.bench.control.MacCommand;
import io.millrace.bench.control.NeighCommand;
import io.millrace.bench.control.PortCommand;
import io.millrace.bench.control.RouteCommand;
import io.millrace.bench.control.ShardsCommand;
import io.millrace.bench.control.SsCommand;
import io.millrace.bench.demo.DemoCommand;
import io.millrace.bench.example.ExampleCommand;
import io.millrace.bench.fuzz.FuzzCommand;
import io.millrace.bench.nc.NcCommand;
import io.millrace.bench.ping.PingCommand;
import io.millrace.bench.serve.ServeCommand;
import io.millrace.bench.trace.TraceCommand;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The root of the command line; does nothing but show what there is. */
@Command(
        name = "millrace",
        description = "A TCP/IP stack of its own, in Java, on DPDK's poll-mode drivers.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        subcommands = {
            DemoCommand.class,
            ServeCommand.class,
            ForwardingCommand.class,
            PingCommand.class,
            NcCommand.class,
            AgentCommand.class,
            TraceCommand.class,
            NeighCommand.class,
            RouteCommand.class,
            SsCommand.class,
            ShardsCommand.class,
            PortCommand.class,
            ApplianceCommand.class,
            MacCommand.class,
            ExampleCommand.class,
            DoctorCommand.class,
            BenchCommand.class,
            FuzzCommand.class,
            ProfilesCommand.class,
            TcpSettingsCommand.class,
            TestCommand.class,
            GenerateCompletion.class,
            HelpCommand.class
        },
        footer = {
            "",
            "millrace COMMAND --help tells more about one command.",
            "Shell completion: source <(millrace generate-completion)"
        })
final class MillraceCommand implements Runnable {
    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    GlobalOptions global;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
