package io.millrace.bench.serve;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.options.ServeOptions;
import io.millrace.bench.plan.ServePlan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a server until it is interrupted. */
@Command(
        name = "serve",
        description = "Serve TCP, UDP and ping on a device, through our own stack.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "One line that begins with \"ready\" says when it can be reached. Ctrl-C ends it in order.",
            "",
            "Example, with Linux as the peer on the other side of a veth pair:",
            "  ip link add mr0 type veth peer name peer0",
            "  ip link set mr0 addrgenmode none up",
            "  ip link set peer0 up; ip address add 10.0.0.1/24 dev peer0",
            "  ethtool -K peer0 tx off",
            "  millrace serve --port net_af_packet0,iface=mr0 --address 10.0.0.2/24 \\",
            "    --tcp echo:7,http:80",
            "",
            "Services that hear only peers which sign (TCP-AO, RFC 5925; or algorithm: md5), in a file of --config:",
            "  keys:",
            "    - peer: 10.0.0.0/24       # an address or a network",
            "      secret: peer.key        # the file that holds it",
            "      ids: 1:2                # what we send and receive; 1:1 unless given",
            "      ports: [7]              # all services over TCP unless given"
        })
public final class ServeCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private ServeOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public ServeCommand() {}

    @Override
    public Integer call() throws Exception {
        final ServePlan plan = options.plan();
        if (plan.config().appliance() != null) {
            throw new UserErrorException(
                    "the settings have a mode, which is for millrace forward; run that, or leave the"
                            + " section appliance out");
        }
        return new Foreground(spec, plan.config()).run(() -> Server.start(plan));
    }
}
