package io.millrace.stack.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

class ChaChaRandomTest {
    @Test
    @Origin("RFC 8439 A.1")
    void shouldDrawTheKeyStreamOfTheZeroKey() {
        final ChaChaRandom random = ChaChaRandom.ofZeroKey();
        final int[] first = {0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653, 0xb819d2bd, 0x1aed8da0, 0xccef36a8};
        for (final int word : first) {
            assertEquals(word, random.nextInt());
        }
        for (int i = first.length; i < 16; i++) {
            random.nextInt();
        }
        assertEquals(0xbee7079f, random.nextInt(), "second block");
    }
}
