package io.millrace.bench.cli;

import io.millrace.bench.buffers.BuffersCommand;
import io.millrace.bench.checksum.ChecksumCommand;
import io.millrace.bench.connections.ConnectionsCommand;
import io.millrace.bench.forward.ForwardCommand;
import io.millrace.bench.jmh.JmhCommand;
import io.millrace.bench.latency.LatencyCommand;
import io.millrace.bench.memif.MemifCommand;
import io.millrace.bench.ring.RingCommand;
import io.millrace.bench.route.RouteCommand;
import io.millrace.bench.soak.SoakCommand;
import io.millrace.bench.start.StartCommand;
import io.millrace.bench.tcp.ExchangeCommand;
import io.millrace.bench.tcp.TcpCommand;
import io.millrace.bench.veth.VethCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The benchmarks, each a subcommand that prints its figure beside that of its reference. */
@Command(
        name = "bench",
        description = "Measure on this machine, each figure beside its reference in the same run.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "BENCHMARK",
        subcommands = {
            ForwardCommand.class,
            ChecksumCommand.class,
            BuffersCommand.class,
            RingCommand.class,
            LatencyCommand.class,
            MemifCommand.class,
            RouteCommand.class,
            StartCommand.class,
            TcpCommand.class,
            VethCommand.class,
            ExchangeCommand.class,
            ConnectionsCommand.class,
            SoakCommand.class,
            JmhCommand.class
        })
final class BenchCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
