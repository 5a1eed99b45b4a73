package io.millrace.dataplane.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards that come and go, behind a dispatcher and behind a device that spreads as it likes. */
@SuppressWarnings("NullAway.Init") // each test opens its port
final class MovingShardsTest {
    private static final int PLACES = 3;
    private static final int FIRST_PORT = 1000;
    private static final int FLOWS = 200;

    /** Fields of IPv4 of the first of two fragments, and of the second. */
    private static final int MORE = 0x2000;

    private static final int SECOND = 1;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(4096, 256);
    private final PoolCache peerCache = pools.cache(pool);
    private final List<PoolCache> caches = List.of(pools.cache(pool), pools.cache(pool), pools.cache(pool));
    private final FlowHash hash = new FlowHash(77);
    private final ShardTable table = new ShardTable(PLACES, PLACES);
    private final List<PortQueue> shards = new ArrayList<>();

    /** Ports of the flows that each shard has. */
    private final List<Set<Integer>> flows = List.of(new HashSet<>(), new HashSet<>(), new HashSet<>());

    private final long[] burst = new long[64];

    private SharedPort port;
    private boolean fragmented;

    /** How often packets were sent; no datagram has the identification of another. */
    private int generation;

    private Runnable pump = () -> {};
    private @Nullable PortQueue peer;
    private @Nullable Port wire;

    private void open(final String kind) {
        if (kind.equals("dispatcher")) {
            final SimulatedWire both =
                    SimulatedWire.create(Medium.ETHERNET, 200, pool, pool, WireConditions.PERFECT, 1);
            wire = both.a();
            peer = wire.queue(0, peerCache);
            final Dispatcher dispatcher = new Dispatcher(both.b(), pools.cache(pool), table, hash);
            pump = () -> dispatcher.poll(0);
            port = dispatcher;
        } else {
            final LoopbackPort loopback = LoopbackPort.open(Medium.ETHERNET, 200, pool, PLACES, 1024);
            final SteeredPort steered = new SteeredPort(loopback, table, hash, caches);
            port = steered;
            peer = null;
        }
        for (int shard = 0; shard < PLACES; shard++) {
            final Set<Integer> own = flows.get(shard);
            shards.add(port.queue(shard, caches.get(shard)));
            port.owner(shard, key -> own.contains(key.ports >>> 16));
        }
    }

    @AfterEach
    void close() {
        port.close();
        if (wire != null) {
            wire.close();
        }
    }

    /** Sends a packet, whole or in two fragments; of some the second one comes first. */
    private void send(final int from) {
        if (!fragmented) {
            send(from, 0);
        } else if (from % 3 == 0) {
            send(from, SECOND);
            send(from, MORE);
        } else {
            send(from, MORE);
            send(from, SECOND);
        }
    }

    /** Sends a packet whose identification tells the flow. */
    private void send(final int from, final int place) {
        final String ports = place == SECOND ? "00000000" : "%04x 0007".formatted(from);
        final String hex = "020000000001 020000000002 0800 4500 001c %04x %04x 4006 0000 0a000001 0a000002 %s 0008 0000"
                .formatted(generation << 10 | (from - FIRST_PORT), place, ports);
        // Without a peer the device gives the packet to any of its queues.
        final int queue = peer == null ? from % PLACES : 0;
        final PortQueue way = peer == null ? shards.get(queue) : peer;
        final long[] one = {Frames.packet(peer == null ? caches.get(queue) : peerCache, hex)};
        assertEquals(1, way.transmit(one, 0, 1, 0));
    }

    /** Sends a packet of every flow, and tells which shard got it. */
    private Map<Integer, Integer> receivers() {
        final Map<Integer, Integer> receivers = new HashMap<>();
        generation++;
        for (int from = FIRST_PORT; from < FIRST_PORT + FLOWS; from++) {
            send(from);
            pump.run();
        }
        final Packet packet = new Packet(pool);
        int packets = 0;
        for (int round = 0; round < 16; round++) {
            pump.run();
            for (int shard = 0; shard < PLACES; shard++) {
                final int count = shards.get(shard).receive(burst, burst.length, 0);
                for (int i = 0; i < count; i++) {
                    final Integer other =
                            receivers.put(FIRST_PORT + (packet.wrap(burst[i]).u16(18) & 0x3FF), shard);
                    assertTrue(other == null || other == shard, "fragments of one datagram at two shards");
                    packets++;
                }
                caches.get(shard).free(burst, 0, count);
            }
        }
        assertEquals(FLOWS, receivers.size(), "every packet comes to one shard");
        assertEquals(fragmented ? 2 * FLOWS : FLOWS, packets);
        return receivers;
    }

