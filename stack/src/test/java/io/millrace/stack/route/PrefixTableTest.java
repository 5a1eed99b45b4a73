package io.millrace.stack.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Longest-prefix match against a list of prefixes that is searched from end to end. */
class PrefixTableTest {
    @ParameterizedTest
    @CsvSource({
        "4, 1, 400, 100000",
        "4, 2, 3000, 100000",
        "6, 3, 400, 100000",
        "6, 4, 3000, 100000",
        "4, 5, 200, 1",
        "4, 6, 500, 100",
        "6, 7, 200, 1",
        "6, 8, 700, 100"
    })
    void shouldAgreeWithASearchOfAllPrefixes(final int family, final int seed, final int steps, final int large) {
        final SplittableRandom random = new SplittableRandom(seed);
        final PrefixTable table = new PrefixTable(family, large);
        final Map<Prefix, Integer> reference = new HashMap<>();
        final List<Prefix> known = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            final int dice = random.nextInt(10);
            if (dice < 6 || known.isEmpty()) {
                final Prefix prefix = Prefix.random(random, family, known);
                final Integer old = reference.put(prefix, step);
                assertEquals(
                        old == null ? PrefixTable.NONE : old, table.put(prefix.hi, prefix.lo, prefix.length, step));
                if (old == null) {
                    known.add(prefix);
                }
            } else {
                final Prefix gone = known.remove(random.nextInt(known.size()));
                assertEquals(reference.remove(gone), table.remove(gone.hi, gone.lo, gone.length));
                assertEquals(PrefixTable.NONE, table.remove(gone.hi, gone.lo, gone.length));
            }
            assertEquals(reference.size(), table.size());
            for (int i = 0; i < 8; i++) {
                compare(table, reference, random, family, known);
            }
            if (step % 16 == 0) {
                compareManyAtOnce(table, random, family, known);
            }
        }
        for (final Prefix prefix : known) {
            assertEquals(reference.get(prefix), table.get(prefix.hi, prefix.lo, prefix.length));
            table.remove(prefix.hi, prefix.lo, prefix.length);
        }
        assertEquals(0, table.size());
    }

    @Test
    void shouldUseItsMemoryAgain() {
        final PrefixTable table = new PrefixTable(IpFamily.V6);
        long after = 0;
        for (int round = 0; round < 20; round++) {
            final SplittableRandom random = new SplittableRandom(9);
            final List<Prefix> known = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                final Prefix prefix = Prefix.random(random, IpFamily.V6, known);
                table.put(prefix.hi, prefix.lo, prefix.length, i);
                known.add(prefix);
            }
            for (final Prefix prefix : known) {
                table.remove(prefix.hi, prefix.lo, prefix.length);
            }
            assertEquals(0, table.size());
            if (round == 0) {
                after = table.bytes();
            }
        }
        assertEquals(after, table.bytes());
    }

    @Test
    void shouldNestPrefixesOfEveryLength() {
        for (final int family : new int[] {IpFamily.V4, IpFamily.V6}) {
            final PrefixTable table = new PrefixTable(family);
            final int bits = IpAddress.bits(family);
            final long lo = family == IpFamily.V4 ? 0xFFFF_FFFFL : -1L;
            for (int length = 0; length <= bits; length++) {
                table.put(-1L & IpAddress.maskHi(family, bits), lo, length, length);
            }
            for (int length = 0; length <= bits; length++) {
                // An address whose bit behind the prefix differs.
                final int at = bits - 1 - length;
                final long otherHi = at >= 64 ? 1L << (at - 64) : 0;
                final long otherLo = at >= 0 && at < 64 ? 1L << at : 0;
                final long hi = family == IpFamily.V4 ? 0 : -1L ^ otherHi;
                assertEquals(length, table.lookup(hi, lo ^ otherLo));
                assertEquals(Math.min(length, 7), table.lookup(hi, lo ^ otherLo, 7));
            }
            for (int length = bits; length >= 0; length--) {
                assertEquals(length, table.lookup(-1L & IpAddress.maskHi(family, bits), lo));
                table.remove(-1L, lo, length);
            }
            assertEquals(PrefixTable.NONE, table.lookup(-1L & IpAddress.maskHi(family, bits), lo));
        }
    }

    @Test
    void shouldFindEveryHostRoute() {
        final PrefixTable table = new PrefixTable(IpFamily.V4);
        for (int i = 0; i < 65_536; i++) {
            table.put(0, 0xC0A8_0000L + i, 32, i);
        }
        for (int i = 0; i < 65_536; i++) {
            assertEquals(i, table.lookup(0, 0xC0A8_0000L + i));
        }
        assertEquals(PrefixTable.NONE, table.lookup(0, 0xC0A9_0000L));
        assertTrue(table.bytes() < 4_000_000, () -> table.bytes() + " bytes");
    }

    /** Where one entry of the direct table has more ranges than it may, others few, and prefixes come and go. */
    @ParameterizedTest
    @ValueSource(ints = {IpFamily.V4, IpFamily.V6})
    void shouldFindWhatLiesCloseTogether(final int family) {
        final PrefixTable table = new PrefixTable(family, 10);
        final boolean v4 = family == IpFamily.V4;
        final int length = v4 ? 32 : 48;
        for (int i = 0; i < 3000; i++) {
            table.put(hi(v4, 2 * i), lo(v4, 2 * i), length, i);
        }
        table.put(hi(v4, 0), lo(v4, 0), 19, 9000);
        table.put(hi(v4, 0), lo(v4, 0), 8, 9001);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 3000; i++) {
                final int expected = round == 0 || i >= 2500 ? i : 9000;
                assertEquals(expected, table.lookup(hi(v4, 2 * i), lo(v4, 2 * i)));
                assertEquals(9000, table.lookup(hi(v4, 2 * i + 1), lo(v4, 2 * i + 1)));
            }
            assertEquals(9001, table.lookup(hi(v4, 0) ^ (v4 ? 0 : 1L << 46), lo(v4, 0) ^ (v4 ? 1L << 14 : 0)));
            for (int i = 0; round == 0 && i < 2500; i++) {
                assertEquals(i, table.remove(hi(v4, 2 * i), lo(v4, 2 * i), length));
            }
        }
    }

    private static long hi(final boolean v4, final int number) {
        return v4 ? 0 : 0x2001_0000_0000_0000L | (long) number << 16;
    }

    private static long lo(final boolean v4, final int number) {
        return v4 ? 0x0A00_0000L | number : 0;
    }

    @Test
    void shouldTakeLittleMemoryWhenThereIsLittleInIt() {
        final PrefixTable table = new PrefixTable(IpFamily.V6);
        final Cidr<?> network = Cidr.parse("2001:db8::/32");
        table.put(network.address().hi(), network.address().lo(), network.prefixLength(), 1);
        table.put(0, 0, 0, 2);
        assertTrue(table.bytes() <= 512, () -> table.bytes() + " bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 33})
    void shouldRefuseImpossibleLengths(final int length) {
        final PrefixTable table = new PrefixTable(IpFamily.V4);
        assertThrows(IllegalArgumentException.class, () -> table.put(0, 0, length, 1));
        assertThrows(IllegalArgumentException.class, () -> table.get(0, 0, length));
        assertThrows(IllegalArgumentException.class, () -> table.remove(0, 0, length));
        assertThrows(IllegalArgumentException.class, () -> table.put(0, 0, 1, -1));
    }

    private static void compare(
            final PrefixTable table,
            final Map<Prefix, Integer> reference,
            final SplittableRandom random,
            final int family,
            final List<Prefix> known) {
        final Prefix address = Prefix.random(random, family, known);
        final int most = random.nextInt(IpAddress.bits(family) + 1);
        Prefix best = null;
        Prefix bestOfShort = null;
        for (final Prefix prefix : reference.keySet()) {
            if (prefix.holds(address)) {
                best = best == null || prefix.length > best.length ? prefix : best;
                if (prefix.length <= most) {
                    bestOfShort = bestOfShort == null || prefix.length > bestOfShort.length ? prefix : bestOfShort;
                }
            }
        }
        assertEquals(reference.getOrDefault(best, PrefixTable.NONE), table.lookup(address.hi, address.lo));
        assertEquals(reference.getOrDefault(bestOfShort, PrefixTable.NONE), table.lookup(address.hi, address.lo, most));
    }

    private static void compareManyAtOnce(
            final PrefixTable table, final SplittableRandom random, final int family, final List<Prefix> known) {
        final int count = random.nextInt(1, 150);
        final long[] his = new long[count];
        final long[] los = new long[count];
        final int[] expected = new int[count];
        for (int i = 0; i < count; i++) {
            final Prefix address = Prefix.random(random, family, known);
            his[i] = address.hi;
            los[i] = address.lo;
            expected[i] = table.lookup(address.hi, address.lo);
        }
        final int[] found = new int[count];
        table.lookup(his, los, count, found);
        assertArrayEquals(expected, found);
    }

    private record Prefix(int family, long hi, long lo, int length) {
        /** One with what it shares with another that is there, so that they nest. */
        static Prefix random(final SplittableRandom random, final int family, final List<Prefix> known) {
            final int bits = IpAddress.bits(family);
            final int length = random.nextInt(bits + 1);
            long hi = family == IpFamily.V4 ? 0 : random.nextLong();
            long lo = family == IpFamily.V4 ? random.nextInt() & 0xFFFF_FFFFL : random.nextLong();
            if (!known.isEmpty() && random.nextInt(4) != 0) {
                final Prefix near = known.get(random.nextInt(known.size()));
                final int common = random.nextInt(bits + 1);
                final long maskHi = IpAddress.maskHi(family, common);
                final long maskLo = IpAddress.maskLo(family, common);
                hi = (near.hi & maskHi) | (hi & ~maskHi);
                lo = (near.lo & maskLo) | (lo & ~maskLo);
                if (family == IpFamily.V4) {
                    hi = 0;
                }
            }
            return new Prefix(
                    family, hi & IpAddress.maskHi(family, length), lo & IpAddress.maskLo(family, length), length);
        }

        boolean holds(final Prefix address) {
            return ((hi ^ address.hi) & IpAddress.maskHi(family, length)) == 0
                    && ((lo ^ address.lo) & IpAddress.maskLo(family, length)) == 0;
        }
    }
}
