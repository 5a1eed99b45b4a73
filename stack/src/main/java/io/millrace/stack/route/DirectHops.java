package io.millrace.stack.route;

import java.util.Arrays;

/**
 * Next hops of IPv4 destinations in a table of two levels: DIR-24-8 (Gupta, Lin, McKeown: "Routing Lookups in Hardware at
 * Memory Access Speeds", INFOCOM 1998). The upper 24 bits of an address choose an entry, which holds the answer or, where
 * there are longer prefixes, the number of a group of 256 for the last eight bits. So nearly all look-ups are one load.
 *
 * <p>Entries have 16 bits: the table takes 32 MiB, and 512 bytes for each group. Where next hops or groups have larger
 * numbers than fit, it says {@link #ASK}.
 *
 * <p>A change paints the entries of its prefix anew, with the prefixes within over those around: an entry and its group
 * for one of 24 bits or more, twice as many entries for each bit less. Prefixes of at most 12 bits are not painted over
 * so many entries, but over 4,096 of their own, which count where an entry is empty. So no change takes longer than
 * some tens of microseconds.
 */
final class DirectHops implements HopTable {
    private static final int BITS = 24;
    private static final int GROUP_BITS = 32 - BITS;
    private static final int GROUP = 1 << GROUP_BITS;

    /** Longest prefixes that have no entries: where nodes of the trie end. */
    private static final int SHORT = 12;

    private static final int MOST_GROUPS = 0x7FFF;
    private static final int MOST_HOPS = 0x7FFF;

    // Entries: a next hop plus one; a group's number with the highest bit set; or one of these.
    private static final short EMPTY = 0;
    private static final short UNKNOWN = -1;
    private static final int GROUP_MASK = 0x7FFF;

    private final PrefixTable trie;
    private final short[] entries = new short[1 << BITS];
    private short[] groups = new short[16 * GROUP];

    /** What short prefixes say. */
    private final int[] shorts = new int[1 << SHORT];

    // Groups that are free are linked by their first entry, as number plus one.
    private int groupEnd;
    private int freeGroup;
    private int usedGroups;

    private int[] hops;

    /** Makes the table of all prefixes. */
    DirectHops(final PrefixTable trie, final int[] hops) {
        this.trie = trie;
        this.hops = hops;
        Arrays.fill(shorts, NONE);
        for (int half = 0; half < 2; half++) {
            final long upper = (long) half << 63;
            paint(trie.nodeAt(upper, 1), 1, half << 31, -1, -1, Integer.SIZE);
        }
    }

    @Override
    public int lookup(final long hi, final long lo) {
        final int found = entries[(int) (lo >>> GROUP_BITS)] - 1;
        return found >= 0 ? found : resolve(found, lo);
    }

    @Override
    public boolean lookup(final long[] his, final long[] los, final int count, final int[] found) {
        final short[] all = entries;
        int worst = 0;
        for (int i = 0; i < count; i++) {
            final int answer = all[(int) (los[i] >>> GROUP_BITS)] - 1;
            found[i] = answer;
            worst |= answer;
        }
        return worst >= 0 || resolve(los, count, found);
    }

    private boolean resolve(final long[] los, final int count, final int[] found) {
        int worst = 0;
        for (int i = 0; i < count; i++) {
            if (found[i] < 0) {
                found[i] = resolve(found[i], los[i]);
            }
            worst |= found[i];
        }
        return worst >= 0;
    }

    /** What an address has whose entry, less one, is no next hop. */
    private int resolve(final int entry, final long lo) {
        final int found = entry < ASK ? groups[group((short) (entry + 1)) + ((int) lo & (GROUP - 1))] - 1 : entry;
        return found == NONE ? shorts[(int) (lo >>> (32 - SHORT))] : found;
    }

    private static int group(final short entry) {
        return (entry & GROUP_MASK) << GROUP_BITS;
    }

    @Override
    public long bytes() {
        return 2L * (entries.length + groups.length) + 4L * shorts.length;
    }

