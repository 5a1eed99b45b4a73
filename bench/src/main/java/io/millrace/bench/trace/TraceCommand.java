package io.millrace.bench.trace;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.options.PortOptions;
import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.ServerPorts;
import io.millrace.bench.serve.Termination;
import io.millrace.config.device.PortSpec;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.filter.FilterException;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.pcap.PcapReplayPort;
import io.millrace.dataplane.run.Idle;
import io.millrace.dataplane.run.ShardOptions;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.agrona.concurrent.IdleStrategy;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what comes in at a port, without answering. */
@Command(
        name = "trace",
        description = "Show what comes in at a port, one line a packet. Answers nothing, so it needs no address.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "A packet is shown if its line holds every WORD, upper or lower case: ARP, ICMP6, an address, or the"
                    + " address and port as the line writes them.",
            "",
            "Examples:",
            "  millrace trace --port net_af_packet0,iface=mr0 -c 10 ICMP 10.0.0.1",
            "  millrace trace --port tap:mr0 --filter 'tcp[tcpflags] & tcp-syn != 0'",
            "  millrace trace --port pcap:trace.pcapng,speed=0 --filter arp"
        })
public final class TraceCommand implements Callable<Integer> {
    private static final int CACHE = 256;
    private static final int BURST = 32;

    @Parameters(paramLabel = "WORD", arity = "0..*", description = "What a packet's line must hold to be shown.")
    private List<String> words = List.of();

    @Option(
            names = "--filter",
            paramLabel = "EXPR",
            description = "Show only packets that this lets through, in tcpdump's language: 'tcp port 80 and not arp'.")
    private @Nullable String filter;

    @Option(names = "-c", paramLabel = "COUNT", description = "End after showing this many packets; without it, go on.")
    private @Nullable Long count;

    @Option(names = "-e", description = "Show the addresses of Ethernet headers, too.")
    private boolean stations;

    @Option(
            names = "-w",
            paramLabel = "FILE",
            description = "Write every packet to a file for Wireshark, whether shown or not; the same as --pcap.")
    private @Nullable String file;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private PortOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public TraceCommand() {}

    @Override
    public Integer call() throws Exception {
        if (count != null && count < 1) {
            throw new UserErrorException(
                    "-c: " + count + " is out of range; write 1 or more, or leave it out to go on");
        }
        if (file != null && options.capturesToFile()) {
            throw new UserErrorException("-w and --pcap both name the file to write; leave one of them out");
        }
        if (file != null) {
            options.pcap(file);
        }
        final ServePlan plan = options.planWithoutAddresses();
        final List<PacketFilter> filters = filters(plan);
        return Termination.during(spec, termination -> {
            trace(plan, filters, termination);
            return 0;
        });
    }

    /** One for each port, as what their packets begin with may differ; none without a filter. */
    private List<PacketFilter> filters(ServePlan plan) {
        final String expression = filter;
        if (expression == null) {
            return List.of();
        }
        final List<PacketFilter> filters = new ArrayList<>();
        for (final PortSpec device : plan.config().devices()) {
            try {
                filters.add(PacketFilter.compile(expression, device.isEthernet() ? Medium.ETHERNET : Medium.IP));
            } catch (FilterException e) {
                throw new UserErrorException("--filter: " + e.getMessage() + "; see man pcap-filter", e);
            }
        }
        return filters;
    }

    private void trace(ServePlan plan, List<PacketFilter> filters, Termination termination) {
        final PrintWriter out = spec.commandLine().getOut();
        final TracePrinter printer = new TracePrinter(out, ZoneId.systemDefault(), words, stations);
        final long offset = System.currentTimeMillis() * 1_000 - ShardOptions.monotonicMicros();
        try (ServerPorts ports = ServerPorts.open(plan.config(), offset)) {
            final PoolCache cache = new PoolCache(ports.pool(), CACHE);
            try {
                loop(ports, cache, filters, printer, offset, termination);
            } finally {
                cache.flush();
            }
            ports.closePorts();
            ports.checkCapture();
        }
        spec.commandLine().getErr().println(printer.shown() + " packets shown of " + printer.seen() + " received");
    }

    private void loop(
            ServerPorts ports,
            PoolCache cache,
            List<PacketFilter> filters,
            TracePrinter printer,
            long offset,
            Termination termination) {
        final List<PacketFilter.Matcher> matchers =
                filters.stream().map(PacketFilter::matcher).toList();
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        final PacketPool pool = ports.pool();
        final long[] burst = new long[BURST];
        final List<PortQueue> queues = new ArrayList<>();
        for (final Port port : ports.ports()) {
            queues.add(port.queue(0, cache));
            err.println(
                    "listening on " + port.info().name() + " (" + port.info().driver() + ")");
        }
        err.flush();
        final IdleStrategy idle = Idle.BACK_OFF.create();
        while (!termination.isRequested()) {
            int work = 0;
            for (int i = 0; i < queues.size(); i++) {
                final Port port = ports.ports().get(i);
                final long now = ShardOptions.monotonicMicros();
                final int received = queues.get(i).receive(burst, BURST, now);
                for (int k = 0; k < received && !enough(printer); k++) {
                    final long at = pool.dataOffset(burst[k]);
                    final int length = BufferHeader.length(pool.memory(), burst[k]);
                    if (!matchers.isEmpty() && !matchers.get(i).matches(pool.memory(), at, length)) {
                        printer.passOver();
                        continue;
                    }
                    printer.packet(
                            queues.size() > 1 ? port.info().name() : "",
                            port.info().medium(),
                            pool.memory(),
                            at,
                            length,
                            now + offset);
                }
                cache.free(burst, 0, received);
                work += received;
            }
            if (work > 0 && out.checkError()) {
                return; // flushed, and nobody reads it
            }
            if (enough(printer) || (work == 0 && replayed(ports))) {
                return;
            }
            idle.idle(work);
        }
    }

    /** Whether nothing more can come, as all ports are captures that have come to their end. */
    private static boolean replayed(ServerPorts ports) {
        return ports.ports().stream()
                .allMatch(port -> port.info().driver().equals(PcapReplayPort.DRIVER) && !port.linkUp());
    }

    private boolean enough(TracePrinter printer) {
        return count != null && printer.shown() >= count;
    }
}
