package io.millrace.stack.socket.tcp.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** How long {@link Rack} waits for what others overtook. */
class RackTest {
    @Test
    void shouldWidenOnceInARoundHoweverLongAgoTheLastWas() {
        final Rack rack = new Rack();
        rack.resume(40_000, 1, (short) 0);
        rack.onDuplicateReport(1000, 2000);
        rack.onDuplicateReport(1999, 3000);
        assertEquals(20_000, rack.window(false, 0, 1_000_000));
        final int half = 1 << 31; // of the sequence space
        rack.onDuplicateReport(3000 + half, 4000 + half);
        assertEquals(30_000, rack.window(false, 0, 1_000_000));
    }
}
