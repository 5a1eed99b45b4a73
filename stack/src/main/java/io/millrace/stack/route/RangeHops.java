package io.millrace.stack.route;

import java.util.Arrays;

/**
 * Next hops of IPv6 destinations: the ranges of addresses between which the answer does not change, in the manner of DXR
 * (Zec, Rizzo, Mikuc: "DXR: Towards a Billion Routing Lookups Per Second in Software", ACM SIGCOMM CCR 42(5), 2012). The
 * upper 19 bits of an address choose an entry, which holds the answer or says where a short sorted list of ranges lies,
 * which is searched by halves. A range is one word, its first address and its next hop. More bits for the entries make
 * the lists shorter, but entries lie further apart then: a trial with 25 bits was slower.
 *
 * <p>Prefixes of 19 to 64 bits are in lists. Shorter ones are painted over entries, and each list has in front of its
 * ranges what is around them, so that a change of a short prefix makes no list anew. A list is made anew from the trie
 * when a prefix below it comes or goes, which takes some microseconds; one of more than {@value #MOST_RANGES} ranges
 * holds none but {@link #ASK}, as do the networks with prefixes of more than 64 bits.
 *
 * <p>The entries take 4 MiB, and a range eight bytes.
 */
final class RangeHops implements HopTable {
    /** Bits of an address that choose an entry: where nodes of the trie begin. */
    private static final int BITS = 19;

    /** Most look-ups that are carried out in step. */
    private static final int MOST_AT_ONCE = 64;

    private static final int MOST_RANGES = 1024;
    private static final long KEY_MASK = -1L >>> BITS;

    // A word has an answer, plus three, in its lower bits, and if it is a range's the first address above, of which the
    // number of the entry is left out. An entry with a list has where that begins instead, and the number of ranges
    // above. The first word of a list has what is around its ranges.
    private static final int ANSWER_BITS = 18;
    private static final int ANSWER_MASK = (1 << ANSWER_BITS) - 1;

    /** What is around the list. */
    private static final int AROUND = -3;

    /** Nothing is as deep: eight levels of the trie lie below an entry, each with at most six prefixes around another. */
    private static final int MOST_NESTED = 64;

    private final PrefixTable trie;
    private final WordBlocks blocks = new WordBlocks();

    private final long[] entries = new long[1 << BITS];

    // The look-ups at hand: what list each has, how many of its ranges are still in question, where those begin, and
    // for what is searched, plus one.
    private final int[] lists = new int[MOST_AT_ONCE];
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

    private int[] hops;

    /** Makes the table of all prefixes. */
    RangeHops(final PrefixTable trie, final int[] hops) {
        this.trie = trie;
        this.hops = hops;
        Arrays.fill(entries, word(NONE));
        for (int half = 0; half < 2; half++) {
            update((long) half << 63, 0, 1, hops);
            makeLists(trie.nodeAt((long) half << 63, 1), 1, (long) half << 63);
        }
    }

    @Override
    public int lookup(final long hi, final long lo) {
        final long entry = entries[(int) (hi >>> (64 - BITS))];
        int left = (int) (entry >>> 32);
        if (left == 0) {
            return answer(entry);
        }
        final long[] words = blocks.words;
        final int list = (int) entry;
        final long key = key(hi);
        int at = list + 1;
        while (left > 1) {
            final int half = left >>> 1;
            at += half & (int) ((words[at + half] - key) >> 63);
            left -= half;
        }
        final int found = answer(words[at]);
        return found == AROUND ? answer(words[list]) : found;
    }

    /**
     * {@inheritDoc}
     *
     * <p>All searches go on in step: alone, a search would hold up the next one wherever the processor guesses wrong when
     * it ends.
     */
    @Override
    public boolean lookup(final long[] his, final long[] los, final int number, final int[] found) {
        int worst = 0;
        for (int from = 0; from < number; from += MOST_AT_ONCE) {
            worst |= lookup(his, from, Math.min(number - from, MOST_AT_ONCE), found);
        }
        return worst >= 0;
    }

    private int lookup(final long[] his, final int from, final int number, final int[] found) {
        final long[] words = blocks.words;
        int most = 0;
        for (int i = 0; i < number; i++) {
            final long hi = his[from + i];
            final long entry = entries[(int) (hi >>> (64 - BITS))];
            final int ranges = (int) (entry >>> 32);
            found[from + i] = answer(entry);
            // Where there is no list any place will do: it is read, and what is read is not used.
            lists[i] = ranges == 0 ? 0 : (int) entry;
            places[i] = ranges == 0 ? 0 : (int) entry + 1;
            lefts[i] = ranges;
            keys[i] = key(hi);
            most = Math.max(most, ranges);
        }
        search(number, most);
        int worst = 0;
        for (int i = 0; i < number; i++) {
            final int inList = answer(words[places[i]]);
            final int answer = lists[i] == 0 ? found[from + i] : inList;
            found[from + i] = answer;
            worst |= answer;
        }
        return worst >= 0 ? 0 : around(from, number, found);
    }

    /** Searches all lists at hand by halves, the longest of which has {@code most} ranges. */
    private void search(final int number, final int most) {
        final long[] words = blocks.words;
        final int[] left = lefts;
        final int[] at = places;
        final long[] key = keys;
        for (int longest = most; longest > 1; longest -= longest >>> 1) {
            for (int i = 0; i < number; i++) {
                final int half = left[i] >>> 1;
                final int place = at[i];
                // Without a branch, which nobody could predict: on by half if that range begins no later.
                at[i] = place + (half & (int) ((words[place + half] - key[i]) >> 63));
                left[i] -= half;
            }
        }
    }

