package io.millrace.bench.soak;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.NodeStats;
import io.millrace.dataplane.pipeline.PortInput;
import io.millrace.dataplane.pipeline.PortOutput;
import io.millrace.dataplane.pipeline.Reason;
import io.millrace.dataplane.pipeline.node.LearningSwitch;
import io.millrace.dataplane.pipeline.node.MacTable;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.dataplane.port.middleware.Faults;
import io.millrace.dataplane.port.middleware.MiddlewarePort;
import io.millrace.stack.node.ChecksumWriter;
import io.millrace.stack.node.Responder;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Packets through two ports, both faulty in both directions, and the nodes between and behind them: a switch that learns
 * and floods, checksums, a responder. Time is virtual, so that a seed repeats a run to the last packet. The pool is small
 * on purpose: it runs dry again and again.
 *
 * <pre>
 *  made -> port, faults -> switch -> checksums -> port, faults -> responder -> end
 *                            `-----> another port of the switch -> end
 * </pre>
 */
final class Soak {
    private static final int BURST = 32;
    private static final int LONGEST = 256;
    private static final long STEP_MICROS = 5;
    private static final long PROGRESS_EVERY = 1 << 20;
    private static final long MAC = 0x0200_0000_0001L;

    /** Frames are for so many stations, of which the switch knows most. */
    private static final int STATIONS = 8;

    private static final int KNOWN = 7;
    private static final long OWN_V4 = 0xC000_0201L;

    private final long packets;
    private final SoakSite site;
    private final PacketPool pool;
    private final PoolCache cache;
    private final SplittableRandom random;
    private final FaultInjector first;
    private final FaultInjector second;

    private Soak(final SoakSite site, final long packets, final long seed) {
        this.site = site;
        this.pool = site.pool();
        this.cache = new PoolCache(pool, 2 * BURST);
        this.packets = packets;
        this.random = new SplittableRandom(seed);
        this.first = new FaultInjector(seed);
        this.second = new FaultInjector(seed + 1_000);
    }

    /**
     * Runs one.
     *
     * @param ports what the packets go through; for DPDK's EAL must not run yet, and has ended when this returns
     * @param packets how many to make, at least 1
     * @param seed what chance begins with
     * @param progress is told now and then how many were made
     * @param stop whether to end early, asked now and then
     * @throws io.millrace.dpdk.EalException if DPDK is needed and missing, with the words that say how to get it
     */
    public static SoakResult run(
            final SoakPorts ports,
            final long packets,
            final long seed,
            final Faults faults,
            final LongConsumer progress,
            final BooleanSupplier stop) {
        if (packets < 1) {
            throw new IllegalArgumentException("a soak of " + packets + " packets; it has 1 or more");
        }
        try (SoakSite site = SoakSite.of(ports)) {
            final Soak soak = new Soak(site, packets, seed);
            for (final FaultInjector injector : new FaultInjector[] {soak.first, soak.second}) {
                injector.onReceive(faults);
                injector.onSend(faults);
            }
            return soak.run(progress, stop);
        }
    }

    private SoakResult run(final LongConsumer progress, final BooleanSupplier stop) {
        final long start = System.nanoTime();
        final Port left = MiddlewarePort.wrap(site.open(0), first);
        final Port right = MiddlewarePort.wrap(site.open(1), second);
        final PortQueue in = left.queue(0, cache);
        final PortQueue out = right.queue(0, cache);
        final Arrivals arrivals = new Arrivals();
        final Graph graph = graph(in, out, arrivals);
        final long[] burst = new long[BURST];
        long made = 0;
        long refused = 0;
        long now = 0;
        boolean wanted = true;
        while (made < packets && wanted) {
            final int count = make(burst, (int) Math.min(BURST, packets - made));
            final int taken = in.transmit(burst, 0, count, now);
            cache.free(burst, taken, count - taken);
            made += count;
            refused += count - taken;
            graph.poll(now);
            now += STEP_MICROS;
            if (made % PROGRESS_EVERY < count) {
                progress.accept(made);
                wanted = !stop.getAsBoolean();
            }
        }
        graph.close();
        left.close();
        right.close();
        cache.flush();
        return new SoakResult(
                made,
                arrivals.count,
                refused,
                counters(graph, left, right),
                (System.nanoTime() - start) / 1e9,
                pool.capacity(),
                pool.capacity() - pool.available());
    }

    private Graph graph(final PortQueue in, final PortQueue out, final Arrivals arrivals) {
        final MacTable stations = new MacTable(64, 1_000_000, random.split());
        for (int i = 0; i < KNOWN; i++) {
            stations.fix(MAC + i, 0, 1);
        }
        final LearningSwitch bridge = new LearningSwitch("switch", 3, stations);
        final ChecksumWriter checksums = new ChecksumWriter("csum");
        final Responder responder = new Responder("responder", new MacAddress(MAC));
        responder.add(IpAddress.parse("192.0.2.1"));
        final Arrivals flooded = new Arrivals();
        final Arrivals answers = new Arrivals();
        return Graph.builder()
                .connect(PortInput.numbered("in", in, BURST, 0), bridge)
                .connect(bridge, "port0", answers.named("back"))
                .connect(bridge, "port1", checksums)
                .connect(bridge, "port2", flooded.named("flooded"))
                .connect(checksums, new PortOutput("out", out))
                .connect(PortInput.numbered("arrived", out, BURST, 1), responder)
                .connect(responder, "reply", arrivals.named("replies"))
                .connect(responder, "rest", arrivals.named("rest"))
                .build(cache);
    }

    /** UDP over IPv4 and echo requests, of many lengths, from and to a few stations. */
    private int make(final long[] burst, final int wanted) {
        final int count = cache.allocate(burst, 0, wanted);
        for (int i = 0; i < count; i++) {
            write(pool.memory(), burst[i], random.nextInt());
        }
        return count;
    }

    private void write(final MemorySegment memory, final long handle, final int chance) {
        final long at = pool.dataOffset(handle);
        final int length = 60 + (chance & LONGEST - 1);
        Net.put48(memory, at, MAC + (chance >>> 8 & STATIONS - 1));
        Net.put48(memory, at + 6, MAC + STATIONS + (chance >>> 11 & 31));
        Net.put16(memory, at + 12, 0x0800);
        Net.put32(memory, at + 14, 0x4500_0000 | length - 14);
        Net.put32(memory, at + 18, chance & 0xFFFF_0000);
        Net.put32(memory, at + 22, (chance >>> 16 & 1) == 0 ? 0x4011_0000 : 0x4001_0000);
        Net.put32(memory, at + 26, (int) OWN_V4 + 1);
        Net.put32(memory, at + 30, (int) OWN_V4);
        Net.put64(memory, at + 34, 0x0800_0000L << 32 | length - 34);
        BufferHeader.length(memory, handle, length);
    }

    private Map<String, Long> counters(final Graph graph, final Port left, final Port right) {
        final Map<String, Long> all = new TreeMap<>();
        for (final NodeStats node : graph.stats()) {
            for (final Reason reason : node.reasons()) {
                all.put(node.name() + "." + reason.key(), reason.count());
            }
        }
        for (final Port port : new Port[] {left, right}) {
            port.forEachCounter((counter, count) -> all.merge(counter.key(), count, Long::sum));
        }
        all.values().removeIf(count -> count == 0);
        return all;
    }

    /** Counts and frees what comes to its end, by one or several nodes. */
    private static final class Arrivals {
        private long count;

        Node named(final String name) {
            return new Node(name) {
                @Override
                protected void process(final Burst burst, final long nowMicros) {
                    for (int i = 0; i < burst.count(); i++) {
                        cache().free(burst.handle(i));
                        burst.keep(i);
                    }
                    count += burst.count();
                }
            };
        }
    }
}
