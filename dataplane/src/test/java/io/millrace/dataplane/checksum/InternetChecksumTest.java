package io.millrace.dataplane.checksum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.testkit.Origin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class InternetChecksumTest {
    private static final int LONGEST = 9100;
    private static final MemorySegment RANDOM = random(Long.getLong("test.seed", 0x1071));

    private static MemorySegment random(final long seed) {
        final MemorySegment memory = Arena.ofAuto().allocate(LONGEST + 64, 64);
        final SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < memory.byteSize(); i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        return memory;
    }

    private static MemorySegment hex(final String hex) {
        final byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        final MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
        return memory;
    }

    /** The definition, word by word. */
    private static int reference(final MemorySegment memory, final long offset, final int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += Net.u8(memory, offset + i) << ((i & 1) == 0 ? 8 : 0);
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return sum;
    }

    private static int folded(final MemorySegment memory, final long offset, final int length) {
        return InternetChecksum.fold(InternetChecksum.partial(memory, offset, length));
    }

    /** One's complement has two zeros: only a sum of nothing is the one, multiples of 65,535 are the other. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                0xFFFE,
                0xFFFF,
                0x1_0000,
                0x1_FFFE,
                0x1_FFFF,
                0xFFFF_0000L,
                0xFFFF_FFFFL,
                0x1_0000_0000L,
                0xFFFF_FFFF_0000L,
                0xFFFF_FFFF_FFFFL,
                1L << 48,
                0x7FFF_0000_8000L,
                0x1_2345_6789_ABCDL
            })
    void shouldFoldToTheRemainder(final long sum) {
        final long remainder = sum % 0xFFFF;
        assertEquals(remainder == 0 && sum != 0 ? 0xFFFF : remainder, InternetChecksum.fold(sum));
    }

    @Test
    @Origin("RFC 1071 3")
    void shouldSumTheExampleOfTheRfc() {
        assertEquals(0xDDF2, folded(hex("0001 f203 f4f5 f6f7"), 0, 8));
        assertEquals(0x220D, InternetChecksum.finish(InternetChecksum.partial(hex("0001 f203 f4f5 f6f7"), 0, 8)));
    }

    @Test
    @Origin("RFC 1071 2")
    void shouldSumTheSameInAnyGroupingWhenPiecesBeginAtOddOffsets() {
        final long whole = InternetChecksum.partial(RANDOM, 3, 1460);
        for (int cut = 0; cut <= 1460; cut++) {
            final long first = InternetChecksum.partial(RANDOM, 3, cut);
            final long second = InternetChecksum.partial(RANDOM, 3L + cut, 1460 - cut);
            assertEquals(
                    InternetChecksum.fold(whole),
                    InternetChecksum.fold(InternetChecksum.combine(first, cut, second)),
                    "cut at " + cut);
        }
    }

    @Test
    void shouldAgreeWithTheDefinitionAtEveryLength() {
        for (int length = 0; length <= LONGEST; length++) {
            final int offset = length % 64;
            assertEquals(reference(RANDOM, offset, length), folded(RANDOM, offset, length), "length " + length);
        }
    }

    @Test
    void shouldAgreeWithTheDefinitionAtEveryAlignmentOfShortData() {
        for (int offset = 0; offset < 64; offset++) {
            for (int length = 0; length <= 600; length++) {
                assertEquals(
                        reference(RANDOM, offset, length),
                        folded(RANDOM, offset, length),
                        "length " + length + " at offset " + offset);
            }
        }
    }

    @Test
    void shouldReadNothingBehindTheEndWhenDataEndsWithItsMemory() {
        for (int length = 0; length <= 300; length++) {
            final MemorySegment exact = RANDOM.asSlice(7, length);
            assertEquals(reference(RANDOM, 7, length), folded(exact, 0, length), "length " + length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 20, 64, 1460, LONGEST})
    void shouldCarryAroundWhenAllBitsAreOnes(final int length) {
        final MemorySegment ones = Arena.ofAuto().allocate(LONGEST).fill((byte) 0xFF);
        assertEquals(reference(ones, 0, length), folded(ones, 0, length));
    }

    @Test
    void shouldSumTheLargestIpPacketWithoutOverflow() {
        final MemorySegment ones = Arena.ofAuto().allocate(65_535).fill((byte) 0xFF);
        assertEquals(reference(ones, 0, 65_535), folded(ones, 0, 65_535));
    }

    @Test
    void shouldRefuseDataThatIsNotAllInItsMemory() {
        final MemorySegment memory = hex("0001 f203 f4f5 f6f7");
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.partial(memory, 0, 9));
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.partial(memory, 4, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.partial(memory, -1, 4));
    }

    @Test
    void shouldCopyNothingThatIsNotAllInItsMemory() {
        final MemorySegment to = Arena.ofAuto().allocate(200);
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.copy(RANDOM, 0, to, 1, 200));
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.copy(to, 100, RANDOM, 0, 101));
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.copy(to, 0, RANDOM, -1, 10));
        assertEquals(-1, to.mismatch(Arena.ofAuto().allocate(200)));
        assertEquals(0, InternetChecksum.copy(RANDOM, 0, to, 200, 0));
    }

    @Test
    void shouldVerifyAnIpv4HeaderAndRefuseItWhenABitFlips() {
        final MemorySegment header = hex("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7");
        assertTrue(InternetChecksum.verifies(InternetChecksum.partial(header, 0, 20)));
        Net.put16(header, 10, 0);
        assertEquals(0xB861, InternetChecksum.finish(InternetChecksum.partial(header, 0, 20)));
        Net.put16(header, 10, 0xB861 ^ 0x0400);
        assertFalse(InternetChecksum.verifies(InternetChecksum.partial(header, 0, 20)));
    }

    @Test
    @Origin("RFC 768")
    void shouldSumTheIpv4PseudoHeader() {
        final MemorySegment pseudo = hex("c0a8 0001 c0a8 00c7 00 11 005f");
        final long sum = InternetChecksum.pseudoHeader(0, 0xC0A8_0001L, 0, 0xC0A8_00C7L, 17, 0x5F);
        assertEquals(reference(pseudo, 0, 12), InternetChecksum.fold(sum));
    }

    @Test
    @Origin("RFC 8200 8.1")
    void shouldSumTheIpv6PseudoHeader() {
        final MemorySegment pseudo = hex(
                "2001 0db8 0000 0000 0000 0000 ffff fffe fe80 0000 0000 0000 ffff ffff ffff ffff 0001 2345 0000 003a");
        final long sum = InternetChecksum.pseudoHeader(
                0x2001_0DB8_0000_0000L, 0xFFFF_FFFEL, 0xFE80_0000_0000_0000L, -1L, 58, 0x12345);
        assertEquals(reference(pseudo, 0, 40), InternetChecksum.fold(sum));
    }

    @ParameterizedTest
    @Origin("RFC 1624 4")
    @CsvSource({"DD2F, 5555, 3285, 0000", "0000, 3285, 5555, DD2F"})
    void shouldUpdateAsTheExampleOfTheRfc(
            final String checksum, final String before, final String after, final String expected) {
        assertEquals(
                Integer.parseInt(expected, 16),
                InternetChecksum.update16(
                        Integer.parseInt(checksum, 16), Integer.parseInt(before, 16), Integer.parseInt(after, 16)));
    }

    @Test
    void shouldUpdateToTheSameValueAsAFullSum() {
        final MemorySegment memory = RANDOM.asSlice(0, 64);
        final SplittableRandom random = new SplittableRandom(1624);
        int checksum = InternetChecksum.finish(InternetChecksum.partial(memory, 0, 64));
        for (int i = 0; i < 3000; i++) {
            final int at = random.nextInt(28) * 2;
            switch (i % 3) {
                case 0 -> {
                    final int after = random.nextInt(0x10000);
                    checksum = InternetChecksum.update16(checksum, Net.u16(memory, at), after);
                    Net.put16(memory, at, after);
                }
                case 1 -> {
                    final int after = random.nextInt();
                    checksum = InternetChecksum.update32(checksum, Net.i32(memory, at), after);
                    Net.put32(memory, at, after);
                }
                default -> {
                    final long after = random.nextLong();
                    checksum = InternetChecksum.update64(checksum, Net.i64(memory, at), after);
                    Net.put64(memory, at, after);
                }
            }
            assertEquals(InternetChecksum.finish(InternetChecksum.partial(memory, 0, 64)), checksum, "step " + i);
        }
    }
}
