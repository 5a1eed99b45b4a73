package io.millrace.dataplane.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(300)
final class DispatcherTest {
    private static final int SHARDS = 3;
    private static final String ARP_REPLY = "020000000001 020000000002 0806 0001 0800 0604 0002" + "0".repeat(40);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(4096, 256);
    private final PoolCache peerCache = pools.cache(512);
    private final PoolCache cache = pools.cache(pool);
    private final PoolCache shardCache = pools.cache(pool);
    private final FlowHash hash = new FlowHash(77);
    private final SimulatedWire wire =
            SimulatedWire.create(Medium.ETHERNET, 200, peerCache.pool(), pool, WireConditions.PERFECT, 1);
    private final PortQueue peer = wire.a().queue(0, peerCache);
    private final Dispatcher dispatcher = new Dispatcher(wire.b(), cache, new ShardTable(SHARDS, SHARDS), hash);
    private final List<PortQueue> shards = new ArrayList<>();
    private final long[] burst = new long[64];

    DispatcherTest() {
        for (int i = 0; i < SHARDS; i++) {
            shards.add(dispatcher.queue(i, shardCache));
        }
    }

    @AfterEach
    void close() {
        dispatcher.close();
        wire.close();
    }

    /** A UDP packet from port {@code port} of 10.0.0.1 to port 7 of 10.0.0.2. */
    private static String udp(final int port) {
        return "020000000001 020000000002 0800 4500 001c 0000 0000 4011 0000 0a000001 0a000002 %04x 0007 0008 0000"
                .formatted(port);
    }

    private int shardOf(final int port) {
        return FlowHash.shard(hash.hash(0, 0x0A000001, 0, 0x0A000002, port << 16 | 7), SHARDS);
    }

    private void fromPeer(final String hex) {
        final long[] one = {Frames.packet(peerCache, hex)};
        assertEquals(1, peer.transmit(one, 0, 1, 0));
    }

    private int drain(final PortQueue queue, final PoolCache from) {
        int total = 0;
        for (int n = queue.receive(burst, burst.length, 0); n > 0; n = queue.receive(burst, burst.length, 0)) {
            from.free(burst, 0, n);
            total += n;
        }
        return total;
    }

    @Test
    void shouldKeepEachFlowOnItsShard() {
        final Packet packet = new Packet(pool);
        for (int port = 1000; port < 1200; port++) {
            fromPeer(udp(port));
            fromPeer(udp(port));
            dispatcher.poll(0);
        }
        int total = 0;
        for (int shard = 0; shard < SHARDS; shard++) {
            for (int n = shards.get(shard).receive(burst, 5, 0);
                    n > 0;
                    n = shards.get(shard).receive(burst, 5, 0)) {
                for (int i = 0; i < n; i++) {
                    assertEquals(shard, shardOf(packet.wrap(burst[i]).u16(34)));
                    total++;
                }
                shardCache.free(burst, 0, n);
            }
        }
        assertEquals(400, total);
        assertEquals(400, dispatcher.counters().get(DispatchCounter.TO_SHARDS));
    }

    @Test
    void shouldCopyForEveryShardWhatAllMustHear() {
        fromPeer(ARP_REPLY);
        dispatcher.poll(0);
        final List<String> seen = new ArrayList<>();
        for (final PortQueue shard : shards) {
            assertEquals(1, shard.receive(burst, burst.length, 0));
            seen.add(Frames.hex(pool, burst[0]));
            shardCache.free(burst[0]);
        }
        assertEquals(List.of(seen.get(0), seen.get(0), seen.get(0)), seen);
        assertEquals(SHARDS - 1, dispatcher.counters().get(DispatchCounter.COPIES));
    }

    @Test
    void shouldDropForTheShardThatDoesNotKeepUpAndForNoOther() {
        int slow = 1000;
        while (shardOf(slow) != 1) {
            slow++;
        }
        int quick = 1000;
        while (shardOf(quick) != 2) {
            quick++;
        }
        int quickReceived = 0;
        for (int i = 0; i < 6000; i++) {
            fromPeer(udp(slow));
            if (i % 10 == 0) {
                fromPeer(udp(quick));
            }
            dispatcher.poll(0);
            quickReceived += drain(shards.get(2), shardCache);
        }
        assertEquals(600, quickReceived);
        final long dropped = dispatcher.counters().get(DispatchCounter.SHARD_FULL);
        final int slowReceived = drain(shards.get(1), shardCache);
        assertTrue(slowReceived >= 2047, slowReceived + " were in the ring");
        assertEquals(6000, slowReceived + dropped);
    }

