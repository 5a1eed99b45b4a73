package io.millrace.stack.route;

import io.millrace.stack.wire.IpFamily;
import java.util.Arrays;

/**
 * Maps prefixes of one address family to numbers and finds the longest one that holds an address.
 *
 * <p>This is a Tree Bitmap (Eatherton, Varghese, Dittia: "Tree Bitmap: Hardware/Software IP Lookups with Incremental
 * Updates", ACM SIGCOMM CCR 34(2), 2004): a trie of which each node covers six bits. A node has one bit for each of the
 * 63 prefixes that end within it and one for each of its 64 children; the numbers of its prefixes, and its children,
 * lie side by side in their order, so a place among them is a population count and a node takes 24 bytes. Prefixes are
 * not pushed down to leaves as in DIR-24-8 (Gupta, Lin, McKeown 1998) or Poptrie (Asai, Ohara 2015): adding or removing
 * one changes one node and the way to it, and a table of two routes takes 200 bytes instead of 64 MiB. Nodes begin at
 * bits 1, 7, 13 and so on, not at 0, so that the most frequent length, 24, ends within a node that its 31 neighbours
 * share.
 *
 * <p>A look-up reads at most 6 nodes for IPv4 and 22 for IPv6, in practice 4 and 8, and allocates nothing. A million
 * prefixes with the lengths of the Internet's table, but spread evenly, which is worse, take 35 MB for IPv4 and 60 MB for
 * IPv6; see {@link #bytes()}.
 *
 * <p>Addresses are in the form that {@link IpFamily} describes. Bits behind a prefix do not matter. Not thread-safe: not
 * even reading while another thread writes.
 */
public final class PrefixTable {
    /** There is no prefix; numbers in the table are never negative. */
    public static final int NONE = -1;

    /** Bits that a node covers. */
    static final int STRIDE = 6;

    private static final int NODE_WORDS = 3;
    private static final int MAX_DEPTH = 22;

    // Words of a node: children, prefixes, and where both lie (children in the upper half).
    private static final int PREFIXES = 1;
    private static final int PLACES = 2;

    /** The prefixes within a node that hold what follows in an address, by its next five bits. */
    private static final long[] MATCHES = new long[32];

    static {
        for (int bits = 0; bits < 32; bits++) {
            for (int length = 0; length < STRIDE; length++) {
                MATCHES[bits] |= 1L << prefixBit(length, bits >>> (STRIDE - 1 - length));
            }
        }
    }

    private final int family;
    private final int maxLength;
    private final WordBlocks blocks = new WordBlocks();

    /** The node for each value of the first bit. */
    private final int roots = blocks.allocate(2 * NODE_WORDS);

    private final int[] path = new int[MAX_DEPTH + 1];
    private int whole = NONE;
    private int size;

    /**
     * Makes an empty one.
     *
     * @param family {@link IpFamily#V4} or {@link IpFamily#V6}
     */
    public PrefixTable(final int family) {
        this.family = family;
        this.maxLength = family == IpFamily.V4 ? 32 : 128;
        Arrays.fill(blocks.words, roots, roots + 2 * NODE_WORDS, 0);
    }

    /** Number of prefixes. */
    public int size() {
        return size;
    }

    /** Bytes of memory that the table takes, free space for further prefixes included. */
    public long bytes() {
        return (long) blocks.words.length * Long.BYTES;
    }

    /** The number of the longest prefix that holds an address, or {@link #NONE}. */
    public int lookup(final long hi, final long lo) {
        final long[] words = blocks.words;
        long upper = family == IpFamily.V4 ? lo << 32 : hi;
        long lower = family == IpFamily.V4 ? 0 : lo;
        int node = roots + (int) (upper >>> 63) * NODE_WORDS;
        upper = upper << 1 | lower >>> 63;
        lower <<= 1;
        int best = NONE;
        long matches = 0;
        while (true) {
            final int bits = (int) (upper >>> (64 - STRIDE));
            final long here = words[node + PREFIXES] & MATCHES[bits >>> 1];
            if (here != 0) {
                best = node;
                matches = here;
            }
            final long children = words[node];
            final long child = 1L << bits;
            if ((children & child) == 0) {
                break;
            }
            node = (int) (words[node + PLACES] >>> 32) + NODE_WORDS * Long.bitCount(children & (child - 1));
            upper = upper << STRIDE | lower >>> (64 - STRIDE);
            lower <<= STRIDE;
        }
        return best == NONE ? whole : value(words, best, Long.highestOneBit(matches));
    }

