package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TcpReprTest {
    /** Ports 48896 and 80, seq 0x01234567, ack 0x89abcdef, RST and FIN and URG set, window 0x0123, urgent 0x0201. */
    private static final String SEGMENT = "bf000050 01234567 89abcdef 60350123 01b60201 03030c01 aa000000 ff";

    private final TcpRepr repr = new TcpRepr();

    @Test
    @Origin("smoltcp:wire::tcp::test_deconstruct")
    @Origin("smoltcp:wire::tcp::test_parse")
    void shouldReadEveryFieldWhenParsed() {
        final MemorySegment segment = Frames.ofHex(SEGMENT);
        assertTrue(repr.parse(segment, 0, (int) segment.byteSize()));
        assertEquals(48896, repr.srcPort);
        assertEquals(80, repr.dstPort);
        assertEquals(0x01234567, repr.seq);
        assertEquals(0x89abcdef, repr.ack);
        assertEquals(TcpView.FIN | TcpView.RST | TcpView.ACK | TcpView.URG, repr.flags);
        assertEquals(0x0123, repr.window);
        assertEquals(0x0201, repr.urgent);
        assertEquals(12, repr.windowShift);
        assertEquals(24, repr.payloadOffset);
        assertEquals(5, repr.payloadLength);
        assertEquals(0x01b6, TcpView.checksum(segment, 0));
    }

    @Test
    void shouldSumWhatItWrites() {
        final IpRepr ip = HeaderReprTest.ip("192.0.2.1", "198.51.100.2");
        final MemorySegment payload = Frames.ofHex("01fe80".repeat(50));
        final MemorySegment memory = Frames.ofHex("a5".repeat(TcpView.MAX_LENGTH + 150));
        final TcpRepr out = new TcpRepr();
        for (int options = 0; options < 32; options++) {
            out.clear();
            out.srcPort = 65535;
            out.dstPort = 49152;
            out.seq = -2;
            out.ack = -7;
            out.flags = TcpView.CWR | TcpView.URG | TcpView.ACK;
            out.window = 65535;
            out.urgent = 40_000;
            out.mss = (options & 1) != 0 ? 0xFEDC : 0;
            out.windowShift = (options & 2) != 0 ? 7 : -1;
            out.sackPermitted = (options & 4) != 0;
            out.timestamps = (options & 8) != 0;
            out.tsVal = -5;
            out.tsEcr = 0x8000_0001;
            out.sackCount = (options & 16) != 0 ? 1 : 0;
            out.sackLeft[0] = -9;
            out.sackRight[0] = -3;
            out.payloadLength = options * 4 + 1;
            out.emit(ip, memory, 0, payload, 2);
            final int length = out.headerLength() + out.payloadLength;
            assertTrue(TcpView.verifies(ip, memory, 0, length), "options " + options);
            assertTrue(repr.parse(memory, 0, length));
            assertEquals(-2, repr.seq);
            assertEquals(-7, repr.ack);
            assertEquals(49152, repr.dstPort);
            assertEquals(out.flags, repr.flags);
            assertEquals(40_000, repr.urgent);
            assertEquals(
                    Frames.hex(payload, 2, out.payloadLength),
                    Frames.hex(memory, out.headerLength(), out.payloadLength));
            assertEquals(out.sackCount == 0 ? -1 : -3, out.sackCount == 0 ? -1 : repr.sackRight[0]);
        }
    }

    @Test
    @Origin("smoltcp:wire::tcp::test_emit")
    @Origin("smoltcp:wire::tcp::test_construct")
    void shouldParseWhatWasEmitted() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(64);
            for (int options = 0; options < 16; options++) {
                final TcpRepr out = new TcpRepr();
                out.clear();
                out.srcPort = 1;
                out.dstPort = 65535;
                out.seq = -2;
                out.ack = 7;
                out.flags = TcpView.SYN | TcpView.ACK;
                out.window = 65535;
                out.mss = (options & 1) != 0 ? 1460 : 0;
                out.windowShift = (options & 2) != 0 ? 7 : -1;
                out.sackPermitted = (options & 4) != 0;
                out.timestamps = (options & 8) != 0;
                out.tsVal = -5;
                out.tsEcr = 6;
                memory.fill((byte) 0xFF);
                out.emit(memory, 1);
                final int length = out.headerLength();
                assertTrue(repr.parse(memory, 1, length), "options " + options);
                assertEquals(0, repr.payloadLength);
                assertEquals(out.seq, repr.seq);
                assertEquals(out.mss, repr.mss);
                assertEquals(out.windowShift, repr.windowShift);
                assertEquals(out.sackPermitted, repr.sackPermitted);
                assertEquals(out.timestamps, repr.timestamps);
                assertEquals(0, TcpView.checksum(memory, 1));
                if (out.timestamps) {
                    assertEquals(-5, repr.tsVal);
                    assertEquals(6, repr.tsEcr);
                }
                assertEquals(0xFF, Net.u8(memory, 1L + length), "wrote beyond its length");
            }
        }
    }

    @Test
    @Origin("RFC 2018 3")
    void shouldCarryFourSackBlocksWhenTheyFit() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(64);
            final TcpRepr out = new TcpRepr();
            out.clear();
            out.flags = TcpView.ACK;
            out.sackCount = 4;
            for (int i = 0; i < 4; i++) {
                out.sackLeft[i] = 10 * i;
                out.sackRight[i] = 10 * i + 5;
            }
            out.emit(memory, 0);
            assertEquals(56, out.headerLength());
            assertTrue(repr.parse(memory, 0, 56));
            assertEquals(4, repr.sackCount);
            assertArrayEquals(out.sackLeft, repr.sackLeft);
            assertArrayEquals(out.sackRight, repr.sackRight);
        }
    }

    /** A header has room for 40 bytes of options: what a peer packed tightly may take more when it is written again. */
    @ParameterizedTest
    @CsvSource({
        "false, false, false, 4, 56",
        "true, false, false, 3, 60",
        "true, true, false, 2, 56",
        "true, false, true, 2, 56",
        "true, true, true, 2, 60",
        "false, true, true, 3, 56"
    })
    @Origin("RFC 2018 3")
    void shouldLeaveOutSackBlocksWhenOtherOptionsNeedTheRoom(
            final boolean timestamps,
            final boolean mss,
            final boolean windowScale,
            final int blocks,
            final int headerLength) {
        final IpRepr ip = HeaderReprTest.ip("192.0.2.1", "198.51.100.2");
        final TcpRepr out = new TcpRepr();
        out.clear();
        out.flags = TcpView.ACK;
        out.timestamps = timestamps;
        out.mss = mss ? 1460 : 0;
        out.windowShift = windowScale ? 7 : -1;
        out.sackPermitted = timestamps;
        out.sackCount = 4;
        for (int i = 0; i < 4; i++) {
            out.sackLeft[i] = 10 * i + 1;
            out.sackRight[i] = 10 * i + 5;
        }
        final MemorySegment memory = Frames.ofHex("a5".repeat(TcpView.MAX_LENGTH + 1));
        out.emit(ip, memory, 0, out.headerLength(), 0);
        assertEquals(headerLength, out.headerLength());
        assertEquals(headerLength, TcpView.headerLength(memory, 0));
        assertEquals(0xA5, Net.u8(memory, headerLength), "wrote beyond its length");
        assertTrue(TcpView.verifies(ip, memory, 0, headerLength));
        assertTrue(repr.parse(memory, 0, headerLength));
        assertEquals(blocks, repr.sackCount);
        assertEquals(10 * blocks - 5, repr.sackRight[blocks - 1]);
        assertEquals(windowScale ? 7 : -1, repr.windowShift);
    }

    @Test
    void shouldTakeTheLastOfAnOptionThatComesTwice() {
        final MemorySegment segment = segment("020405b4 02040218 03030701 03030200");
        assertTrue(repr.parse(segment, 0, (int) segment.byteSize()));
        assertEquals(536, repr.mss);
        assertEquals(2, repr.windowShift);
    }

    /** The three bits behind the data offset mean nothing here, and stay zero in what is written; the fourth is AE. */
    @Test
    @Origin("RFC 9293 3.1")
    @Origin("RFC 9768 3.1")
    void shouldIgnoreReservedBits() {
        final MemorySegment segment = Frames.ofHex("bf000050 01234567 89abcdef 5f120123 00000000");
        assertTrue(repr.parse(segment, 0, 20));
        assertEquals(TcpView.AE | TcpView.SYN | TcpView.ACK, repr.flags);
        repr.flags |= 0xF00;
        repr.emit(segment, 0);
        assertEquals(0x5112, Net.u16(segment, TcpView.DATA_OFFSET_FLAGS_OFFSET));
    }

    @ParameterizedTest
    @CsvSource({
        "00, 24",
        "01, 24",
        "020405dc, 24",
        "03030c, 24",
        "0402, 24",
        "050a000001f4000005dc, 32",
        "05120000036b000004c9000005dc000009c4, 40",
        "051a000d59f80012b1280016e360002625a0343efcea3440aef0, 48",
        "080a004c4b40006acfc0, 32",
        "0c05010203, 28"
    })
    @Origin("smoltcp:wire::tcp::test_tcp_options")
    @Origin("smoltcp:wire::tcp::test_header_len_multiple_of_4")
    void shouldReadAndWriteEachOption(final String option, final int headerLength) {
        final String list = option + "00".repeat(headerLength - 20 - option.length() / 2);
        final MemorySegment memory = Frames.ofHex("bf000050012345670000000050020123 7a8d0000" + list);
        Net.put8(memory, TcpView.DATA_OFFSET_FLAGS_OFFSET, headerLength << 2);
        assertTrue(repr.parse(memory, 0, headerLength));
        final TcpRepr copy = new TcpRepr();
        copy.clear();
        assertEquals(option.equals("020405dc") ? 1500 : 0, repr.mss);
        assertEquals(option.equals("03030c") ? 12 : -1, repr.windowShift);
        assertEquals(option.equals("0402"), repr.sackPermitted);
        assertEquals(option.equals("080a004c4b40006acfc0"), repr.timestamps);
        assertEquals(option.startsWith("05") ? (option.length() / 2 - 2) / 8 : 0, repr.sackCount);
        assertEquals(0, repr.headerLength() % 4);
        final MemorySegment written = Frames.ofHex("a5".repeat(60));
        repr.emit(written, 0);
        assertTrue(copy.parse(written, 0, repr.headerLength()));
        assertEquals(repr.mss, copy.mss);
        assertEquals(repr.windowShift, copy.windowShift);
        assertEquals(repr.sackPermitted, copy.sackPermitted);
        assertEquals(repr.timestamps ? repr.tsVal : 0, copy.timestamps ? copy.tsVal : 0);
        assertEquals(repr.timestamps ? repr.tsEcr : 0, copy.timestamps ? copy.tsEcr : 0);
        assertEquals(repr.sackCount, copy.sackCount);
        assertArrayEquals(Arrays.copyOf(repr.sackLeft, repr.sackCount), Arrays.copyOf(copy.sackLeft, copy.sackCount));
        assertArrayEquals(Arrays.copyOf(repr.sackRight, repr.sackCount), Arrays.copyOf(copy.sackRight, copy.sackCount));
    }

    @Test
    @Origin("smoltcp:wire::tcp::test_tcp_options_summary")
    void shouldReadSeveralOptionsAtOnce() {
        final MemorySegment memory =
                Frames.ofHex("bf000050012345670000000080020123 7a8d0000 020405b4 030307 0402 01 0000");
        assertTrue(repr.parse(memory, 0, 32));
        assertEquals(1460, repr.mss);
        assertEquals(7, repr.windowShift);
        assertTrue(repr.sackPermitted);
        assertFalse(repr.timestamps);
        assertEquals(0, repr.sackCount);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bf000050 01234567 89abcdef 60350123 01b602", // shorter than a header
                "bf000050 01234567 89abcdef 40350123 01b60201", // header of 16 bytes
                "bf000050 01234567 89abcdef 60350123 01b60201 0303", // header longer than the segment
                "bf000050 01234567 89abcdef 00350123 01b60201", // header of 0 bytes
                ""
            })
    @Origin("smoltcp:wire::tcp::test_truncated")
    @Origin("smoltcp:wire::tcp::test_impossible_len")
    void shouldRefuseWhenHeaderDoesNotFit(final String hex) {
        final MemorySegment segment = Frames.ofHex(hex);
        assertFalse(repr.parse(segment, 0, (int) segment.byteSize()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00020405 b4000000", // end of list first
                "02000000 00000000", // length 0
                "02010000 00000000", // length 1
                "0102ff00 00000000", // longer than the header
                "01010101 01010108", // kind without length
                "02030505 b4000000", // MSS of a wrong length
                "05090102 03040506 07000000", // SACK with part of a block
                "03040700 00000000", // window scale of a wrong length
                "080405b4 00000000", // timestamps of a wrong length
                "04030000 00000000", // SACK permitted of a wrong length
            })
    @Origin("smoltcp:wire::tcp::test_malformed_tcp_options")
    void shouldIgnoreMalformedOptions(final String options) {
        final MemorySegment segment = segment(options);
        assertTrue(repr.parse(segment, 0, (int) segment.byteSize()));
        assertEquals(0, repr.mss);
        assertEquals(-1, repr.windowShift);
        assertFalse(repr.sackPermitted);
        assertFalse(repr.timestamps);
        assertEquals(0, repr.sackCount);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldNotTakeWhatLiesBehindTheHeaderForAnOption(final int nops) {
        for (final String option : new String[] {"020405b4", "03030a", "0402", "080a0000000700000009"}) {
            final int whole = nops + option.length() / 2;
            for (int bytes = nops + 1; bytes <= whole; bytes++) {
                final String padding = "01".repeat((4 - bytes % 4) % 4);
                final String options = padding + ("01".repeat(nops) + option).substring(0, 2 * bytes);
                final int header = 20 + padding.length() / 2 + bytes;
                // The rest of the option and more of the kind begin the payload.
                final MemorySegment segment = Frames.ofHex("bf000050 01234567 89abcdef %x0180123 00000000 %s %s"
                        .formatted(header / 4, options, option.substring(2 * (bytes - nops)) + "020405b4".repeat(4)));
                assertTrue(repr.parse(segment, 0, (int) segment.byteSize()));
                final String what = options + " with " + nops + " in front";
                assertEquals(bytes == whole && option.startsWith("02") ? 1460 : 0, repr.mss, what);
                assertEquals(bytes == whole && option.startsWith("03") ? 10 : -1, repr.windowShift, what);
                assertEquals(bytes == whole && option.startsWith("04"), repr.sackPermitted, what);
                assertEquals(bytes == whole && option.startsWith("08"), repr.timestamps, what);
                assertEquals(repr.timestamps ? 7 : 0, repr.tsVal, what);
                assertEquals(repr.timestamps ? 9 : 0, repr.tsEcr, what);
            }
        }
    }

    @Test
    void shouldTakeOptionsAroundUnknownOnes() {
        final MemorySegment segment = segment("fe060102 03040204 05b40303 ff000000");
        assertTrue(repr.parse(segment, 0, (int) segment.byteSize()));
        assertEquals(1460, repr.mss);
        assertEquals(14, repr.windowShift, "RFC 7323 section 2.3: larger shifts count as 14");
    }

    @Test
    void shouldNotKeepOptionsOfTheSegmentBefore() {
        final MemorySegment with = segment("020405b4 0402080a 00000001 00000002 01030307");
        final MemorySegment without = segment("");
        assertTrue(repr.parse(with, 0, (int) with.byteSize()));
        assertTrue(repr.timestamps);
        assertTrue(repr.parse(without, 0, (int) without.byteSize()));
        assertEquals(0, repr.mss);
        assertEquals(-1, repr.windowShift);
        assertFalse(repr.sackPermitted);
        assertFalse(repr.timestamps);
    }

    @Test
    void shouldNeverReadBeyondTheSegmentWhateverTheBytes() {
        final SplittableRandom random = new SplittableRandom(11);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(72);
            for (int i = 0; i < 300_000; i++) {
                final int length = random.nextInt(0, 72);
                // Exactly as long as the segment, so that one byte too far is an exception.
                final MemorySegment segment = buffer.asSlice(0, length);
                for (int at = 0; at < length; at++) {
                    // Small values make options likelier than uniform bytes would.
                    final int value = random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(12);
                    segment.set(ValueLayout.JAVA_BYTE, at, (byte) value);
                }
                if (length > 12) {
                    segment.set(ValueLayout.JAVA_BYTE, 12, (byte) (random.nextInt(16) << 4));
                }
                if (repr.parse(segment, 0, length)) {
                    assertTrue(repr.payloadLength >= 0 && repr.payloadOffset + repr.payloadLength == length);
                    assertTrue(repr.sackCount >= 0 && repr.sackCount <= TcpRepr.MAX_SACK_BLOCKS);
                    assertTrue(repr.windowShift >= -1 && repr.windowShift <= 14);
                }
            }
        }
    }

    private static MemorySegment segment(final String options) {
        final int words = 5 + options.replace(" ", "").length() / 8;
        return Frames.ofHex("bf000050 01234567 89abcdef" + Integer.toHexString(words) + "0100123 00000000" + options);
    }
}
