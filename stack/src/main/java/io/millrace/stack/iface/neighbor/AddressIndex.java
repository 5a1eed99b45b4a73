package io.millrace.stack.iface.neighbor;

import io.millrace.stack.random.Entropy;
import java.util.Arrays;

/**
 * Gives each of a bounded number of addresses of one family an index from 0 on, and finds it again: a hash table with
 * chains, keyed so that nobody outside can choose addresses that share one.
 */
final class AddressIndex {
    /** No index. */
    static final int NONE = -1;

    private final long[] addresses; // hi and lo in turn
    private final int[] buckets;
    private final int[] chain; // the next entry in the bucket, or the next free one
    private final long seedHi;
    private final long seedLo;
    private int free;
    private int size;

    /** Makes an empty one for {@code capacity} addresses. */
    AddressIndex(final int capacity, final Entropy entropy) {
        addresses = new long[2 * capacity];
        chain = new int[capacity];
        buckets = new int[Integer.highestOneBit(capacity * 2 - 1)];
        seedHi = entropy.nextLong();
        seedLo = entropy.nextLong();
        Arrays.fill(buckets, NONE);
        for (int i = 0; i < capacity; i++) {
            chain[i] = i + 1 < capacity ? i + 1 : NONE;
        }
    }

    /** The index of an address, or {@link #NONE}. */
    int find(final long hi, final long lo) {
        int entry = buckets[bucket(hi, lo)];
        while (entry != NONE && (lo(entry) != lo || hi(entry) != hi)) {
            entry = chain[entry];
        }
        return entry;
    }

    /** Whether no address more fits in. */
    boolean full() {
        return free == NONE;
    }

    /** Number of addresses. */
    int size() {
        return size;
    }

    /** Adds an address that is not there, to an index that is not full. Returns its index. */
    int add(final long hi, final long lo) {
        final int entry = free;
        free = chain[entry];
        addresses[2 * entry] = hi;
        addresses[2 * entry + 1] = lo;
        final int bucket = bucket(hi, lo);
        chain[entry] = buckets[bucket];
        buckets[bucket] = entry;
        size++;
        return entry;
    }

    /** Removes the address of an index. */
    void remove(final int entry) {
        final int bucket = bucket(hi(entry), lo(entry));
        if (buckets[bucket] == entry) {
            buckets[bucket] = chain[entry];
        } else {
            int previous = buckets[bucket];
            while (chain[previous] != entry) {
                previous = chain[previous];
            }
            chain[previous] = chain[entry];
        }
        chain[entry] = free;
        free = entry;
        size--;
    }

    /** Upper half of an index's address. */
    long hi(final int entry) {
        return addresses[2 * entry];
    }

    /** Lower half of an index's address. */
    long lo(final int entry) {
        return addresses[2 * entry + 1];
    }

    private int bucket(final long hi, final long lo) {
        long mixed = (hi ^ seedHi) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 32) ^ lo ^ seedLo) * 0xD6E8FEB86659FD93L;
        return (int) (mixed >>> 33) & (buckets.length - 1);
    }
}
