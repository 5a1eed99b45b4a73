package io.millrace.stack.route;

/**
 * A fast way from destinations to next hops in a large table of routes: made from a {@link PrefixTable}, which remains
 * what is true, and kept in step with it. It does not know of the prefix of length 0.
 */
interface HopTable {
    /** There is no next hop but perhaps that of the prefix of length 0. */
    int NONE = PrefixTable.NONE;

    /** {@link PrefixTable#lookup} has the answer. */
    int ASK = -2;

    /** Where the next hop of a destination is, or {@link #NONE} or {@link #ASK}. */
    int lookup(long hi, long lo);

    /**
     * The same for a burst, so that loads wait for memory together.
     *
     * @param his upper halves of the destinations
     * @param los lower halves
     * @param count how many, from index 0 on
     * @param found receives the answers
     * @return whether all are next hops: not negative
     */
    boolean lookup(long[] his, long[] los, int count, int[] found);

    /**
     * Follows a change of the trie.
     *
     * @param prefixLength 1 or more
     * @param hops the next hop of each of the trie's numbers
     */
    void update(long hi, long lo, int prefixLength, int[] hops);

    /** Bytes of memory. */
    long bytes();
}