    private int around(final int from, final int number, final int[] found) {
        int worst = 0;
        for (int i = 0; i < number; i++) {
            if (found[from + i] == AROUND) {
                found[from + i] = answer(blocks.words[lists[i]]);
            }
            worst |= found[from + i];
        }
        return worst;
    }

    /** What a range's word must be less than to begin no later than an address. */
    private static long key(final long hi) {
        return ((hi & KEY_MASK) << ANSWER_BITS | ANSWER_MASK) + 1;
    }

    private static int answer(final long word) {
        return (int) (word & ANSWER_MASK) + AROUND;
    }

    private static int word(final int answer) {
        return answer - AROUND <= ANSWER_MASK ? answer - AROUND : ASK - AROUND;
    }

    @Override
    public long bytes() {
        return 8L * (entries.length + blocks.words.length);
    }

    @Override
    public void update(final long hi, final long lo, final int prefixLength, final int[] newHops) {
        hops = newHops;
        if (prefixLength >= BITS) {
            make(hi);
        } else {
            paint(hi & -1L << (64 - prefixLength), prefixLength);
        }
    }

    /** Gives a prefix of fewer than {@link #BITS} its entries, and then those within it theirs. */
    private void paint(final long hi, final int length) {
        final int around = trie.longest(hi, 1, length);
        paint(hi, length, word(around == PrefixTable.NONE ? NONE : hops[around]));
        final int depth = PrefixTable.nodeDepth(length);
        final int node = trie.nodeAt(hi, depth);
        if (node != PrefixTable.NONE) {
            final int bits = (int) (hi << depth >>> (64 - PrefixTable.STRIDE));
            final int own = length - depth;
            paint(
                    node,
                    depth,
                    hi & -1L << (64 - depth),
                    PrefixTable.prefixesBelow(own, bits),
                    PrefixTable.childrenBelow(own, bits));
        }
    }

    private void paint(
            final int node, final int depth, final long from, final long someOfPrefixes, final long someOfChildren) {
        for (long left = trie.prefixes(node) & someOfPrefixes; left != 0; left &= left - 1) {
            final long bit = left & -left;
            final int place = Long.numberOfTrailingZeros(bit) + 1;
            final int own = 31 - Integer.numberOfLeadingZeros(place);
            final int length = depth + own;
            paint(from | (long) (place - (1 << own)) << (64 - length), length, word(hops[trie.value(node, bit)]));
        }
        final int next = depth + PrefixTable.STRIDE;
        if (next < BITS) {
            for (long left = trie.children(node) & someOfChildren; left != 0; left &= left - 1) {
                final int child = Long.numberOfTrailingZeros(left);
                paint(trie.child(node, child), next, from | (long) child << (64 - next), -1, -1);
            }
        }
    }

    private void paint(final long hi, final int length, final int word) {
        final int first = (int) (hi >>> (64 - BITS));
        final int end = first + (1 << (BITS - length));
        for (int i = first; i < end; i++) {
            if (entries[i] >>> 32 == 0) {
                entries[i] = word;
            } else {
                blocks.words[(int) entries[i]] = word;
            }
        }
    }

    private void makeLists(final int node, final int depth, final long from) {
        if (node == PrefixTable.NONE || depth == BITS) {
            if (node != PrefixTable.NONE) {
                make(from);
            }
            return;
        }
        final int next = depth + PrefixTable.STRIDE;
        for (long left = trie.children(node); left != 0; left &= left - 1) {
            final int child = Long.numberOfTrailingZeros(left);
            makeLists(trie.child(node, child), next, from | (long) child << (64 - next));
        }
    }

    /** Makes the list of the entry that holds an address. */
    private void make(final long hi) {
        final int at = (int) (hi >>> (64 - BITS));
        final long old = entries[at];
        final int oldRanges = (int) (old >>> 32);
        final long around = oldRanges == 0 ? old : blocks.words[(int) old];
        final int node = trie.nodeAt(hi, BITS);
        if (node == PrefixTable.NONE) {
            blocks.resize((int) old, oldRanges == 0 ? 0 : oldRanges + 1, 0);
            entries[at] = around;
            return;
        }
        collect(node);
        final int list = blocks.resize((int) old, oldRanges == 0 ? 0 : oldRanges + 1, count + 1);
        entries[at] = (long) count << 32 | list;
        blocks.words[list] = around;
        for (int i = 0; i < count; i++) {
            blocks.words[list + 1 + i] = firsts[i] << ANSWER_BITS | word(answers[i]);
        }
    }

    /** Collects the ranges of a node at the depth of entries. */
    private void collect(final int node) {
        count = 0;
        nested = 0;
        tooMany = false;
        add(0, AROUND);
        walk(node, BITS, 0);
        leave(Long.MAX_VALUE);
        if (tooMany) {
            count = 0;
            tooMany = false;
            add(0, ASK);
        }
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
                    enter(from, depth, length, bits, hops[trie.value(node, bit)]);
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
                add(after, nested == 0 ? AROUND : values[nested - 1]);
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
