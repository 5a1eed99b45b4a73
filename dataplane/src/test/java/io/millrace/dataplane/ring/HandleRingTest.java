package io.millrace.dataplane.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.testkit.PoolWatch;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

final class HandleRingTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final long[] handles = new long[1000];

    @Test
    void shouldKeepOrderWhateverTheSizesOfOffersAndPolls() {
        final HandleRing ring = new HandleRing(256);
        final SplittableRandom random = new SplittableRandom(11);
        long offered = 0;
        long polled = 0;
        for (int round = 0; round < 20_000; round++) {
            final int want = random.nextInt(100);
            for (int i = 0; i < want; i++) {
                handles[i + 3] = offered + i;
            }
            final int taken = ring.offer(handles, 3, want);
            assertTrue(taken <= want);
            offered += taken;
            final int got = ring.poll(handles, 1, random.nextInt(100));
            for (int i = 0; i < got; i++) {
                assertEquals(polled++, handles[i + 1]);
            }
        }
        assertTrue(polled > 100_000);
        assertEquals(offered - polled, ring.poll(handles, 0, 1000));
        assertEquals(0, ring.poll(handles, 0, 1000));
    }

    @Test
    void shouldHoldAsManyAsAskedAndThenRefuse() {
        final HandleRing ring = new HandleRing(100);
        int held = 0;
        while (ring.offer(handles, 0, 1) == 1) {
            held++;
        }
        assertTrue(held >= 100, held + " held");
        assertEquals(0, ring.offer(handles, 0, 40));
        assertEquals(held, ring.poll(handles, 0, 1000));
        assertEquals(40, ring.offer(handles, 0, 40));
    }

    @Test
    @Timeout(300)
    void shouldCarryEveryHandleFromThreadToThread() throws Exception {
        final HandleRing ring = new HandleRing(64);
        final long total = 500_000;
        final Thread producer = new Thread(() -> {
            final long[] burst = new long[48];
            long next = 0;
            while (next < total) {
                final int count = (int) Math.min(1 + next % 48, total - next);
                for (int i = 0; i < count; i++) {
                    burst[i] = next + i;
                }
                final int taken = ring.offer(burst, 0, count);
                next += taken;
                if (taken == 0) {
                    Thread.onSpinWait();
                }
            }
        });
        producer.start();
        long expected = 0;
        while (expected < total) {
            final int count = ring.poll(handles, 0, 32);
            for (int i = 0; i < count; i++) {
                assertEquals(expected++, handles[i]);
            }
            if (count == 0) {
                Thread.onSpinWait();
            }
        }
        producer.join();
    }

    @Test
    void shouldReturnWhatIsThereWhenTheRingComesRound() {
        final HandleRing ring = new HandleRing(64);
        for (int round = 0; round < 1_000; round++) {
            assertEquals(32, ring.offer(handles, 0, 32));
            assertEquals(32, ring.poll(handles, 0, 32), "round " + round);
        }
    }

    @Test
    void shouldBringBuffersHomeInBulksWhenAnotherShardFreesThem() {
        final PacketPool pool = pools.pool(1024);
        final PoolCache sender = pools.cache(pool);
        final PoolCache receiver = pools.cache(pool);
        final HandleRing ring = new HandleRing(256);
        final long[] burst = new long[32];
        int moves = 0;
        int available = pool.available();
        for (int round = 0; round < 1_000; round++) {
            assertEquals(32, sender.allocate(burst, 0, 32));
            final int taken = ring.offer(burst, 0, 32);
            sender.free(burst, taken, 32 - taken);
            receiver.free(burst, 0, ring.poll(burst, 0, 32));
            assertEquals(0, pool.available() % 32, "half a cache at a time");
            moves += pool.available() == available ? 0 : 1;
            available = pool.available();
        }
        assertTrue(moves <= 2_001, moves + " times to the pool");
        // The pool watch sees every one of them at home.
    }
}
