package io.millrace.bench.fuzz;

import io.millrace.bench.appliance.ApplianceGraph;
import io.millrace.bench.options.ForwardingOptions;
import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.ServerPorts;
import io.millrace.config.PortConfig;
import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.NodeStats;
import io.millrace.dataplane.pipeline.PacketTrace;
import io.millrace.dataplane.port.Port;
import io.millrace.stack.StackConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * Frames into an appliance, wired as {@code forward} wires it for a command line, which the first byte of the input
 * chooses: each frame must come in at a port or from Linux, and in the end every buffer must be back. The lowest bits of a
 * frame's last byte say where it comes in, and whether the pool is empty.
 */
public final class ModeFuzz {
    /** Command lines of {@code forward}; no device is opened. */
    static final List<String> COMMANDS = List.of(
            "--mode io --port tap:p0 --port tap:p1",
            "--mode macswap --port tap:p0 --port tap:p1",
            "--mode csum --port tap:p0",
            "--mode recorder --port tap:p0 --port tap:p1",
            "--mode recorder --port tap:p0",
            "--mode l2switch --table-size 16 --ageing 1 --port tap:p0 --port tap:p1 --port tap:p2"
                    + " --station 02:00:00:00:00:01@1=1",
            "--mode responder --port tap:p0 --address 192.0.2.1/24,2001:db8::1/64",
            "--mode responder --port tap:p0 --address 192.0.2.1/24,2001:db8::1/64 --host h0"
                    + " --port tap:p1 --vlan 5 --address 192.0.2.7/24 --host h1",
            "--mode l3router --port tap:p0 --address 192.0.2.1/24,2001:db8::1/64 --route 198.51.100.0/24=192.0.2.9"
                    + " --port tap:p1 --address 203.0.113.1/24,2001:db8:1::1/64 --gateway 203.0.113.2",
            "--mode l3router --port tap:p0 --address 192.0.2.1/24,2001:db8::1/64 --host h0"
                    + " --port tap:p1 --vlan 100.5 --address 203.0.113.1/24,2001:db8:1::1/64 --host h1"
                    + " --port tap:p2 --vlan any --address 198.51.100.1/24");

    private static final int BUFFERS = 256;
    private static final int MAX_FRAME = 1_526;
    private static final int EMPTY = 8;
    private static final PacketPool POOL = ArenaPool.create(BUFFERS, MAX_FRAME);
    private static final List<ServePlan> PLANS =
            COMMANDS.stream().map(ModeFuzz::plan).toList();

    private ModeFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        if (input.length > 0) {
            run(Math.floorMod(input[0], PLANS.size()), Arrays.copyOfRange(input, 1, input.length));
        }
    }

    /** What a command line is to do. */
    static ServePlan plan(final String command) {
        final ForwardingOptions options = new ForwardingOptions();
        new CommandLine(options).parseArgs(command.split(" "));
        final ServePlan plan = options.plan();
        final StackConfig stack = FuzzedStack.config(failure -> {
            throw new AssertionError(failure);
        });
        return new ServePlan(plan.config(), plan.addresses(), stack, plan.keys());
    }

    /** Feeds one of the appliances; returns how many packets left it. */
    static long run(final int which, final byte[] input) {
        final ServePlan plan = PLANS.get(which);
        final PoolCache cache = new PoolCache(POOL, 8);
        final List<FuzzedPort> ends = new ArrayList<>();
        final List<Port> ports = new ArrayList<>();
        final List<@Nullable Port> hosts = new ArrayList<>();
        for (final PortConfig port : plan.config().ports()) {
            ports.add(end("p" + ports.size(), ends));
            hosts.add(port.host() == null ? null : end("h" + hosts.size(), ends));
        }
        final Graph graph = ApplianceGraph.of(plan, ServerPorts.of(ports, POOL), cache, hosts);
        graph.trace(new PacketTrace(4));
        final long fed = feed(graph, cache, ends, new Conversation(input));
        long arrived = 0;
        for (final NodeStats stats : graph.stats()) {
            arrived += stats.name().startsWith("in") || stats.name().startsWith("fromLinux") ? stats.packets() : 0;
        }
        graph.close();
        if (arrived != fed) {
            throw new AssertionError(COMMANDS.get(which) + ": " + arrived + " of " + fed + " packets came in");
        }
        cache.flush();
        if (POOL.available() != POOL.capacity()) {
            throw new AssertionError(
                    COMMANDS.get(which) + ": lost " + (POOL.capacity() - POOL.available()) + " buffers");
        }
        return ends.stream().mapToLong(FuzzedPort::sent).sum();
    }

    private static FuzzedPort end(final String name, final List<FuzzedPort> ends) {
        final FuzzedPort end = new FuzzedPort(name, FuzzedStack.MAC + ends.size());
        ends.add(end);
        return end;
    }

    private static long feed(
            final Graph graph, final PoolCache cache, final List<FuzzedPort> ends, final Conversation frames) {
        final long[] taken = new long[BUFFERS];
        long now = 0;
        long fed = 0;
        while (frames.next()) {
            final int length = frames.length();
            final int last = length == 0 ? 0 : frames.bytes()[frames.offset() + length - 1];
            final FuzzedPort end = ends.get((last & (EMPTY - 1)) % ends.size());
            fed += length <= MAX_FRAME && end.put(frames) ? 1 : 0;
            int count = 0;
            if ((last & EMPTY) != 0) {
                for (long each = cache.allocate(); each != PacketPool.NONE; each = cache.allocate()) {
                    taken[count++] = each;
                }
            }
            graph.poll(now);
            cache.free(taken, 0, count);
            now += frames.stepMicros();
        }
        graph.poll(now);
        return fed;
    }

    /** Each command line with all conversations over Ethernet. */
    static void writeExamples(final Path folder) throws IOException {
        ExampleConversations.writeForEach(COMMANDS.size(), folder);
    }
}
