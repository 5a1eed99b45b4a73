package io.millrace.stack.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.random.Entropy;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    @Test
    void shouldGiveABurstAndThenNothing() {
        final TokenBucket bucket = new TokenBucket(1000, 50, Entropy.seeded(1));
        final int burst = taken(bucket, 1_000_000);
        assertTrue(burst >= 48 && burst <= 50, () -> "burst of " + burst);
        assertEquals(0, taken(bucket, 1_019_999));
    }

    @Test
    void shouldGiveNearlyItsRateOverTime() {
        final TokenBucket bucket = new TokenBucket(1000, 50, Entropy.seeded(1));
        int sum = 0;
        for (long now = 1_000_000; now < 11_000_000; now += 1000) {
            sum += taken(bucket, now);
        }
        assertTrue(sum <= 10_050, () -> "more than the rate");
        assertTrue(sum > 9_000, () -> "much less than the rate");
    }

    @Test
    void shouldNotTellExactlyHowMuchItHolds() {
        final Set<Integer> seen = new HashSet<>();
        final TokenBucket bucket = new TokenBucket(1000, 50, Entropy.seeded(1));
        for (long now = 1_000_000; now < 30_000_000; now += 1_000_000) {
            seen.add(taken(bucket, now));
        }
        assertTrue(seen.size() >= 3);
        assertFalse(seen.contains(51));
    }

    @Test
    void shouldGiveSlowRatesTheirTokens() {
        final TokenBucket bucket = new TokenBucket(1, 1, Entropy.seeded(1));
        assertEquals(1, taken(bucket, 1_000_000));
        assertEquals(0, taken(bucket, 1_900_000));
        assertEquals(1, taken(bucket, 2_000_000));
    }

    @Test
    void shouldRefuseRatesThatGiveNothing() {
        final Entropy entropy = Entropy.seeded(1);
        assertThrows(IllegalArgumentException.class, () -> new TokenBucket(0, 1, entropy));
        assertThrows(IllegalArgumentException.class, () -> new TokenBucket(1, 0, entropy));
    }

    private static int taken(final TokenBucket bucket, final long now) {
        int count = 0;
        while (bucket.take(now)) {
            count++;
        }
        return count;
    }
}
