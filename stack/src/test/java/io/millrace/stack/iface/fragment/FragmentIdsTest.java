package io.millrace.stack.iface.fragment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.random.Entropy;
import io.millrace.testkit.Origin;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FragmentIdsTest {
    private final FragmentIds ids = new FragmentIds(Entropy.seeded(1));

    @Test
    @Origin("RFC 6864 4.2")
    void shouldNotRepeatBeforeAllValuesAreUsed() {
        final BitSet seen = new BitSet();
        for (int i = 0; i < 0x1_0000; i++) {
            final int id = ids.nextV4(1, 2, 17);
            assertTrue(id >= 0 && id <= 0xFFFF);
            seen.set(id);
        }
        assertEquals(0x1_0000, seen.cardinality());
        final Set<Integer> wide = new HashSet<>();
        for (int i = 0; i < 200_000; i++) {
            assertTrue(wide.add(ids.nextV6(1, 2, 3, 4)));
        }
    }

    @Test
    @Origin("RFC 7739 5.3")
    void shouldNotShowHowItCounts() {
        final Set<Integer> steps = new HashSet<>();
        int last = ids.nextV4(1, 2, 17);
        for (int i = 0; i < 1000; i++) {
            final int next = ids.nextV4(1, 2, 17);
            steps.add((next - last) & 0xFFFF);
            last = next;
        }
        assertTrue(steps.size() > 950, "steps from one to the next differ: " + steps.size());
        assertNotEquals(new FragmentIds(Entropy.seeded(2)).nextV6(1, 2, 3, 4), ids.nextV6(1, 2, 3, 4));
    }
}