    private int owner(final int from) {
        return table.owner(hash.hash(0, 0x0A000001, 0, 0x0A000002, from << 16 | 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dispatcher", "device"})
    void shouldKeepFlowsAndGiveNewOnesToOthersWhenAShardGoes(final String kind) {
        open(kind);
        receivers().forEach((from, shard) -> {
            assertEquals(owner(from), shard);
            if (from % 2 == 0) {
                flows.get(shard).add(from);
            }
        });
        final Set<Integer> kept = Set.copyOf(flows.get(1));
        assertTrue(kept.size() > 10);
        table.remove(1);
        receivers().forEach((from, shard) -> {
            assertEquals(kept.contains(from) ? 1 : owner(from), shard, "flow " + from);
            assertTrue(kept.contains(from) || shard != 1);
        });

        flows.get(1).clear();
        table.retire(1, new BitSet());
        receivers().forEach((from, shard) -> {
            assertEquals(owner(from), shard);
            assertNotEquals(1, shard);
        });
    }

    /** What is of no flow of the former shard goes on to the owner, whole or not. */
    @ParameterizedTest
    @ValueSource(strings = {"dispatcher", "device"})
    void shouldBringFragmentsWhereTheWholePacketWouldGoWhenAShardGoes(final String kind) {
        open(kind);
        fragmented = true;
        receivers().forEach((from, shard) -> {
            assertEquals(owner(from), shard);
            if (from % 2 == 0) {
                flows.get(shard).add(from);
            }
        });
        table.remove(1);
        receivers()
                .forEach((from, shard) ->
                        assertEquals(flows.get(1).contains(from) ? 1 : owner(from), shard, "flow " + from));
        fragmented = false;
        receivers()
                .forEach((from, shard) ->
                        assertEquals(flows.get(1).contains(from) ? 1 : owner(from), shard, "flow " + from));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dispatcher", "device"})
    void shouldFreeWhatIsOnItsWayToAShardWhoseThreadHasEnded(final String kind) {
        open(kind);
        for (int from = FIRST_PORT; from < FIRST_PORT + FLOWS; from++) {
            send(from);
            pump.run();
        }
        pump.run();
        int packets = receiveAllButTheSecond(); // a device's other queues hold some of its packets
        table.remove(1);
        table.retire(1, new BitSet());
        assertEquals(0, unclaimed());
        port.discard(1);
        port.vacate(1);
        final long freed = unclaimed();
        assertTrue(freed > 10, freed + " packets were on their way");
        packets += receiveAllButTheSecond();
        assertEquals(FLOWS, packets + freed);
        port.discard(1);
        assertEquals(freed, unclaimed());
    }

    private int receiveAllButTheSecond() {
        int packets = 0;
        for (int round = 0; round < 32; round++) {
            for (final int shard : new int[] {0, 2}) {
                final int count = shards.get(shard).receive(burst, burst.length, 0);
                caches.get(shard).free(burst, 0, count);
                packets += count;
            }
        }
        return packets;
    }

    private long unclaimed() {
        final long[] sum = new long[1];
        port.forEachCounter((name, count) -> sum[0] += name == DispatchCounter.UNCLAIMED ? count : 0);
        return sum[0];
    }

    @ParameterizedTest
    @ValueSource(strings = {"dispatcher", "device"})
    void shouldKeepFlowsWhereTheyAreWhenAShardComes(final String kind) {
        table.remove(2);
        table.retire(2, new BitSet());
        open(kind);
        receivers().forEach((from, shard) -> flows.get(shard).add(from));
        assertTrue(flows.get(2).isEmpty());
        final Map<Integer, Integer> before = receivers();
        port.reopen(2);
        table.add(2);
        assertEquals(before, receivers());

        flows.get(0).removeIf(from -> from % 2 == 1);
        flows.get(1).removeIf(from -> from % 2 == 1);
        int moved = 0;
        for (final Map.Entry<Integer, Integer> entry : receivers().entrySet()) {
            final int from = entry.getKey();
            final Integer wanted = from % 2 == 1 ? Integer.valueOf(owner(from)) : before.get(from);
            assertEquals(wanted, entry.getValue());
            moved += entry.getValue() == 2 ? 1 : 0;
        }
        assertTrue(moved > 10, moved + " new flows went to the new shard");
    }
}
