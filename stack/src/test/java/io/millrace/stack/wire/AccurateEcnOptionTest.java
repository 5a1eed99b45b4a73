package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.text.PacketText;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option of Accurate ECN in both its orders: RFC 9768 section 3.2.3. */
class AccurateEcnOptionTest {
    private static final String FIXED = "9c4000500000000000000000";

    private static TcpRepr parse(final String options) {
        final String padded = options + "01".repeat(-options.length() / 2 & 3);
        final int words = 5 + padded.length() / 8;
        final MemorySegment memory = Frames.ofHex(FIXED + String.format("%x010", words) + "faf000000000" + padded);
        final TcpRepr repr = new TcpRepr();
        repr.ect0Bytes = repr.ceBytes = repr.ect1Bytes = 99; // of the segment before
        assertTrue(repr.parse(memory, 0, (int) memory.byteSize()));
        return repr;
    }

    @ParameterizedTest
    @CsvSource({
        "ac02, 172, 0, 0, 0, 0",
        "ac05 000001, 172, 1, 1, 0, 0",
        "ac08 800000 ffffff, 172, 2, 8388608, 16777215, 0",
        "ac0b 010203 040506 070809, 172, 3, 66051, 263430, 460809",
        "ae02, 174, 0, 0, 0, 0",
        "ae05 000001, 174, 1, 0, 0, 1",
        "ae08 800000 ffffff, 174, 2, 0, 16777215, 8388608",
        "ae0b 010203 040506 070809, 174, 3, 460809, 263430, 66051"
    })
    @Origin("RFC 9768 3.2.3")
    void shouldReadAsManyCountsAsThereAre(
            final String option, final int kind, final int counts, final int ect0, final int ce, final int ect1) {
        final TcpRepr repr = parse(option.replace(" ", ""));
        assertEquals(kind, repr.accurateEcn);
        assertEquals(counts, repr.ecnCounts);
        assertEquals(ect0, repr.ect0Bytes);
        assertEquals(ce, repr.ceBytes);
        assertEquals(ect1, repr.ect1Bytes);
    }

    /** A later standard may make it longer: the counts that are whole count. */
    @ParameterizedTest
    @CsvSource({
        "03 01, 0, 0, 0, 0",
        "04 0102, 0, 0, 0, 0",
        "06 000001 04, 1, 1, 0, 0",
        "07 000001 0405, 1, 1, 0, 0",
        "09 000001 000002 07, 2, 1, 2, 0",
        "0a 000001 000002 0708, 2, 1, 2, 0",
        "0c 000001 000002 000003 01, 3, 1, 2, 3",
        "0e 000001 000002 000003 010203, 3, 1, 2, 3"
    })
    @Origin("RFC 9768 3.2.3")
    void shouldReadTheWholeCountsOfAnyLength(
            final String rest, final int counts, final int first, final int ce, final int last) {
        for (final String kind : new String[] {"ac", "ae"}) {
            final TcpRepr repr = parse("08 0a 00000001 00000002".replace(" ", "") + kind + rest.replace(" ", ""));
            assertEquals(Integer.parseInt(kind, 16), repr.accurateEcn);
            assertEquals(counts, repr.ecnCounts);
            assertEquals(first, kind.equals("ac") ? repr.ect0Bytes : repr.ect1Bytes);
            assertEquals(ce, repr.ceBytes);
            assertEquals(last, kind.equals("ac") ? repr.ect1Bytes : repr.ect0Bytes);
            assertTrue(repr.timestamps);
        }
    }

    @Test
    void shouldIgnoreAnOptionThatIsLongerThanTheHeader() {
        assertEquals(AccurateEcnOption.NONE, parse("ac0b01020304").accurateEcn);
    }

    @Test
    void shouldForgetTheOptionOfTheSegmentBefore() {
        final TcpRepr repr = parse("ac0b010203040506070809");
        final MemorySegment plain = Frames.ofHex(FIXED + "5010faf000000000");
        assertTrue(repr.parse(plain, 0, 20));
        assertEquals(AccurateEcnOption.NONE, repr.accurateEcn);
    }

    private static TcpRepr header(final int kind, final int counts) {
        final TcpRepr header = new TcpRepr();
        header.clear();
        header.srcPort = 40_000;
        header.dstPort = 80;
        header.flags = TcpView.ACK | TcpView.AE | TcpView.ECE;
        header.accurateEcn = kind;
        header.ecnCounts = counts;
        header.ect0Bytes = 0x11_2233;
        header.ceBytes = 0x44_5566;
        header.ect1Bytes = 0xFF_EEDD;
        return header;
    }

