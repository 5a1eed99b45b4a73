package io.millrace.bench.serve;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.millrace.bench.control.ShardRow;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.pipeline.NodeStats;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dataplane.port.middleware.LinkCounter;
import io.millrace.stack.StackCounter;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * What a server did from start to end.
 *
 * @param seconds how long it ran
 * @param shards how many poll loops it had
 * @param ports its ports
 * @param counters what stacks and ports counted, all shards together, by key
 * @param drops the dropped packets among {@code counters} by reason, those of the ports included; only what is not 0
 * @param lost own addresses that other stations have
 * @param buffers where the packet buffers are at the end
 * @param nodes what each node of an appliance did; none for a server
 * @param loops what each shard of a server did, those that ended before it included; none for an appliance
 * @param stuck how often a shard was found stuck in one poll
 */
public record ServeSummary(
        double seconds,
        int shards,
        List<PortSummary> ports,
        Map<String, Long> counters,
        Map<String, Long> drops,
        List<LostAddress> lost,
        Buffers buffers,
        List<NodeStats> nodes,
        List<ShardRow> loops,
        long stuck) {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    /** Of a server, which has no nodes. */
    public ServeSummary(
            double seconds,
            int shards,
            List<PortSummary> ports,
            Map<String, Long> counters,
            Map<String, Long> drops,
            List<LostAddress> lost,
            Buffers buffers) {
        this(seconds, shards, ports, counters, drops, lost, buffers, List.of(), List.of(), 0);
    }

    /**
     * Packet buffers at the end.
     *
     * @param poolSize how many there are in all
     * @param keptByDriver those that a driver did not free when it was closed, and that were taken back from it
     * @param outstanding those that did not come back to their pool: 0, or there is a leak
     */
    public record Buffers(int poolSize, int keptByDriver, int outstanding) {}

    /**
     * What went through one port.
     *
     * @param info what it was
     * @param stats its totals
     * @param link what {@link LinkCounter} names; empty if nobody watched its link
     */
    public record PortSummary(PortInfo info, PortStats stats, Map<LinkCounter, Long> link) {
        static PortSummary of(Port port) {
            final Map<LinkCounter, Long> link = new EnumMap<>(LinkCounter.class);
            port.forEachCounter((name, value) -> {
                if (name instanceof LinkCounter counter) {
                    link.merge(counter, value, Long::sum);
                }
            });
            return new PortSummary(port.info(), port.stats(), link);
        }

        private long link(LinkCounter counter) {
            return link.getOrDefault(counter, 0L);
        }
    }

    /**
     * Adds up what shards and ports counted.
     *
     * @param shards the counters of each shard's stack
     */
    public static ServeSummary of(
            double seconds,
            List<Counters<StackCounter>> shards,
            List<? extends Port> ports,
            List<LostAddress> lost,
            Buffers buffers) {
        final Map<String, Long> counters = new TreeMap<>();
        final Map<String, Long> drops = new TreeMap<>();
        for (final Counters<StackCounter> shard : shards) {
            shard.forEach((name, value) -> {
                counters.merge(name.key(), value, Long::sum);
                if (name.drop()) {
                    add(drops, name.key(), value);
                }
            });
        }
        final List<PortSummary> summaries = new ArrayList<>();
        for (final Port port : ports) {
            final PortSummary summary = PortSummary.of(port);
            final PortStats stats = summary.stats();
            summaries.add(summary);
            port.forEachCounter((name, value) -> counters.merge(name.key(), value, Long::sum));
            add(drops, "portRxMissed", stats.rxMissed());
            add(drops, "portRxErrors", stats.rxErrors());
            add(drops, "portTxErrors", stats.txErrors());
        }
        return new ServeSummary(seconds, shards.size(), summaries, counters, drops, lost, buffers);
    }

    /**
     * The same for an appliance: with what its nodes did. Their counters and reasons for drops are added, each as {@code
     * node.key}.
     */
    public ServeSummary withNodes(List<NodeStats> all) {
        final Map<String, Long> allCounters = new TreeMap<>(counters);
        final Map<String, Long> allDrops = new TreeMap<>(drops);
        for (final NodeStats node : all) {
            node.counters().forEach(counter -> allCounters.put(node.name() + "." + counter.key(), counter.count()));
            node.reasons().forEach(reason -> {
                allCounters.put(node.name() + "." + reason.key(), reason.count());
                add(allDrops, node.name() + "." + reason.key(), reason.count());
            });
        }
        return new ServeSummary(seconds, 1, ports, allCounters, allDrops, lost, buffers, all, loops, stuck);
    }

    /**
     * The same with what each shard did.
     *
     * @param found how often one was found stuck
     */
    public ServeSummary withShards(List<ShardRow> all, long found) {
        return new ServeSummary(seconds, shards, ports, counters, drops, lost, buffers, nodes, all, found);
    }

    private static void add(Map<String, Long> drops, String key, long value) {
        if (value > 0) {
            drops.merge(key, value, Long::sum);
        }
    }

    /** Buffers that did not come back to their pool: 0, or there is a leak. */
    public int buffersOutstanding() {
        return buffers.outstanding;
    }

    /** The sum of all drops. */
    public long dropped() {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Prints it for a person. */
    public void print(PrintWriter out) {
        out.printf(Locale.ROOT, "summary after %.1f s%n", seconds);
        for (final PortSummary port : ports) {
            final PortStats stats = port.stats();
            out.printf(
                    Locale.ROOT, "  %s (%s)%n", port.info().name(), port.info().driver());
            out.printf(Locale.ROOT, "    received %,15d packets %,18d bytes%n", stats.rxPackets(), stats.rxBytes());
            out.printf(Locale.ROOT, "    sent     %,15d packets %,18d bytes%n", stats.txPackets(), stats.txBytes());
            if (port.link(LinkCounter.DOWNS) > 0) {
                out.printf(
                        Locale.ROOT,
                        "    link     %,15d times down, %,d times up, %,d ms down, %,d packets lost meanwhile%n",
                        port.link(LinkCounter.DOWNS),
                        port.link(LinkCounter.UPS),
                        port.link(LinkCounter.DOWN_MILLIS),
                        port.link(LinkCounter.LOST));
            }
        }
        for (final NodeStats node : nodes) {
            out.printf(
                    Locale.ROOT,
                    "  %-10s %,15d packets %,.1f a burst%s%n",
                    node.name(),
                    node.packets(),
                    node.packetsPerBurst(),
                    node.timedPackets() == 0
                            ? ""
                            : String.format(Locale.ROOT, ", %,.1f ns a packet", node.nanosPerPacket()));
        }
        for (final ShardRow loop : loops) {
            out.printf(
                    Locale.ROOT,
                    "  shard-%-4d %,15d received %,15d sent, busy %.1f%% of the time, longest cycle %,d us%n",
                    loop.place(),
                    loop.rxPackets(),
                    loop.txPackets(),
                    100 * loop.busy(),
                    loop.longestCycleMicros());
        }
        if (stuck > 0) {
            out.printf(Locale.ROOT, "  stuck      %,15d times a shard did not come back from a poll in time%n", stuck);
        }
        out.printf(Locale.ROOT, "  dropped    %,15d packets%n", dropped());
        drops.forEach((reason, count) -> out.printf(Locale.ROOT, "    %,17d %s%n", count, reason));
        lost.forEach(address -> out.println("  " + address));
        out.printf(
                Locale.ROOT,
                "  buffers    %,15d in the pool, %,d outstanding%s%n",
                buffers.poolSize,
                buffers.outstanding,
                buffers.keptByDriver == 0
                        ? ""
                        : String.format(Locale.ROOT, ", %,d taken back from the driver", buffers.keptByDriver));
        out.flush();
    }

    /** The same as JSON, indented for people, keys in lowerCamelCase. */
    public String json() {
        final JsonObject json = new JsonObject();
        json.addProperty("durationMillis", Math.round(1_000 * seconds));
        json.addProperty("shards", shards);
        json.addProperty("rxPackets", sum(PortStats::rxPackets));
        json.addProperty("rxBytes", sum(PortStats::rxBytes));
        json.addProperty("txPackets", sum(PortStats::txPackets));
        json.addProperty("txBytes", sum(PortStats::txBytes));
        json.addProperty("dropped", dropped());
        json.addProperty("poolSize", buffers.poolSize);
        json.addProperty("buffersKeptByDriver", buffers.keptByDriver);
        json.addProperty("buffersOutstanding", buffers.outstanding);
        json.add("drops", object(drops));
        json.add("counters", object(counters));
        final JsonArray array = new JsonArray();
        ports.forEach(port -> array.add(object(port)));
        json.add("ports", array);
        json.add("lostAddresses", GSON.toJsonTree(lost));
        if (!loops.isEmpty()) {
            json.add("loops", GSON.toJsonTree(loops));
            json.addProperty("stuckShards", stuck);
        }
        if (!nodes.isEmpty()) {
            final JsonArray steps = new JsonArray();
            nodes.forEach(node -> steps.add(object(node)));
            json.add("nodes", steps);
        }
        return GSON.toJson(json) + "\n";
    }

    private static JsonObject object(Map<String, Long> values) {
        final JsonObject json = new JsonObject();
        values.forEach(json::addProperty);
        return json;
    }

    private static JsonObject object(NodeStats node) {
        final JsonObject json = new JsonObject();
        json.addProperty("name", node.name());
        json.addProperty("packets", node.packets());
        json.addProperty("bursts", node.bursts());
        json.addProperty("dropped", node.drops());
        json.addProperty("nanosPerPacket", node.nanosPerPacket());
        json.addProperty("nanosPerBurst", node.nanosPerBurst());
        return json;
    }

    private static JsonObject object(PortSummary port) {
        final PortStats stats = port.stats();
        final JsonObject json = new JsonObject();
        json.addProperty("name", port.info().name());
        json.addProperty("driver", port.info().driver());
        json.addProperty("rxPackets", stats.rxPackets());
        json.addProperty("rxBytes", stats.rxBytes());
        json.addProperty("txPackets", stats.txPackets());
        json.addProperty("txBytes", stats.txBytes());
        json.addProperty("rxMissed", stats.rxMissed());
        json.addProperty("rxErrors", stats.rxErrors());
        json.addProperty("txErrors", stats.txErrors());
        port.link().forEach((counter, value) -> json.addProperty(counter.key(), value));
        return json;
    }

    private long sum(ToLongFunction<PortStats> value) {
        return ports.stream().map(PortSummary::stats).mapToLong(value).sum();
    }
}