    @Override
    public void update(final long hi, final long lo, final int prefixLength, final int[] newHops) {
        hops = newHops;
        final int length = Math.min(prefixLength, BITS);
        final int address = (int) lo & (int) (-1L << (32 - length));
        paint(address, length, trie.longest((long) address << 32, length > SHORT ? SHORT + 1 : 1, length));
        final int depth = PrefixTable.nodeDepth(length);
        final int node = trie.nodeAt((long) address << 32, depth);
        if (node != PrefixTable.NONE) {
            final int bits = address << depth >>> (32 - PrefixTable.STRIDE);
            final int own = length - depth;
            paint(
                    node,
                    depth,
                    address & (int) (-1L << (32 - depth)),
                    PrefixTable.prefixesBelow(own, bits),
                    PrefixTable.childrenBelow(own, bits),
                    length > SHORT ? Integer.SIZE : SHORT);
        }
    }

    /** Paints a node's prefixes, shorter ones first, and then what is below, down to a length. */
    private void paint(
            final int node,
            final int depth,
            final int from,
            final long someOfPrefixes,
            final long someOfChildren,
            final int longest) {
        for (long left = trie.prefixes(node) & someOfPrefixes; left != 0; left &= left - 1) {
            final long bit = left & -left;
            final int place = Long.numberOfTrailingZeros(bit) + 1;
            final int own = 31 - Integer.numberOfLeadingZeros(place);
            final int length = depth + own;
            paint(from | (place - (1 << own)) << (32 - length), length, trie.value(node, bit));
        }
        final int next = depth + PrefixTable.STRIDE;
        if (next <= longest) {
            for (long left = trie.children(node) & someOfChildren; left != 0; left &= left - 1) {
                final int child = Long.numberOfTrailingZeros(left);
                paint(trie.child(node, child), next, from | child << (32 - next), -1, -1, longest);
            }
        }
    }

    /** Gives a prefix its entries, whatever was there. */
    private void paint(final int address, final int length, final int number) {
        if (length <= SHORT) {
            final int first = address >>> (32 - SHORT);
            Arrays.fill(
                    shorts, first, first + (1 << (SHORT - length)), number == PrefixTable.NONE ? NONE : hops[number]);
            return;
        }
        final int first = address >>> GROUP_BITS;
        final short entry = entry(number);
        if (length <= BITS) {
            final int end = first + (1 << (BITS - length));
            if (usedGroups > 0) {
                freeGroups(first, end);
            }
            Arrays.fill(entries, first, end, entry);
            return;
        }
        if (entries[first] >= 0) {
            entries[first] = newGroup(entries[first]);
        }
        if (entries[first] != UNKNOWN) {
            final int place = group(entries[first]) + (address & (GROUP - 1));
            Arrays.fill(groups, place, place + (1 << (32 - length)), entry);
        }
    }

    private short entry(final int number) {
        if (number == PrefixTable.NONE) {
            return EMPTY;
        }
        final int hop = hops[number];
        return hop < MOST_HOPS ? (short) (hop + 1) : UNKNOWN;
    }

    /** A group whose entries are all alike; {@link #UNKNOWN} if there are as many as there can be. */
    private short newGroup(final short content) {
        int group = freeGroup - 1;
        if (group >= 0) {
            freeGroup = groups[group << GROUP_BITS] & 0xFFFF;
        } else if (groupEnd == MOST_GROUPS) {
            return UNKNOWN;
        } else {
            group = groupEnd++;
            if (groupEnd << GROUP_BITS > groups.length) {
                groups = Arrays.copyOf(groups, Math.min(2 * groups.length, MOST_GROUPS * GROUP));
            }
        }
        usedGroups++;
        Arrays.fill(groups, group << GROUP_BITS, (group + 1) << GROUP_BITS, content);
        return (short) (group | ~GROUP_MASK);
    }

    private void freeGroups(final int first, final int end) {
        for (int i = first; i < end; i++) {
            final short entry = entries[i];
            if (entry < UNKNOWN) {
                groups[group(entry)] = (short) freeGroup;
                freeGroup = (entry & GROUP_MASK) + 1;
                usedGroups--;
            }
        }
    }
}
