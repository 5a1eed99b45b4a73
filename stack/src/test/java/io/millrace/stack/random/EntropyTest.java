package io.millrace.stack.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EntropyTest {
    @Test
    void shouldRepeatItselfWhenSeededAlike() {
        final Entropy one = Entropy.seeded(42);
        final Entropy two = Entropy.seeded(42);
        for (int i = 0; i < 100; i++) {
            assertEquals(one.nextLong(), two.nextLong());
        }
        assertEquals(one.newHash().hash(7), two.newHash().hash(7));
    }

    @Test
    void shouldDifferWhenSeededOtherwise() {
        assertNotEquals(Entropy.seeded(1).nextLong(), Entropy.seeded(2).nextLong());
        assertNotEquals(Entropy.secure().nextLong(), Entropy.secure().nextLong());
    }

    @Test
    void shouldStayWithinBoundAndReachAllOfIt() {
        final Entropy entropy = Entropy.seeded(3);
        final int[] seen = new int[10];
        for (int i = 0; i < 10_000; i++) {
            seen[entropy.nextInt(10)]++;
        }
        for (final int count : seen) {
            assertTrue(count > 850 && count < 1150, "drawn " + count + " of 10000 where 1000 are due");
        }
    }

    @Test
    void shouldShareWithOthersOfTheHostWhatIsTheHosts() {
        final Entropy one = Entropy.seeded(5);
        final Entropy other = one.split();
        assertNotEquals(one.nextLong(), other.nextLong());
        assertNotEquals(one.newHash().hash(1), other.newHash().hash(1));
        for (final HostSecret secret : HostSecret.values()) {
            assertEquals(
                    one.hostHash(secret).hash(1), other.split().hostHash(secret).hash(1));
            assertNotEquals(
                    one.hostHash(secret).hash(1),
                    Entropy.seeded(6).hostHash(secret).hash(1));
        }
        assertNotEquals(
                one.hostHash(HostSecret.COOKIES).hash(1),
                one.hostHash(HostSecret.COOKIE_FLOWS).hash(1));
    }

    @Test
    void shouldGiveEachHashItsOwnKey() {
        final Entropy entropy = Entropy.seeded(4);
        assertNotEquals(entropy.newHash().hash(1), entropy.newHash().hash(1));
    }
}
