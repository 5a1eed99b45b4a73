package io.millrace.stack.iface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Packets that somebody wants to hear of. */
class WatchedPacketsTest {
    private static final int MANY = 1024;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<String> told = new ArrayList<>();

    private void watch(final WatchedPackets watched, final long handle, final int key, final long now) {
        watched.watch(handle, (first, end, at) -> told.add(first + " at " + at), key, key + 1, now);
    }

    @Test
    void shouldTellOfThosePacketsOfABurstThatThePortTook() {
        final PoolCache cache = pools.cache(16);
        final WatchedPackets watched = new WatchedPackets(cache.pool().memory());
        final long[] burst = {0, cache.allocate(), cache.allocate(), cache.allocate()};
        assertFalse(watched.any(5, 5));
        watch(watched, burst[1], 1, 5);
        watch(watched, burst[3], 3, 5);
        assertTrue(watched.any(5, 5));
        assertTrue(watched.collect(burst, 1, 3));
        assertFalse(OffloadFlags.isWatched(cache.pool().memory(), burst[1]), "ports see no mark");
        watched.tell(burst, 1, 3, 2, 7);
        assertEquals(List.of("1 at 7"), told);
        assertTrue(watched.any(8, 8));
        assertTrue(watched.collect(burst, 3, 1));
        watched.tell(burst, 3, 1, 1, 9);
        assertEquals(List.of("1 at 7", "3 at 9"), told);
        assertFalse(watched.any(9, 9));
        free(cache, burst);
    }

    @Test
    void shouldForgetTheOldestWhenTooManyAreWatched() {
        final PoolCache cache = pools.cache(16);
        final WatchedPackets watched = new WatchedPackets(cache.pool().memory());
        final long[] burst = {0, cache.allocate(), cache.allocate()};
        watch(watched, burst[1], -1, 0);
        for (int i = 0; i < MANY; i++) {
            watch(watched, burst[2], i, 0); // each as if the one before had been lost
        }
        assertTrue(watched.collect(burst, 1, 2));
        watched.tell(burst, 1, 2, 2, 1);
        assertEquals(List.of((MANY - 1) + " at 1"), told);
        free(cache, burst);
    }

    @Test
    void shouldLookForNothingMoreWhenWhatIsWatchedWasLostLongAgo() {
        final PoolCache cache = pools.cache(16);
        final WatchedPackets watched = new WatchedPackets(cache.pool().memory());
        final long[] burst = {0, cache.allocate()};
        watch(watched, burst[1], 1, 0);
        assertTrue(watched.any(10_000_000, 10_000_000));
        assertTrue(watched.any(0, 10_000_001), "the link may hold it yet");
        assertFalse(watched.any(10_000_001, 10_000_001));
        assertFalse(watched.isWatched(burst[1]));
        free(cache, burst);
    }

    private static void free(final PoolCache cache, final long[] burst) {
        cache.free(burst, 1, burst.length - 1);
    }
}
