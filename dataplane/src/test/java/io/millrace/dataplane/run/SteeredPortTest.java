package io.millrace.dataplane.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A loopback's queues stand for those of a device that spreads as it likes: what is sent on one comes in on it. */
final class SteeredPortTest {
    private static final int SHARDS = 3;
    private static final String ARP = "ffffffffffff 020000000002 0806 0001 0800 0604 %04x" + "0".repeat(40);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(2048, 256);
    private final FlowHash hash = new FlowHash(77);
    private final List<PoolCache> caches = List.of(pools.cache(pool), pools.cache(pool), pools.cache(pool));
    private final SteeredPort port = new SteeredPort(
            LoopbackPort.open(Medium.ETHERNET, 200, pool, SHARDS, 1024), new ShardTable(SHARDS, SHARDS), hash, caches);
    private final List<PortQueue> shards = new ArrayList<>();
    private final long[] burst = new long[64];

    SteeredPortTest() {
        for (int i = 0; i < SHARDS; i++) {
            shards.add(port.queue(i, caches.get(i)));
        }
    }

    @AfterEach
    void close() {
        port.close();
    }

    private static String udp(final int from) {
        return "020000000001 020000000002 0800 4500 001c 0000 0000 4011 0000 0a000001 0a000002 %04x 0007 0008 0000"
                .formatted(from);
    }

    private int shardOf(final int from) {
        return FlowHash.shard(hash.hash(0, 0x0A000001, 0, 0x0A000002, from << 16 | 7), SHARDS);
    }

    private void comesInOn(final int queue, final String hex) {
        final long[] one = {Frames.packet(caches.get(queue), hex)};
        assertEquals(1, shards.get(queue).transmit(one, 0, 1, 0));
    }

    private long counter(final String key) {
        final Map<String, Long> counters = new HashMap<>();
        port.forEachCounter((name, value) -> counters.merge(name.key(), value, Long::sum));
        return counters.getOrDefault(key, -1L);
    }

    @Test
    void shouldBringEachFlowToItsShardWhateverQueueTheDeviceChose() {
        for (int from = 1000; from < 1090; from++) {
            comesInOn(from % SHARDS, udp(from));
        }
        final Packet packet = new Packet(pool);
        int total = 0;
        int kept = 0;
        // The second round finds what the others passed on in the first.
        for (int round = 0; round < 2; round++) {
            for (int shard = 0; shard < SHARDS; shard++) {
                final PortQueue queue = shards.get(shard);
                for (int n = queue.receive(burst, 7, 0); n > 0; n = queue.receive(burst, 7, 0)) {
                    for (int i = 0; i < n; i++) {
                        final int from = packet.wrap(burst[i]).u16(34);
                        assertEquals(shard, shardOf(from));
                        kept += from % SHARDS == shard ? 1 : 0;
                        total++;
                    }
                    caches.get(shard).free(burst, 0, n);
                }
            }
        }
        assertEquals(90, total);
        assertEquals(90 - kept, counter("dispatchToShards"));
        assertEquals(0, port.stats().rxMissed());
    }

    @Test
    void shouldLetTheFirstShardAnswerAndAllHearAnswers() {
        comesInOn(2, ARP.formatted(1));
        comesInOn(1, ARP.formatted(2));
        final int[] requests = new int[SHARDS];
        final int[] replies = new int[SHARDS];
        for (int round = 0; round < 2; round++) {
            for (int shard = 0; shard < SHARDS; shard++) {
                final int n = shards.get(shard).receive(burst, burst.length, 0);
                for (int i = 0; i < n; i++) {
                    (new Packet(pool).wrap(burst[i]).u16(20) == 1 ? requests : replies)[shard]++;
                }
                caches.get(shard).free(burst, 0, n);
            }
        }
        assertEquals(List.of(1, 0, 0), List.of(requests[0], requests[1], requests[2]));
        assertEquals(List.of(1, 1, 1), List.of(replies[0], replies[1], replies[2]));
        assertEquals(2, counter("dispatchCopies"));
    }

    @Test
    void shouldBringFragmentsInAnyOrderToTheShardOfTheirFlow() {
        final String fragment = "020000000001 020000000002 0800 4500 001c %04x %04x 4011 0000 0a000001 0a000002 %s";
        for (int from = 1000; from < 1030; from++) {
            // The second fragment first, each on another queue.
            comesInOn(from % SHARDS, fragment.formatted(from, 0x0001, "0102030405060708"));
            comesInOn((from + 1) % SHARDS, fragment.formatted(from, 0x2000, "%04x 0007 0010 0000".formatted(from)));
        }
        final int[] received = new int[SHARDS];
        for (int round = 0; round < 6; round++) {
            for (int shard = 0; shard < SHARDS; shard++) {
                final int n = shards.get(shard).receive(burst, burst.length, 0);
                for (int i = 0; i < n; i++) {
                    assertEquals(shard, shardOf(new Packet(pool).wrap(burst[i]).u16(18)), "its id is the flow's port");
                }
                received[shard] += n;
                caches.get(shard).free(burst, 0, n);
            }
        }
        assertEquals(60, received[0] + received[1] + received[2]);
    }

    @Test
    void shouldDropAndCountWhatAShardDoesNotTake() {
        int from = 1000;
        while (shardOf(from) != 0) {
            from++;
        }
        for (int i = 0; i < 1000; i++) {
            comesInOn(1, udp(from));
            assertEquals(0, shards.get(1).receive(burst, burst.length, 0));
        }
        final long dropped = counter("dispatchShardFull");
        assertEquals(1000, dropped + counter("dispatchToShards"));
        assertEquals(dropped, port.stats().rxMissed());
        port.close();
        assertEquals(1000 - dropped, counter("dispatchUnclaimed"));
        assertEquals(1000, port.stats().rxMissed());
    }

    @Test
    void shouldNeedAQueueForEachShard() {
        final LoopbackPort two = LoopbackPort.open(Medium.ETHERNET, 200, pool, 2, 2);
        assertThrows(IllegalArgumentException.class, () -> new SteeredPort(two, new ShardTable(3, 3), hash, caches));
        assertThrows(IllegalArgumentException.class, () -> new SteeredPort(two, new ShardTable(1, 1), hash, caches));
    }
}
