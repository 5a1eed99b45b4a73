package io.millrace.stack.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.random.Entropy;
import io.millrace.stack.wire.IpFamily;
import org.junit.jupiter.api.Test;

/** How often strangers are answered. */
class ReplyLimitTest {
    private static final long HI = 0x2001_0DB8_0000_0000L;

    private final ReplyLimit limit = new ReplyLimit(1000, 400, Entropy.seeded(9));

    @Test
    void shouldLeaveOthersTheirShareWhenOneSourceFloods() {
        assertEquals(98, took(IpFamily.V4, 0, 1, 10_000, 0), 2);
        assertEquals(98, took(IpFamily.V4, 0, 2, 10_000, 0), 2);
        // A second later it has a quarter of the rate again.
        assertEquals(98, took(IpFamily.V4, 0, 1, 10_000, 1_000_000), 2);
    }

    @Test
    void shouldTakeAllHostsOfAPrefixForOne() {
        int taken = 0;
        for (int host = 0; host < 10_000; host++) {
            taken += limit.take(IpFamily.V6, HI, host, 0) ? 1 : 0;
        }
        assertEquals(100, taken, 2);
    }

    @Test
    void shouldLimitAllSourcesTogether() {
        int taken = 0;
        for (int source = 0; source < 100_000; source++) {
            taken += limit.take(IpFamily.V4, 0, source, 0) ? 1 : 0;
        }
        assertTrue(taken >= 398 && taken <= 400, "taken " + taken);
    }

    private int took(final int family, final long hi, final long lo, final int asked, final long now) {
        int taken = 0;
        for (int i = 0; i < asked; i++) {
            taken += limit.take(family, hi, lo, now) ? 1 : 0;
        }
        return taken;
    }
}
