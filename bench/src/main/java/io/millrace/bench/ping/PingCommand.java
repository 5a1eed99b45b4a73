package io.millrace.bench.ping;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.options.PortOptions;
import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.ServerPorts;
import io.millrace.bench.serve.Termination;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.run.Idle;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.AddressSyntaxException;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.ScopedAddress;
import java.io.PrintWriter;
import java.math.BigDecimal;
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

/** Asks a host for echoes, from a port and an address of our own. */
@Command(
        name = "ping",
        description = "Ask a host for echoes from a port of our own, like Linux's ping.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:an answer came; with -w and -c, as many as were asked for",
            "1:no answer came, or too few before the deadline",
            "2:anything else went wrong"
        },
        footer = {
            "",
            "Example, with Linux as the peer on the other side of a veth pair (see millrace serve --help):",
            "  millrace ping --port net_af_packet0,iface=mr0 --address 10.0.0.2/24 \\",
            "    -c 3 10.0.0.1"
        })
public final class PingCommand implements Callable<Integer> {
    private static final int CACHE = 256;
    private static final int MAX_SIZE = 65_507;
    private static final int MAX_FLOOD_RATE = 1_000_000;
    private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(1_000_000);

    @Parameters(
            paramLabel = "ADDR",
            description =
                    "IPv4 or IPv6 address to ask; a link-local one may name the port to ask by: fe80::1%%0, the first.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String target;

    @Option(names = "-c", paramLabel = "COUNT", description = "End after this many requests; without it, go on.")
    private @Nullable Long count;

    @Option(
            names = "-i",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "Between requests (default: ${DEFAULT-VALUE}); 0.2 for instance is allowed.")
    private BigDecimal interval = BigDecimal.ONE;

    @Option(
            names = "-s",
            paramLabel = "BYTES",
            defaultValue = "56",
            description = "Data in each request, 0 to " + MAX_SIZE + " (default: ${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "-f",
            description = "Flood: ask again as soon as an answer comes, and 100 times a second at least. A dot for each"
                    + " request, taken back for each answer.")
    private boolean flood;

    @Option(
            names = "--flood-rate",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Most requests a second of a flood (default: ${DEFAULT-VALUE}).")
    private int floodRate;

    @Option(
            names = "-t",
            paramLabel = "TTL",
            defaultValue = "64",
            description = "TTL or hop limit of the requests, 1 to 255 (default: ${DEFAULT-VALUE}).")
    private int hopLimit;

    @Option(
            names = "-F",
            paramLabel = "LABEL",
            description = "IPv6: flow label of the requests, 0 to fffff in hexadecimal; one for each run if left out.")
    private @Nullable String flowLabel;

    @Option(
            names = "-M",
            paramLabel = "HINT",
            defaultValue = "want",
            description =
                    "What becomes of requests longer than the path takes: 'do' refuses them, 'want' and 'dont' send"
                            + " them in fragments (default: ${DEFAULT-VALUE}).")
    private String discovery = "want";

    @Option(
            names = "-I",
            paramLabel = "ADDR|PORT",
            description =
                    "The address of ours that requests come from, or the interface that they leave by: the name of"
                            + " its port.")
    private @Nullable String source;

    @Option(
            names = "-W",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long to wait for a first answer after the last request (default: ${DEFAULT-VALUE}).")
    private BigDecimal timeout = BigDecimal.TEN;

    @Option(
            names = "-w",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description =
                    "End after this many seconds, whatever came. Before that, -c counts answers, not requests, and an"
                            + " error ends it.")
    private BigDecimal deadline = BigDecimal.ZERO;

    @Option(names = "-q", description = "Print nothing but the beginning and the end.")
    private boolean quiet;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private PortOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public PingCommand() {}

    @Override
    public Integer call() throws Exception {
        final PingSettings settings = settings();
        final int label = label(settings.target().address().family());
        final ServePlan plan = options.plan();
        return Termination.during(spec, termination -> ping(plan, settings, label, termination));
    }

    private int ping(ServePlan plan, PingSettings settings, int label, Termination termination)
            throws InterruptedException {
        final PrintWriter out = spec.commandLine().getOut();
        final long offset = System.currentTimeMillis() * 1_000 - ShardOptions.monotonicMicros();
        try (ServerPorts ports = ServerPorts.open(plan.config(), offset)) {
            final PoolCache cache = new PoolCache(ports.pool(), CACHE);
            final PingSession session = new PingSession(settings, out);
            try (Stack stack = Stack.create(StackConfig.defaults(), cache)) {
                ports.addInterfaces(plan, stack, 0, cache);
                checkZone(stack, settings.target());
                try (Pinger pinger = new Pinger(stack, session, settings, ShardOptions::monotonicMicros)) {
                    pinger.hopLimit(hopLimit);
                    pinger.flowLabel(label);
                    pinger.dontFragment(discovery.equals("do"));
                    if (source != null) {
                        chooseSource(stack, pinger, settings.target().address());
                    }
                    session.begin(source == null ? "" : source, ShardOptions.monotonicMicros());
                    loop(stack, pinger, session, termination);
                }
            } finally {
                cache.flush();
            }
            final int code = session.end(ShardOptions.monotonicMicros());
            ports.closePorts();
            ports.checkCapture();
            return code;
        }
    }

    private static void loop(Stack stack, Pinger pinger, PingSession session, Termination termination) {
        final IdleStrategy idle = Idle.BACK_OFF.create();
        long now = ShardOptions.monotonicMicros();
        while (!session.over(now)) {
            final boolean sent = pinger.poll(now);
            final int work = stack.poll(now);
            if (termination.isRequested()) {
                session.stop();
            }
            idle.idle(sent ? work + 1 : work);
            now = ShardOptions.monotonicMicros();
        }
    }

    private PingSettings settings() {
        check(List.of("do", "want", "dont").contains(discovery), "-M", discovery, "write do, want or dont");
        final long requests = count == null ? 0 : count;
        check(count == null || requests > 0, "-c", requests, "write 1 or more, or leave it out to go on");
        check(size >= 0 && size <= MAX_SIZE, "-s", size, "write 0 to " + MAX_SIZE);
        check(hopLimit >= 1 && hopLimit <= 255, "-t", hopLimit, "write 1 to 255");
        check(floodRate >= 1 && floodRate <= MAX_FLOOD_RATE, "--flood-rate", floodRate, "write 1 to " + MAX_FLOOD_RATE);
        return new PingSettings(
                address(),
                requests,
                micros("-i", interval),
                size,
                flood,
                floodRate,
                quiet,
                micros("-W", timeout),
                micros("-w", deadline));
    }

    /** The flow label that {@code -F} gives. */
    private int label(int family) {
        if (flowLabel == null) {
            return IpRepr.AUTO_FLOW_LABEL;
        }
        if (family == IpFamily.V4) {
            throw new UserErrorException(
                    "-F: " + target + " is an IPv4 address, and only IPv6 has flow labels; leave -F out");
        }
        final boolean fits = flowLabel.matches("(0[xX])?0*[0-9a-fA-F]{1,5}");
        check(fits, "-F", flowLabel, "write 0 to fffff, in hexadecimal");
        return Integer.parseInt(flowLabel.replaceFirst("^0[xX]", ""), 16);
    }

    /** Does what {@code -I} says: the name of an interface, or an address of ours of the target's family. */
    private void chooseSource(Stack stack, Pinger pinger, IpAddress to) {
        for (final NetInterface netInterface : stack.interfaces()) {
            if (netInterface.name().equals(source)) {
                pinger.leaveBy(netInterface.index());
                return;
            }
            for (final Cidr<? extends IpAddress> cidr : netInterface.addresses()) {
                if (cidr.address().toString().equals(source) && cidr.address().family() == to.family()) {
                    pinger.source(cidr.address());
                    return;
                }
            }
        }
        throw new UserErrorException(
                "-I: " + source + " is neither an interface nor an address of ours that could reach " + to
                        + "; use one of " + stack.interfaces());
    }

    /** Makes sure that the target's zone, if it has one, is an interface of ours. */
    private static void checkZone(Stack stack, ScopedAddress to) {
        if (!to.zone().isEmpty()) {
            try {
                stack.zone(to.zone());
            } catch (IllegalArgumentException e) {
                throw new UserErrorException(to + ": " + e.getMessage(), e);
            }
        }
    }

    private ScopedAddress address() {
        try {
            final ScopedAddress address = ScopedAddress.parse(target);
            if (address.address().isUnspecified()) {
                throw new UserErrorException(target + " is nobody's address; name a host");
            }
            return address;
        } catch (AddressSyntaxException e) {
            throw new UserErrorException(e.getMessage() + "; write an IPv4 or IPv6 address", e);
        }
    }

    private static long micros(String option, BigDecimal seconds) {
        check(
                seconds.signum() >= 0 && seconds.compareTo(MAX_SECONDS) <= 0,
                option,
                seconds,
                "write seconds from 0 to " + MAX_SECONDS);
        return seconds.movePointRight(6).longValue();
    }

    private static void check(boolean good, String option, Object value, String right) {
        if (!good) {
            throw new UserErrorException(option + ": " + value + " is out of range; " + right);
        }
    }
}
