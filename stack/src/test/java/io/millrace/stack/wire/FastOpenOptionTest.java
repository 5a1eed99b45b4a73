package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Fast Open option in both its forms: RFC 7413 section 4.1.1. */
class FastOpenOptionTest {
    private static final String FIXED = "9c4000500000000000000000";

    private static TcpRepr parse(final int flags, final String options) {
        final int words = 5 + options.length() / 8;
        final String header = FIXED + String.format("%x0%02x", words, flags) + "faf000000000" + options;
        final MemorySegment memory = Frames.ofHex(header);
        final TcpRepr repr = new TcpRepr();
        assertTrue(repr.parse(memory, 0, (int) memory.byteSize()));
        return repr;
    }

    @ParameterizedTest
    @CsvSource({
        "22020101, 0, 0, 0",
        "2206abcd12340101, 4, abcd123400000000, 0",
        "220a00abaaabe8e954c20101, 8, 00abaaabe8e954c2, 0",
        "221201234567aabbccdd01234567012345670101, 16, 01234567aabbccdd, 0123456701234567",
        "220c0123456789abcdef0102, 10, 0123456789abcdef, 0102000000000000",
    })
    @Origin("RFC 7413 4.1.1")
    void shouldReadARequestAndCookies(final String options, final int length, final String high, final String low) {
        final TcpRepr syn = parse(TcpView.SYN, options);
        assertEquals(length, syn.fastOpen);
        assertFalse(syn.fastOpenExperimental);
        assertEquals(Long.parseUnsignedLong(high, 16), syn.cookieHi);
        assertEquals(Long.parseUnsignedLong(low, 16), syn.cookieLo);
    }

    @ParameterizedTest
    @CsvSource({"fe04f989, 0, 0", "fe0cf98900abaaabe8e954c2, 8, 00abaaabe8e954c2"})
    @Origin("RFC 6994 3")
    void shouldReadTheExperimentalForm(final String options, final int length, final String cookie) {
        final TcpRepr syn = parse(TcpView.SYN, options);
        assertEquals(length, syn.fastOpen);
        assertTrue(syn.fastOpenExperimental);
        assertEquals(Long.parseUnsignedLong(cookie, 16), syn.cookieHi);
    }

    /** Too short, odd, too long, another experiment, half an identifier. */
    @ParameterizedTest
    @CsvSource({
        "2203ff01",
        "22041122",
        "2207112233445501",
        "221401234567aabbccdd0123456701234567afaf",
        "fe04e2d4",
        "fe03f901",
        "fe02 0101"
    })
    @Origin("RFC 7413 4.1.2")
    void shouldIgnoreWhatIsNoCookie(final String options) {
        assertEquals(FastOpenOption.NONE, parse(TcpView.SYN, options.replace(" ", "")).fastOpen);
    }

    @Test
    @Origin("RFC 7413 4.1.1")
    void shouldIgnoreTheOptionBehindTheHandshake() {
        assertEquals(FastOpenOption.NONE, parse(TcpView.ACK, "2206abcd12340101").fastOpen);
    }

    @Test
    void shouldTakeTheLastOfSeveral() {
        assertEquals(0x1122334455667788L, parse(TcpView.SYN, "2206abcd1234220a11223344556677880101").cookieHi);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 22020101",
        "4, 0, 220611223344 0101",
        "6, 0, 2208112233445566",
        "16, 0, 2212112233445566778899aabbccddeeff000101",
        "0, 1, fe04f989",
        "8, 1, fe0cf9891122334455667788",
        "10, 1, fe0ef989112233445566778899aa0101",
        "16, 1, fe14f989112233445566778899aabbccddeeff00",
    })
    void shouldWriteItBehindAllOtherOptionsWithTheRightSum(
            final int length, final int experimental, final String option) {
        final TcpRepr syn = new TcpRepr();
        syn.clear();
        syn.srcPort = 40_000;
        syn.dstPort = 80;
        syn.flags = TcpView.SYN;
        syn.mss = 1460;
        syn.windowShift = 8;
        syn.sackPermitted = true;
        syn.timestamps = true;
        syn.fastOpen = length;
        syn.fastOpenExperimental = experimental == 1;
        syn.cookieHi = 0x1122334455667788L;
        syn.cookieLo = 0x99aabbccddeeff00L;
        final String expected = option.replace(" ", "");
        assertEquals(40 + expected.length() / 2, syn.headerLength());
        final IpRepr ip = new IpRepr();
        ip.family = IpFamily.V4;
        ip.srcLo = 0xC000_0201L;
        ip.dstLo = 0xC000_0202L;
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(TcpView.MAX_LENGTH);
            syn.emit(ip, memory, 0, syn.headerLength(), 0);
            final int end = syn.headerLength();
            assertEquals(expected, HexFormat.of().formatHex(Frames.bytes(memory, 40, end - 40)));
            assertTrue(TcpView.verifies(ip, memory, 0, end));
            final TcpRepr back = new TcpRepr();
            assertTrue(back.parse(memory, 0, end));
            assertEquals(length, back.fastOpen);
            assertEquals(experimental == 1, back.fastOpenExperimental);
        }
    }
}
