package io.millrace.stack.route;

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
    @CsvSource({"4, 1, 400", "4, 2, 3000", "6, 3, 400", "6, 4, 3000"})
    void shouldAgreeWithASearchOfAllPrefixes(final int family, final int seed, final int steps) {
        final SplittableRandom random = new SplittableRandom(seed);
        final PrefixTable table = new PrefixTable(family);
        final Map<Prefix, Integer> reference = new HashMap<>();
        final List<Prefix> known = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            final int dice = random.nextInt(10);
            if (dice < 6 || known.isEmpty()) {
                final Prefix prefix = Prefix.random(random, family, known);
                final Integer old = reference.put(prefix, step);
                assertEquals(
                        old == null ? PrefixTable.NONE : old,
                        table.put(prefix.hi(), prefix.lo(), prefix.length(), step));
                if (old == null) {
                    known.add(prefix);
                }
            } else {
                final Prefix gone = known.remove(random.nextInt(known.size()));
                assertEquals(reference.remove(gone), table.remove(gone.hi(), gone.lo(), gone.length()));
                assertEquals(PrefixTable.NONE, table.remove(gone.hi(), gone.lo(), gone.length()));
            }
            assertEquals(reference.size(), table.size());
            for (int i = 0; i < 8; i++) {
                compare(table, reference, random, family, known);
            }
        }
        for (final Prefix prefix : known) {
            assertEquals(reference.get(prefix), table.get(prefix.hi(), prefix.lo(), prefix.length()));
            table.remove(prefix.hi(), prefix.lo(), prefix.length());
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
                table.put(prefix.hi(), prefix.lo(), prefix.length(), i);
                known.add(prefix);
            }
            for (final Prefix prefix : known) {
                table.remove(prefix.hi(), prefix.lo(), prefix.length());
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
                best = best == null || prefix.length() > best.length() ? prefix : best;
                if (prefix.length() <= most) {
                    bestOfShort = bestOfShort == null || prefix.length() > bestOfShort.length() ? prefix : bestOfShort;
                }
            }
        }
        assertEquals(reference.getOrDefault(best, PrefixTable.NONE), table.lookup(address.hi(), address.lo()));
        assertEquals(
                reference.getOrDefault(bestOfShort, PrefixTable.NONE), table.lookup(address.hi(), address.lo(), most));
    }
}
