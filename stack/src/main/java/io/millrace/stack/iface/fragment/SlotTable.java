package io.millrace.stack.iface.fragment;

import java.util.Arrays;

/**
 * A hash table of entries that lie elsewhere, in arrays: open addressing with linear probing, kept without gaps by moving
 * entries back. The caller compares keys.
 */
final class SlotTable {
    /** No entry. */
    static final int NONE = -1;

    private final int[] entries;
    private final int[] hashes;
    private final int mask;

    /** Makes a table for so many entries, at most half full then. */
    SlotTable(final int capacity) {
        final int size = Integer.highestOneBit(Math.max(1, capacity)) << 2;
        entries = new int[size];
        hashes = new int[size];
        mask = size - 1;
        Arrays.fill(entries, NONE);
    }

    /** The slot where a search for a hash begins. */
    int first(final int hash) {
        return hash & mask;
    }

    /** The slot where a search goes on. */
    int next(final int slot) {
        return (slot + 1) & mask;
    }

    /** The entry in a slot; {@link #NONE} ends a search. */
    int entry(final int slot) {
        return entries[slot];
    }

    /** Whether the entry in a slot has a hash. */
    boolean has(final int slot, final int hash) {
        return hashes[slot] == hash;
    }

    /** Adds an entry. */
    void add(final int hash, final int entry) {
        int slot = first(hash);
        while (entries[slot] != NONE) {
            slot = next(slot);
        }
        entries[slot] = entry;
        hashes[slot] = hash;
    }

    /** Removes an entry that is there. */
    void remove(final int hash, final int entry) {
        int gap = first(hash);
        while (entries[gap] != entry) {
            gap = next(gap);
        }
        for (int slot = next(gap); entries[slot] != NONE; slot = next(slot)) {
            // An entry may move into the gap unless its search begins behind the gap.
            if (((slot - hashes[slot]) & mask) >= ((slot - gap) & mask)) {
                entries[gap] = entries[slot];
                hashes[gap] = hashes[slot];
                gap = slot;
            }
        }
        entries[gap] = NONE;
    }
}
