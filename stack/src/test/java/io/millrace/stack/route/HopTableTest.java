package io.millrace.stack.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** Fast tables of next hops against a search of all prefixes. */
class HopTableTest {
    /** One more than an entry of IPv4 has room for. */
    private static final int LARGE_HOP = 0x7FFF;

    private final Map<Prefix, Integer> reference = new HashMap<>();
    private final List<Prefix> known = new ArrayList<>();
    private final int[] hops = new int[3000];

    @ParameterizedTest
    @CsvSource({"4, 1, 300", "4, 2, 600", "6, 3, 400", "6, 4, 2000"})
    void shouldAgreeWithASearchOfAllPrefixes(final int family, final int seed, final int steps) {
        final SplittableRandom random = new SplittableRandom(seed);
        final PrefixTable trie = new PrefixTable(family);
        HopTable table = make(trie, family);
        for (int step = 0; step < steps; step++) {
            hops[step] = random.nextInt(50) == 0 ? LARGE_HOP : random.nextInt(5);
            if (random.nextInt(10) < 6 || known.isEmpty()) {
                put(trie, table, Prefix.random(random, family, known), step);
            } else {
                remove(trie, table, known.get(random.nextInt(known.size())));
            }
            if (step == steps / 2) {
                table = make(trie, family); // one that finds everything there
            }
            compare(table, random, family);
        }
        while (!known.isEmpty()) {
            remove(trie, table, known.getLast());
        }
        compare(table, random, family);
        assertEquals(HopTable.NONE, table.lookup(0, 0));
    }

    /** Where one entry has more ranges than it may, or its group is full, and prefixes come and go. */
    @ParameterizedTest
    @ValueSource(ints = {IpFamily.V4, IpFamily.V6})
    void shouldFindWhatLiesCloseTogether(final int family) {
        final PrefixTable trie = new PrefixTable(family);
        final HopTable table = make(trie, family);
        final int length = family == IpFamily.V4 ? 32 : 48;
        for (int i = 0; i < 1500; i++) {
            hops[i] = i;
            put(trie, table, close(family, 2 * i, length), i);
        }
        hops[1500] = 9000;
        put(trie, table, close(family, 0, 19), 1500);
        for (int left = 1500; left > 0; left -= 500) {
            for (int i = 0; i < 1500; i++) {
                final int expected = i < left ? i : 9000;
                expect(expected, table, close(family, 2 * i, length));
                expect(9000, table, close(family, 2 * i + 1, length));
            }
            for (int i = left - 500; i < left; i++) {
                remove(trie, table, close(family, 2 * i, length));
            }
        }
    }

    @Test
    void shouldTakeItsMemoryAgainWhenPrefixesGo() {
        final PrefixTable trie = new PrefixTable(IpFamily.V6);
        final HopTable table = make(trie, IpFamily.V6);
        long after = 0;
        for (int round = 0; round < 10; round++) {
            final SplittableRandom random = new SplittableRandom(7);
            for (int i = 0; i < 500; i++) {
                put(trie, table, Prefix.random(random, IpFamily.V6, known), i);
            }
            while (!known.isEmpty()) {
                remove(trie, table, known.getLast());
            }
            after = round == 0 ? table.bytes() : after;
        }
        assertEquals(after, table.bytes());
    }

    @Test
    void shouldAskWhenThereAreMoreGroupsThanNumbers() {
        final PrefixTable trie = new PrefixTable(IpFamily.V4);
        final HopTable table = make(trie, IpFamily.V4);
        final int networks = 0x7FFF + 10;
        for (int i = 0; i < networks; i++) {
            hops[0] = 3;
            trie.put(0, (long) i << 8, 32, 0);
            table.update(0, (long) i << 8, 32, hops);
        }
        assertEquals(3, table.lookup(0, 0));
        assertEquals(HopTable.NONE, table.lookup(0, 1));
        assertEquals(HopTable.ASK, table.lookup(0, (long) (networks - 1) << 8));
        trie.remove(0, 0, 32);
        table.update(0, 0, 32, hops);
        assertEquals(HopTable.NONE, table.lookup(0, 0));
        // The number that came free goes to the next that has a change.
        table.update(0, (long) (networks - 1) << 8, 32, hops);
        assertEquals(3, table.lookup(0, (long) (networks - 1) << 8));
        assertEquals(HopTable.NONE, table.lookup(0, (long) (networks - 1) << 8 | 1));
    }

