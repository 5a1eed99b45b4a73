package io.millrace.bench.appliance;

import io.millrace.bench.options.ForwardingOptions;
import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.Foreground;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a packet appliance until it is interrupted. */
@Command(
        name = "forward",
        description = "Be a packet appliance: forward, switch, route, answer or record what comes in at ports.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "io          each packet leaves by the port's partner (0 and 1, 2 and 3, ...), or by its own if it has"
                    + " none",
            "macswap     the same, with source and destination MAC address exchanged",
            "csum        the same, with the checksums of IPv4, TCP and UDP written anew",
            "l2switch    learns where stations are, for each VLAN, and sends frames there",
            "l3router    routes IPv4 and IPv6 between the networks of its ports, whose --address it needs",
            "responder   answers ARP, neighbour solicitations and ping for the --address of its ports",
            "recorder    as io, and writes every packet to --record; a single port's packets go nowhere else",
            "",
            "One line that begins with \"ready\" says when it runs. Ctrl-C ends it in order. It runs in one thread.",
            "While it runs, millrace appliance, port, mac, route, neigh and ss look into it and change it.",
            "",
            "Examples:",
            "  millrace forward --mode l2switch --port tap:mr0 --port tap:mr1",
            "  millrace forward --mode l3router --port tap:mr0 --address 10.0.0.1/24 \\",
            "    --port tap:mr1 --address 10.0.1.1/24",
            "  millrace forward --profile recorder"
        })
public final class ForwardingCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private ForwardingOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public ForwardingCommand() {}

    @Override
    public Integer call() throws Exception {
        final ServePlan plan = options.plan();
        return new Foreground(spec, plan.config()).run(() -> Appliance.start(plan));
    }
}
