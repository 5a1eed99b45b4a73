package io.millrace.dataplane.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class HandleRingTest {
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
    @Timeout(30)
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
}