    @Test
    void shouldStandBesideRoutesOnceThereAreMany() {
        final RouteTable routes = new RouteTable(64);
        final List<Route> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            final String gateway = "2001:db8::" + Integer.toHexString(1 + i % 7);
            all.add(Route.via(Cidr.parse("2001:" + Integer.toHexString(i) + "::/32"), IpAddress.parse(gateway), i % 3));
        }
        final long before = routes.bytes();
        all.forEach(routes::add);
        routes.add(Route.via(Cidr.parse("::/0"), IpAddress.parse("2001:db8::ff"), 3));
        assertTrue(routes.bytes() > before + 8 * (1 << 19), "no fast table");
        expectRoutes(routes, all, 100);
        all.subList(20, 100).forEach(routes::remove);
        assertTrue(routes.bytes() < before + 100 * 200, () -> routes.bytes() + " bytes");
        expectRoutes(routes, all, 20);
    }

    private static void expectRoutes(final RouteTable routes, final List<Route> all, final int there) {
        final long[] his = new long[100];
        final long[] los = new long[100];
        for (int i = 0; i < 100; i++) {
            his[i] = all.get(i).destination().address().hi() | i;
        }
        final int[] found = new int[100];
        routes.findHops(IpFamily.V6, his, los, 100, found);
        for (int i = 0; i < 100; i++) {
            assertEquals(i < there ? 1 + i % 7 : 0xFF, routes.nextLo(found[i], 0));
            assertEquals(found[i], routes.findHop(IpFamily.V6, his[i], 0, RouteTable.ANY_INTERFACE));
        }
    }

    private HopTable make(final PrefixTable trie, final int family) {
        return family == IpFamily.V4 ? new DirectHops(trie, hops) : new RangeHops(trie, hops);
    }

    private void put(final PrefixTable trie, final HopTable table, final Prefix prefix, final int number) {
        if (reference.put(prefix, number) == null) {
            known.add(prefix);
        }
        trie.put(prefix.hi(), prefix.lo(), prefix.length(), number);
        if (prefix.length() > 0) {
            table.update(prefix.hi(), prefix.lo(), prefix.length(), hops);
        }
    }

    private void remove(final PrefixTable trie, final HopTable table, final Prefix prefix) {
        reference.remove(prefix);
        known.remove(prefix);
        trie.remove(prefix.hi(), prefix.lo(), prefix.length());
        if (prefix.length() > 0) {
            table.update(prefix.hi(), prefix.lo(), prefix.length(), hops);
        }
    }

    private void compare(final HopTable table, final SplittableRandom random, final int family) {
        final int count = random.nextInt(1, 150);
        final long[] his = new long[count];
        final long[] los = new long[count];
        final int[] found = new int[count];
        for (int i = 0; i < count; i++) {
            final Prefix address = Prefix.random(random, family, known);
            his[i] = address.hi();
            los[i] = address.lo();
        }
        boolean all = true;
        final boolean said = table.lookup(his, los, count, found);
        for (int i = 0; i < count; i++) {
            final Prefix address = new Prefix(family, his[i], los[i], IpAddress.bits(family));
            assertEquals(found[i], table.lookup(his[i], los[i]));
            check(found[i], address);
            all &= found[i] >= 0;
        }
        assertEquals(all, said);
    }

    private void check(final int found, final Prefix address) {
        int longest = 0;
        int expected = HopTable.NONE;
        boolean asks = false;
        for (final Map.Entry<Prefix, Integer> entry : reference.entrySet()) {
            final Prefix prefix = entry.getKey();
            final int hop = hops[entry.getValue()];
            if (prefix.holds(address) && prefix.length() > longest) {
                longest = prefix.length();
                expected = hop;
            }
            asks |= prefix.length() > 64 && prefix.hi() == address.hi();
            asks |= prefix.holds(address) && address.family() == IpFamily.V4 && hop == LARGE_HOP;
        }
        if (found == HopTable.ASK) {
            assertTrue(asks, "asks without a reason");
        } else {
            assertEquals(expected, found);
        }
    }

    private static void expect(final int expected, final HopTable table, final Prefix address) {
        final int found = table.lookup(address.hi(), address.lo());
        assertTrue(found == expected || found == HopTable.ASK, () -> found + " for " + expected);
    }

    private static Prefix close(final int family, final int number, final int length) {
        final long hi = family == IpFamily.V4 ? 0 : 0x2001_0000_0000_0000L | (long) number << 16;
        final long lo = family == IpFamily.V4 ? 0x0A00_0000L | number : 0;
        return new Prefix(family, hi & IpAddress.maskHi(family, length), lo & IpAddress.maskLo(family, length), length);
    }
}