    private static IpRepr ip() {
        final IpRepr ip = new IpRepr();
        ip.family = IpFamily.V4;
        ip.srcLo = 0xC000_0201L;
        ip.dstLo = 0xC000_0202L;
        return ip;
    }

    @ParameterizedTest
    @CsvSource({
        "172, 0, ac020101",
        "172, 1, ac051122 33010101",
        "172, 2, ac081122 33445566",
        "172, 3, ac0b1122 33445566 ffeedd01",
        "174, 0, ae020101",
        "174, 1, ae05ffee dd010101",
        "174, 2, ae08ffee dd445566",
        "174, 3, ae0bffee dd445566 11223301"
    })
    @Origin("RFC 9768 3.2.3")
    void shouldWriteItWithTheRightSum(final int kind, final int counts, final String option) {
        final String expected = option.replace(" ", "");
        final TcpRepr header = header(kind, counts);
        assertEquals(20 + expected.length() / 2, header.headerLength());
        assertEquals(expected.length() / 2, AccurateEcnOption.paddedLength(counts));
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(TcpView.MAX_LENGTH);
            memory.fill((byte) 0xA5);
            header.emit(ip(), memory, 0, header.headerLength(), 0);
            final int end = header.headerLength();
            assertEquals(expected, HexFormat.of().formatHex(Frames.bytes(memory, 20, end - 20)));
            assertTrue(TcpView.verifies(ip(), memory, 0, end));
            final TcpRepr back = new TcpRepr();
            assertTrue(back.parse(memory, 0, end));
            assertEquals(header.flags, back.flags);
            assertEquals(kind, back.accurateEcn);
            assertEquals(counts, back.ecnCounts);
            if (counts == AccurateEcnOption.COUNTS) {
                assertEquals(header.ect0Bytes, back.ect0Bytes);
                assertEquals(header.ceBytes, back.ceBytes);
                assertEquals(header.ect1Bytes, back.ect1Bytes);
            }
        }
    }

    /** Beside everything else that a header may have: what has no room is left out, and what is written is whole. */
    @Test
    @Origin("RFC 9768 3.2.3.3")
    void shouldLeaveItOutWhereThereIsNoRoom() {
        final SplittableRandom random = new SplittableRandom(1);
        int crowded = 0;
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(TcpView.MAX_LENGTH);
            for (int round = 0; round < 10_000; round++) {
                final int counts = random.nextInt(4);
                final TcpRepr header = header(random.nextBoolean() ? 172 : 174, counts);
                header.timestamps = random.nextBoolean();
                if (random.nextBoolean()) {
                    header.signature = random.nextBoolean() ? TcpView.OPTION_MD5 : TcpView.OPTION_AO;
                }
                if (random.nextBoolean()) {
                    header.flags |= TcpView.SYN;
                    header.mss = 1460;
                    header.windowShift = random.nextInt(-1, 15);
                    header.sackPermitted = random.nextBoolean();
                    header.fastOpen = random.nextBoolean() ? 4 * random.nextInt(5) : FastOpenOption.NONE;
                } else {
                    header.sackCount = random.nextInt(5);
                }
                header.emit(ip(), memory, 0, header.headerLength(), 0);
                final int length = header.headerLength();
                assertTrue(length <= TcpView.MAX_LENGTH);
                assertTrue(TcpView.verifies(ip(), memory, 0, length));
                final TcpRepr back = new TcpRepr();
                assertTrue(back.parse(memory, 0, length));
                final TcpRepr without = header(172, 0);
                without.accurateEcn = AccurateEcnOption.NONE;
                without.flags = header.flags;
                without.timestamps = header.timestamps;
                without.signature = header.signature;
                without.mss = header.mss;
                without.windowShift = header.windowShift;
                without.sackPermitted = header.sackPermitted;
                without.fastOpen = header.fastOpen;
                final int room = TcpView.MAX_LENGTH - without.headerLength();
                final boolean packs = !header.has(TcpView.SYN)
                        && PackedOptions.length(header) <= TcpView.MAX_LENGTH - TcpView.MIN_LENGTH;
                final boolean fits = packs || AccurateEcnOption.paddedLength(counts) <= room;
                assertEquals(packs ? header.sackCount : back.sackCount, back.sackCount);
                assertEquals(fits ? header.accurateEcn : AccurateEcnOption.NONE, back.accurateEcn);
                assertEquals(header.timestamps, back.timestamps);
                assertEquals(header.fastOpen == FastOpenOption.NONE || without.crowdsOutFastOpen(), back.fastOpen < 0);
                crowded += fits ? 0 : 1;
            }
        }
        assertTrue(crowded > 100);
    }

    /**
     * Beside a signature, timestamps and SACK blocks: the most counts with padding of all options and without, -1 for none.
     * What is written of so many is read back.
     */
    @ParameterizedTest
    @CsvSource({
        "0, false, 0, 3, 3",
        "0, false, 1, 3, 3",
        "0, false, 2, 3, 3",
        "0, false, 3, 3, 3",
        "0, false, 4, 0, 1",
        "0, true, 0, 3, 3",
        "0, true, 1, 3, 3",
        "0, true, 2, 2, 3",
        "0, true, 3, -1, 0",
        "19, false, 0, 3, 3",
        "19, false, 1, 2, 3",
        "19, false, 2, -1, 0",
        "19, true, 0, 2, 3",
        "29, false, 0, 3, 3",
        "29, false, 1, 3, 3",
        "29, false, 2, 0, 1",
        "29, true, 0, 3, 3",
        "29, true, 1, -1, 0"
    })
    @Origin("RFC 9768 3.2.3.3")
    void shouldUseTheRoomOfThePaddingWhereItIsNeeded(
            final int signature, final boolean timestamps, final int blocks, final int aligned, final int packed) {
        final int fixed = TcpRepr.signatureLength(signature) + (timestamps ? TcpRepr.TIMESTAMPS_LENGTH : 0);
        assertEquals(aligned, AccurateEcnOption.mostAligned(fixed, blocks));
        assertEquals(packed, AccurateEcnOption.mostPacked(signature, timestamps, blocks));
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(TcpView.MAX_LENGTH);
            for (int counts = 0; counts <= packed; counts++) {
                memory.fill((byte) 0xA5);
                final TcpRepr header = header(172, counts);
                header.signature = signature;
                header.keyId = 7;
                header.timestamps = timestamps;
                header.tsVal = 0x1234_5678;
                header.tsEcr = 0x9ABC_DEF0;
                header.sackCount = blocks;
                for (int i = 0; i < blocks; i++) {
                    header.sackLeft[i] = 0x0102_0304 * i;
                    header.sackRight[i] = 0x0506_0708 * i;
                }
                header.emit(ip(), memory, 0, header.headerLength(), 0);
                final int length = header.headerLength();
                final int padded =
                        20 + fixed + AccurateEcnOption.paddedLength(counts) + (blocks == 0 ? 0 : 4) + 8 * blocks;
                assertEquals(counts <= aligned ? padded : TcpView.MAX_LENGTH, length);
                assertTrue(TcpView.verifies(ip(), memory, 0, length));
                final TcpRepr back = new TcpRepr();
                assertTrue(back.parse(memory, 0, length));
                assertEquals(172, back.accurateEcn);
                assertEquals(counts, back.ecnCounts);
                assertEquals(counts > 0 ? header.ect0Bytes : 0, back.ect0Bytes);
                assertEquals(counts > 1 ? header.ceBytes : 0, back.ceBytes);
                assertEquals(counts > 2 ? header.ect1Bytes : 0, back.ect1Bytes);
                assertEquals(signature, back.signature);
                assertEquals(timestamps ? header.tsVal : 0, back.tsVal);
                assertEquals(timestamps ? header.tsEcr : 0, back.tsEcr);
                assertEquals(blocks, back.sackCount);
                for (int i = 0; i < blocks; i++) {
                    assertEquals(header.sackLeft[i], back.sackLeft[i]);
                    assertEquals(header.sackRight[i], back.sackRight[i]);
                }
                if (signature != 0) {
                    assertEquals(header.emittedCodeOffset(), back.codeOffset);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ac020101, accecn",
        "ac050000 01010101, e0b 1",
        "ae080000 01000009, e1b 1 ceb 9",
        "ac0b0000 01000009 ffffff01, e0b 1 ceb 9 e1b 16777215",
        "ae0b0000 01000009 ffffff01, e1b 1 ceb 9 e0b 16777215"
    })
    @Origin("RFC 9768 3.2.3")
    void shouldShowFlagsAndOption(final String options, final String shown) {
        final String list = options.replace(" ", "");
        final int header = 20 + list.length() / 2;
        final MemorySegment packet = Frames.ofHex(String.format(
                "4500%04x00000000400600000a0000010a000002%s%x150faf000000000%s", 20 + header, FIXED, header / 4, list));
        final String text = PacketText.of(packet, 0, 20 + header, Medium.IP);
        assertTrue(text.contains("Flags [.Ee]"), text);
        assertTrue(text.contains(shown), text);
    }
}