    /**
     * The number of the longest prefix of at most {@code longest} bits that holds an address, or {@link #NONE}. With a
     * length less than that of one match, this gives the next one.
     *
     * @param longest prefix length; a negative one finds nothing
     */
    public int lookup(final long hi, final long lo, final int longest) {
        if (longest < 0) {
            return NONE;
        }
        final int found = search(hi, lo, 1, longest);
        return found == NONE ? whole : found;
    }

    /** The same, without the prefix of length 0. */
    private int search(final long hi, final long lo, final int shortest, final int longest) {
        final long[] words = blocks.words;
        int best = NONE;
        long matches = 0;
        int node = root(hi, lo);
        for (int depth = 1; depth <= longest; depth += STRIDE) {
            final int bits = bits(hi, lo, depth);
            long here = words[node + PREFIXES] & MATCHES[bits >>> 1];
            if (longest - depth < STRIDE - 1) {
                here &= (1L << prefixBit(longest - depth + 1, 0)) - 1;
            }
            if (here != 0 && depth >= shortest) {
                best = node;
                matches = here;
            }
            if ((words[node] & 1L << bits) == 0) {
                break;
            }
            node = child(words, node, bits);
        }
        return best == NONE ? NONE : value(words, best, Long.highestOneBit(matches));
    }

    /** The number of exactly this prefix, or {@link #NONE}. */
    public int get(final long hi, final long lo, final int prefixLength) {
        check(prefixLength);
        if (prefixLength == 0) {
            return whole;
        }
        final long[] words = blocks.words;
        int node = root(hi, lo);
        int depth = 1;
        for (; depth + STRIDE <= prefixLength; depth += STRIDE) {
            final int bits = bits(hi, lo, depth);
            if ((words[node] & 1L << bits) == 0) {
                return NONE;
            }
            node = child(words, node, bits);
        }
        final long bit = 1L << prefixBit(hi, lo, depth, prefixLength);
        return (words[node + PREFIXES] & bit) == 0 ? NONE : value(words, node, bit);
    }

    /**
     * Adds a prefix, or gives it another number.
     *
     * @param value its number, not negative
     * @return the number that it had, or {@link #NONE}
     * @throws IllegalArgumentException if the number is negative
     */
    public int put(final long hi, final long lo, final int prefixLength, final int value) {
        check(prefixLength);
        if (value < 0) {
            throw new IllegalArgumentException("number " + value + "; it is 0 or more");
        }
        if (prefixLength == 0) {
            final int old = whole;
            whole = value;
            size += old == NONE ? 1 : 0;
            return old;
        }
        int node = root(hi, lo);
        int depth = 1;
        for (; depth + STRIDE <= prefixLength; depth += STRIDE) {
            final int bits = bits(hi, lo, depth);
            if ((blocks.words[node] & 1L << bits) == 0) {
                addChild(node, bits);
            }
            node = child(blocks.words, node, bits);
        }
        final long bit = 1L << prefixBit(hi, lo, depth, prefixLength);
        final boolean there = (blocks.words[node + PREFIXES] & bit) != 0;
        final int old = there ? replace(node, bit, value) : NONE;
        if (!there) {
            addValue(node, bit, value);
            size++;
        }
        return old;
    }

    // For tables of next hops, which take an address's upper 64 bits, an IPv4 address in their upper half.

    /**
     * The number of the longest prefix that holds an address, or {@link #NONE}.
     *
     * @param shortest its least length, with which nodes begin
     * @param longest its greatest length
     */
    int longest(final long upper, final int shortest, final int longest) {
        return family == IpFamily.V4 ? search(0, upper >>> 32, shortest, longest) : search(upper, 0, shortest, longest);
    }

