package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options of echo requests on their way into replies. */
class Ipv4OptionEchoTest {
    private static final long US = 0xC000_0201L;
    private static final long NOW = 5_000_000;

    @ParameterizedTest
    @CsvSource({
        // room for two, none, one, one too little
        "070b 04 00000000 00000000 01, 070b 08 c0000201 00000000 01, true",
        "0707 08 c0000209 01, 0707 08 c0000209 01, true",
        "0707 04 00000000 00, 0707 08 c0000201 01, true",
        "0706 04 000000 0101, 0706 04 000000 0101, true",
        // timestamps: alone, with addresses, full, full and counted to the end
        "440c 05 00 00000000 00000000, 440c 09 00 80001388 00000000, true",
        "440c 05 01 00000000 00000000, 440c 0d 01 c0000201 80001388, true",
        "4408 09 00 00001234, 4408 09 10 00001234, true",
        "4408 09 f0 00001234, 4408 09 f0 00001234, true",
        // prespecified: us, another host
        "440c 05 03 c0000201 00000000, 440c 0d 03 c0000201 80001388, true",
        "440c 05 03 c0000209 00000000, 440c 05 03 c0000209 00000000, true",
        // what makes no sense, and what is not echoed
        "0703 00 01, 01010101, false",
        "4404 05 02, 01010101, false",
        "4403 05 00, 01010101, false",
        "94040000, 01010101, false",
        "94040000 0707 04 00000000 00, 01010101 0707 08 c0000201 01, true",
        "00ffffff, 01010101, false",
        "01010101, 01010101, false"
    })
    @Origin("RFC 1122 3.2.2.6")
    @Origin("RFC 791 3.1")
    void shouldAddThisHost(final String request, final String reply, final boolean useful) {
        final MemorySegment memory = Frames.ofHex(request);
        final int length = (int) memory.byteSize();
        assertEquals(useful, Ipv4OptionEcho.rewrite(memory, 0, length, US, NOW));
        assertEquals(reply.replace(" ", ""), Frames.hex(memory, 0, length));
    }

    @Test
    void shouldStayWithinOptionsThatTheCheckLetsPass() {
        final SplittableRandom random = new SplittableRandom(9);
        int passed = 0;
        for (int i = 0; i < 200_000; i++) {
            final byte[] bytes = new byte[20 + 4 * random.nextInt(1, 11)];
            random.nextBytes(bytes);
            bytes[0] = (byte) (0x40 | bytes.length / 4);
            bytes[20] = (byte) (random.nextBoolean() ? 7 : 68);
            bytes[21] = (byte) random.nextInt(0, 41);
            bytes[22] = (byte) random.nextInt(0, 45);
            final MemorySegment memory = Frames.ofBytes(bytes);
            if (Ipv4View.checkOptions(memory, 0) == Ipv4View.VALID) {
                passed++;
                // The memory ends with the options: a step behind them would be an exception.
                Ipv4OptionEcho.rewrite(memory, 20, bytes.length - 20, US, NOW);
                assertEquals(Ipv4View.VALID, Ipv4View.checkOptions(memory, 0));
            }
        }
        assertFalse(passed < 1000, passed + " of the random headers were valid");
    }
}
