package io.millrace.stack.route;

import io.millrace.stack.wire.IpFamily;
import java.util.Arrays;

/**
 * A faster way into a large {@link PrefixTable}: the ranges of addresses between which the answer does not change, in the
 * manner of DXR (Zec, Rizzo, Mikuc: "DXR: Towards a Billion Routing Lookups Per Second in Software", ACM SIGCOMM CCR 42(5),
 * 2012). The upper 19 bits of an address choose an entry of a direct table. That holds the answer itself, or where a short
 * sorted list of ranges lies, which is searched by halves: a look-up touches two to four cache lines.
 *
 * <p>The list of an entry is made anew from the trie when a prefix below it comes or goes; a prefix of fewer than 19 bits
 * makes all lists anew that it covers. An entry with more than {@value #MOST_RANGES} ranges holds none but {@link #ASK}, as
 * do the ranges of IPv6 networks with prefixes of more than 64 bits: the trie answers there. So no change costs more than
 * some tens of microseconds for each entry that it concerns.
 *
 * <p>The direct table takes 4 MiB. A range takes 8 bytes for IPv4, its first address and the answer in one word, and 12 for
 * IPv6, first addresses in front of the answers.
 */
final class RangeTable {
    /** The trie has the answer. */
    static final int ASK = -2;

    /** Bits of an address that choose an entry: where nodes of the trie begin. */
    static final int BITS = 19;

    /** Most look-ups of one call. */
    static final int MOST_AT_ONCE = 64;

    private static final int MOST_RANGES = 1024;
    private static final long KEY_MASK = -1L >>> BITS;

    /** Nothing is as deep: eight levels of the trie lie below an entry, each with at most six prefixes around another. */
    private static final int MOST_NESTED = 64;

    private final boolean v4;
    private final PrefixTable trie;
    private final WordBlocks blocks = new WordBlocks();

    /** For each entry the number of its ranges and where they lie (upper and lower half), or 0 and the answer. */
    private final long[] entries = new long[1 << BITS];

    // The look-ups at hand: the ranges of each list, how many of them are still in question, where those begin, and for
    // what is searched, plus one.
    private final int[] lengths = new int[MOST_AT_ONCE];
    private final int[] lefts = new int[MOST_AT_ONCE];
    private final int[] places = new int[MOST_AT_ONCE];
    private final long[] keys = new long[MOST_AT_ONCE];

    // The list at hand, and the prefixes around the address that it has come to.
    private final long[] firsts = new long[MOST_RANGES];
    private final int[] answers = new int[MOST_RANGES];
    private int count;
    private boolean tooMany;
    private final long[] ends = new long[MOST_NESTED];
    private final int[] values = new int[MOST_NESTED];
    private int nested;
    private int inherited;

    /** Makes the ranges of all prefixes. */
    RangeTable(final int family, final PrefixTable trie) {
        this.v4 = family == IpFamily.V4;
        this.trie = trie;
        Arrays.fill(entries, PrefixTable.NONE & 0xFFFF_FFFFL);
        update(0, 0);
    }

    /**
     * The number of the longest prefix that holds an address.
     *
     * @param upper the upper 64 bits of the address, or an IPv4 address in their upper half
     * @return {@link PrefixTable#NONE} if there is none but perhaps that of length 0, or {@link #ASK}
     */
    int lookup(final long upper) {
        final long entry = entries[(int) (upper >>> (64 - BITS))];
        int left = (int) (entry >>> 32);
        int at = (int) entry;
        if (left == 0) {
            return at;
        }
        final long[] words = blocks.words;
        final long key = v4 ? (upper & KEY_MASK) | 0xFFFF_FFFFL : upper & KEY_MASK;
        final int ranges = left;
        final int list = at;
        while (left > 1) {
            final int half = left >>> 1;
            // Without a branch, which nobody could predict: on by half if that range begins no later.
            at += half & (int) ((words[at + half] - key - 1) >> 63);
            left -= half;
        }
        if (v4) {
            return (int) words[at];
        }
        final int index = at - list;
        return (int) (words[list + ranges + (index >>> 1)] >>> ((index & 1) << 5));
    }

    /**
     * The numbers of the longest prefixes that hold addresses, as {@link #lookup(long)} gives one at a time. All searches
     * go on in step, so that each step's loads wait for memory together; alone, a search would hold up the next one
     * wherever the processor guesses wrong when it ends.
     *
     * @param addresses upper 64 bits, or IPv4 addresses, from index {@code from} on
     * @param count how many, at most {@value #MOST_AT_ONCE}
     * @param found receives the numbers, from index {@code from} on
     */
    void lookup(final long[] addresses, final int from, final int count, final int[] found) {
        final int shift = v4 ? Integer.SIZE : 0;
        final long low = v4 ? 0xFFFF_FFFFL : 0;
        int most = 0;
        for (int i = 0; i < count; i++) {
            final long upper = addresses[from + i] << shift;
            final long entry = entries[(int) (upper >>> (64 - BITS))];
            final int ranges = (int) (entry >>> 32);
            found[from + i] = (int) entry;
            lengths[i] = ranges;
            lefts[i] = ranges;
            // Where there is no list any place will do: it is read, and what is read is not used.
            places[i] = ranges == 0 ? 0 : (int) entry;
            keys[i] = ((upper & KEY_MASK) | low) + 1;
            most = Math.max(most, ranges);
        }
        search(count, most);
        final long[] words = blocks.words;
        for (int i = 0; i < count; i++) {
            final int ranges = lengths[i];
            final int at = places[i];
            final int list = found[from + i];
            if (v4) {
                final int answer = (int) words[at];
                found[from + i] = ranges == 0 ? list : answer;
            } else {
                final int index = ranges == 0 ? 0 : at - list;
                final int place = ranges == 0 ? 0 : list + ranges + (index >>> 1);
                final int answer = (int) (words[place] >>> ((index & 1) << 5));
                found[from + i] = ranges == 0 ? list : answer;
            }
        }
    }