    @Test
    void shouldSendWhatShardsSendAndKeepWhatThePortDoesNotTakeYet() {
        for (final PortQueue shard : shards) {
            for (int i = 0; i < 40; i++) {
                burst[i] = Frames.packet(shardCache, udp(7));
            }
            assertEquals(40, shard.transmit(burst, 0, 40, 0));
        }
        int work = 0;
        for (int n = dispatcher.poll(0); n > 0; n = dispatcher.poll(0)) {
            work += n;
        }
        assertEquals(SHARDS * 40, work);
        assertEquals(SHARDS * 40, drain(peer, peerCache));
        assertEquals(SHARDS * 40, dispatcher.counters().get(DispatchCounter.FROM_SHARDS));
    }

    @Test
    void shouldTakeNoMoreFromAShardThanItsRingHolds() {
        int sent = 0;
        while (sent < 4000) {
            burst[0] = Frames.packet(shardCache, "00");
            if (shards.get(0).transmit(burst, 0, 1, 0) == 0) {
                shardCache.free(burst[0]);
                break;
            }
            sent++;
        }
        assertTrue(sent >= 2047 && sent < 4000, sent + " taken");
        dispatcher.onClose(0);
        assertEquals(sent, dispatcher.counters().get(DispatchCounter.FROM_SHARDS));
    }

    @Test
    void shouldFreeWhatIsOnItsWayWhenClosed() {
        fromPeer(udp(1));
        dispatcher.poll(0);
        burst[0] = Frames.packet(shardCache, "00");
        shards.get(0).transmit(burst, 0, 1, 0);
        dispatcher.close();
        dispatcher.close();
        assertEquals(1, dispatcher.counters().get(DispatchCounter.UNCLAIMED));
        assertEquals(1, dispatcher.counters().get(DispatchCounter.UNSENT));
    }

    @Test
    void shouldHandOutEachQueueOnce() {
        assertEquals(SHARDS, dispatcher.info().queues());
        assertThrows(IllegalStateException.class, () -> dispatcher.queue(0, shardCache));
        assertThrows(IllegalStateException.class, () -> dispatcher.queue(SHARDS, shardCache));
    }

    @Test
    void shouldEchoBetweenThreads() throws Exception {
        final List<ShardRunner> runners = new ArrayList<>();
        for (int i = 0; i < SHARDS; i++) {
            final PortQueue queue = shards.get(i);
            runners.add(ShardRunner.start(ShardOptions.named("echo-" + i), new ShardTask() {
                private final long[] handles = new long[32];
                private int held;

                @Override
                public int poll(final long nowMicros) {
                    if (held == 0) {
                        held = queue.receive(handles, handles.length, nowMicros);
                    }
                    final int sent = queue.transmit(handles, 0, held, nowMicros);
                    System.arraycopy(handles, sent, handles, 0, held - sent);
                    held -= sent;
                    return sent;
                }

                @Override
                public long pollAt(final long nowMicros) {
                    return Long.MAX_VALUE;
                }
            }));
        }
        // The wire and its dispatcher live on this thread.
        int sent = 0;
        int back = 0;
        while (back < 20_000) {
            if (sent < 20_000 && sent - back < 256) {
                fromPeer(udp(sent++ & 0x3FF));
            }
            dispatcher.poll(0);
            back += drain(peer, peerCache);
        }
        runners.forEach(ShardRunner::close);
        assertEquals(20_000, back);
        assertEquals(0, dispatcher.counters().drops());
        for (final ShardRunner runner : runners) {
            assertEquals(0, runner.counters().get(RunCounter.ERRORS));
            assertTrue(runner.counters().get(RunCounter.WORK) > 0);
        }
    }
}