    /** The node that begins behind so many bits of an address, or {@link #NONE}. */
    int nodeAt(final long upper, final int bits) {
        final long hi = family == IpFamily.V4 ? 0 : upper;
        final long lo = family == IpFamily.V4 ? upper >>> 32 : 0;
        int node = root(hi, lo);
        for (int depth = 1; depth < bits; depth += STRIDE) {
            final int next = bits(hi, lo, depth);
            if ((blocks.words[node] & 1L << next) == 0) {
                return NONE;
            }
            node = child(blocks.words, node, next);
        }
        return node;
    }

    /** The depth of the node in which prefixes of a length end, 1 or more. */
    static int nodeDepth(final int prefixLength) {
        return 1 + (prefixLength - 1) / STRIDE * STRIDE;
    }

    /**
     * Which places of a node's prefixes are for longer ones within one that ends there, of {@code length} of the bits.
     */
    static long prefixesBelow(final int length, final int bits) {
        long below = 0;
        for (int longer = length + 1; longer < STRIDE; longer++) {
            final int first = bits >>> (STRIDE - longer) & -1 << (longer - length);
            below |= ((1L << (1 << (longer - length))) - 1) << prefixBit(longer, first);
        }
        return below;
    }

    /** Which children of a node are within a prefix that ends there, of {@code length} of the bits. */
    static long childrenBelow(final int length, final int bits) {
        final int number = 1 << (STRIDE - length);
        return -1L >>> (Long.SIZE - number) << (bits & -number);
    }

    /** Which children a node has. */
    long children(final int node) {
        return blocks.words[node];
    }

    /** Which prefixes end in a node: the bit of each is its bits behind a one, less one. */
    long prefixes(final int node) {
        return blocks.words[node + PREFIXES];
    }

    /** The number of the prefix of a bit. */
    int value(final int node, final long bit) {
        return value(blocks.words, node, bit);
    }

    /** The child of a node for the next bits. */
    int child(final int node, final int bits) {
        return child(blocks.words, node, bits);
    }

    /**
     * Removes a prefix.
     *
     * @return the number that it had, or {@link #NONE} if it was not there
     */
    public int remove(final long hi, final long lo, final int prefixLength) {
        final int old = get(hi, lo, prefixLength);
        if (old == NONE) {
            return NONE;
        }
        size--;
        if (prefixLength == 0) {
            whole = NONE;
            return old;
        }
        int level = 0;
        int node = root(hi, lo);
        int depth = 1;
        for (; depth + STRIDE <= prefixLength; depth += STRIDE) {
            path[level++] = node;
            node = child(blocks.words, node, bits(hi, lo, depth));
        }
        removeValue(node, 1L << prefixBit(hi, lo, depth, prefixLength));
        // Nodes that hold nothing any more go, from below.
        while (level > 0 && (blocks.words[node] | blocks.words[node + PREFIXES]) == 0) {
            depth -= STRIDE;
            node = path[--level];
            removeChild(node, bits(hi, lo, depth));
        }
        return old;
    }

    private int root(final long hi, final long lo) {
        final boolean one = family == IpFamily.V4 ? lo >>> 31 != 0 : hi < 0;
        return one ? roots + NODE_WORDS : roots;
    }

    /** Six bits of an address from {@code depth} on; zeros behind its end. */
    private int bits(final long hi, final long lo, final int depth) {
        final long upper = family == IpFamily.V4 ? lo << 32 : hi;
        final long lower = family == IpFamily.V4 ? 0 : lo;
        if (depth >= 64) {
            return (int) (lower << (depth - 64) >>> (64 - STRIDE));
        }
        return (int) ((upper << depth | lower >>> (64 - depth)) >>> (64 - STRIDE));
    }

    private int prefixBit(final long hi, final long lo, final int depth, final int prefixLength) {
        final int length = prefixLength - depth;
        return prefixBit(length, bits(hi, lo, depth) >>> (STRIDE - length));
    }

    /** Place among a node's prefixes: shorter ones first. */
    private static int prefixBit(final int length, final int bits) {
        return (1 << length) - 1 + bits;
    }

    private static int child(final long[] words, final int node, final int bits) {
        return (int) (words[node + PLACES] >>> 32) + NODE_WORDS * Long.bitCount(words[node] & ((1L << bits) - 1));
    }