    /** Searches all lists at hand by halves, the longest of which has {@code most} ranges. */
    private void search(final int count, final int most) {
        final long[] words = blocks.words;
        final int[] left = lefts;
        final int[] at = places;
        final long[] key = keys;
        for (int longest = most; longest > 1; longest -= longest >>> 1) {
            for (int i = 0; i < count; i++) {
                final int half = left[i] >>> 1;
                final int place = at[i];
                at[i] = place + (half & (int) ((words[place + half] - key[i]) >> 63));
                left[i] -= half;
            }
        }
    }

    /** Bytes of memory. */
    long bytes() {
        return 8L * (entries.length + blocks.words.length);
    }

    /** Follows a change of the trie at or below a prefix. */
    void update(final long upper, final int prefixLength) {
        final int first = (int) (upper >>> (64 - BITS));
        if (prefixLength >= BITS) {
            make(first);
            return;
        }
        final int last = first | ((1 << (BITS - prefixLength)) - 1);
        for (int entry = first & ~((1 << (BITS - prefixLength)) - 1); entry <= last; entry++) {
            make(entry);
        }
    }

    private void make(final int entry) {
        final long upper = (long) entry << (64 - BITS);
        count = 0;
        nested = 0;
        tooMany = false;
        inherited = trie.shorterThan(upper, BITS);
        add(0, inherited);
        final int node = trie.nodeAt(upper, BITS);
        if (node != PrefixTable.NONE) {
            walk(node, BITS, 0);
            leave(Long.MAX_VALUE);
        }
        final long old = entries[entry];
        final int oldLength = words((int) (old >>> 32));
        if (tooMany || count == 1) {
            blocks.resize((int) old, oldLength, 0);
            entries[entry] = (tooMany ? ASK : answers[0]) & 0xFFFF_FFFFL;
            return;
        }
        final int place = blocks.resize((int) old, oldLength, words(count));
        entries[entry] = (long) count << 32 | place;
        store(place);
    }

    private void store(final int place) {
        final long[] words = blocks.words;
        for (int i = 0; i < count; i++) {
            if (v4) {
                words[place + i] = firsts[i] | (answers[i] & 0xFFFF_FFFFL);
            } else {
                words[place + i] = firsts[i];
                final int shift = (i & 1) << 5;
                final int at = place + count + (i >>> 1);
                words[at] = (shift == 0 ? 0 : words[at]) | (answers[i] & 0xFFFF_FFFFL) << shift;
            }
        }
    }

    /** Words that a list of ranges takes. */
    private int words(final int ranges) {
        return v4 || ranges == 0 ? ranges : ranges + (ranges + 1) / 2;
    }

    /** Goes through the prefixes of a node and below, by their first address, those around before those within. */
    private void walk(final int node, final int depth, final long from) {
        final long children = trie.children(node);
        final long prefixes = trie.prefixes(node);
        long starts = children;
        for (long left = prefixes; left != 0; left &= left - 1) {
            final int bit = Long.numberOfTrailingZeros(left) + 1;
            final int length = 31 - Integer.numberOfLeadingZeros(bit);
            starts |= 1L << ((bit - (1 << length)) << (PrefixTable.STRIDE - length));
        }
        for (; starts != 0 && !tooMany; starts &= starts - 1) {
            final int start = Long.numberOfTrailingZeros(starts);
            for (int length = 0; length < PrefixTable.STRIDE; length++) {
                final int bits = start >>> (PrefixTable.STRIDE - length);
                final long bit = 1L << ((1 << length) - 1 + bits);
                if (bits << (PrefixTable.STRIDE - length) == start && (prefixes & bit) != 0) {
                    enter(from, depth, length, bits, trie.value(node, bit));
                }
            }
            if ((children & 1L << start) != 0) {
                descend(node, depth, from, start);
            }
        }
    }

    private void descend(final int node, final int depth, final long from, final int start) {
        final int next = depth + PrefixTable.STRIDE;
        if (next > 64) {
            enter(from, depth, PrefixTable.STRIDE, start, ASK);
        } else {
            walk(trie.child(node, start), next, from + ((long) start << (64 - next)));
        }
    }

    /** Takes a prefix of {@code depth + length} bits; of one of more than 64 the network of 64. */
    private void enter(final long from, final int depth, final int length, final int bits, final int value) {
        final int beyond = Math.max(0, depth + length - 64);
        final int shift = 64 - depth - length + beyond;
        final long first = from + ((long) (bits >>> beyond) << shift);
        final long end = first + (1L << shift) - 1;
        leave(first);
        if (beyond > 0 && nested > 0 && ends[nested - 1] == end && values[nested - 1] == ASK) {
            return;
        }
        ends[nested] = end;
        values[nested++] = beyond > 0 ? ASK : value;
        add(first, values[nested - 1]);
    }

    /** Ends the prefixes that end before an address. */
    private void leave(final long first) {
        while (nested > 0 && ends[nested - 1] < first) {
            final long after = ends[--nested] + 1;
            if (after <= KEY_MASK) {
                add(after, nested == 0 ? inherited : values[nested - 1]);
            }
        }
    }

    /** Begins a range, which may be that of an answer that goes on, or take the place of one that began here too. */
    private void add(final long first, final int answer) {
        if (count > 0 && firsts[count - 1] == first) {
            count--;
        }
        if (count > 0 && answers[count - 1] == answer) {
            return;
        }
        if (count == MOST_RANGES) {
            tooMany = true;
            return;
        }
        firsts[count] = first;
        answers[count++] = answer;
    }
}