    private static int value(final long[] words, final int node, final long bit) {
        final int index = Long.bitCount(words[node + PREFIXES] & (bit - 1));
        return value(words, (int) words[node + PLACES], index);
    }

    /** Two numbers share a word. */
    private static int value(final long[] words, final int place, final int index) {
        return (int) (words[place + (index >>> 1)] >>> ((index & 1) << 5));
    }

    private static void value(final long[] words, final int place, final int index, final int value) {
        final int shift = (index & 1) << 5;
        final int at = place + (index >>> 1);
        words[at] = (words[at] & ~(0xFFFF_FFFFL << shift)) | (value & 0xFFFF_FFFFL) << shift;
    }

    private int replace(final int node, final long bit, final int value) {
        final long[] words = blocks.words;
        final int index = Long.bitCount(words[node + PREFIXES] & (bit - 1));
        final int place = (int) words[node + PLACES];
        final int old = value(words, place, index);
        value(words, place, index, value);
        return old;
    }

    private void addChild(final int node, final int bits) {
        final long children = blocks.words[node];
        final int count = Long.bitCount(children);
        final int index = Long.bitCount(children & ((1L << bits) - 1));
        final int place =
                blocks.resize((int) (blocks.words[node + PLACES] >>> 32), count * NODE_WORDS, (count + 1) * NODE_WORDS);
        final long[] words = blocks.words;
        final int at = place + index * NODE_WORDS;
        System.arraycopy(words, at, words, at + NODE_WORDS, (count - index) * NODE_WORDS);
        Arrays.fill(words, at, at + NODE_WORDS, 0);
        words[node] = children | 1L << bits;
        words[node + PLACES] = (long) place << 32 | (words[node + PLACES] & 0xFFFF_FFFFL);
    }

    private void removeChild(final int node, final int bits) {
        final long[] words = blocks.words;
        final long children = words[node];
        final int count = Long.bitCount(children);
        final int index = Long.bitCount(children & ((1L << bits) - 1));
        final int place = (int) (words[node + PLACES] >>> 32);
        final int at = place + index * NODE_WORDS;
        System.arraycopy(words, at + NODE_WORDS, words, at, (count - index - 1) * NODE_WORDS);
        final int moved = blocks.resize(place, count * NODE_WORDS, (count - 1) * NODE_WORDS);
        blocks.words[node] = children & ~(1L << bits);
        blocks.words[node + PLACES] = (long) moved << 32 | (blocks.words[node + PLACES] & 0xFFFF_FFFFL);
    }

    private void addValue(final int node, final long bit, final int value) {
        final long prefixes = blocks.words[node + PREFIXES];
        final int count = Long.bitCount(prefixes);
        final int index = Long.bitCount(prefixes & (bit - 1));
        final int place = blocks.resize((int) blocks.words[node + PLACES], valueWords(count), valueWords(count + 1));
        final long[] words = blocks.words;
        for (int i = count; i > index; i--) {
            value(words, place, i, value(words, place, i - 1));
        }
        value(words, place, index, value);
        words[node + PREFIXES] = prefixes | bit;
        words[node + PLACES] = (words[node + PLACES] & 0xFFFF_FFFFL << 32) | place;
    }

    private void removeValue(final int node, final long bit) {
        final long[] words = blocks.words;
        final long prefixes = words[node + PREFIXES];
        final int count = Long.bitCount(prefixes);
        final int place = (int) words[node + PLACES];
        for (int i = Long.bitCount(prefixes & (bit - 1)); i < count - 1; i++) {
            value(words, place, i, value(words, place, i + 1));
        }
        final int moved = blocks.resize(place, valueWords(count), valueWords(count - 1));
        blocks.words[node + PREFIXES] = prefixes & ~bit;
        blocks.words[node + PLACES] = (blocks.words[node + PLACES] & 0xFFFF_FFFFL << 32) | moved;
    }

    private static int valueWords(final int count) {
        return (count + 1) >>> 1;
    }

    private void check(final int prefixLength) {
        if (prefixLength < 0 || prefixLength > maxLength) {
            throw new IllegalArgumentException("prefix length " + prefixLength + "; it is 0 to " + maxLength);
        }
    }
}
