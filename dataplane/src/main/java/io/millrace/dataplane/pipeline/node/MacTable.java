package io.millrace.dataplane.pipeline.node;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Where stations are: for each pair of MAC address and VLAN the port that it was last heard from. Bounded; entries that
 * were not heard of for the ageing time are forgotten, those set by hand never. Open addressing with linear probing under
 * a keyed hash, so that nobody outside can choose addresses that collide.
 *
 * <p>Not thread-safe: the graph's thread alone. Nothing but {@link #entries} allocates.
 */
public final class MacTable {
    /** What {@link #port} says of a station that is not known. */
    public static final int UNKNOWN = -1;

    /** Most entries that a table can be made for. */
    public static final int MAX_ENTRIES = 1 << 20;

    /** It was known there, and still is. */
    public static final int SAME = 0;

    /** It is new. */
    public static final int LEARNED = 1;

    /** It was known at another port. */
    public static final int MOVED = 2;

    /** It is set by hand to another port, and stays there. */
    public static final int REFUSED = 3;

    /** It is new and there is no room for it. */
    public static final int FULL = 4;

    private static final long FREE = -1;
    private static final long FOREVER = Long.MAX_VALUE;

    /**
     * A station.
     *
     * @param mac its address in the low 48 bits
     * @param vlan its VLAN, 0 for frames without one
     * @param port where it is
     * @param fixed whether it was set by hand
     * @param ageMicros how long it was not heard of; 0 if set by hand
     */
    public record Entry(long mac, int vlan, int port, boolean fixed, long ageMicros) {}

    private final int most;
    private final long[] keys;
    private final long[] heard;
    private final int[] ports;
    private final int mask;
    private final long seed;
    private long ageing;
    private int size;
    private int sweep;

    /**
     * Makes an empty table.
     *
     * @param most entries, 1 to {@link #MAX_ENTRIES}
     * @param ageingMicros how long a station is known that is not heard of, in microseconds, at least 1
     * @param random supplies the key of the hash
     * @throws IllegalArgumentException if one is out of its range
     */
    public MacTable(final int most, final long ageingMicros, final RandomGenerator random) {
        if (most < 1 || most > MAX_ENTRIES) {
            throw new IllegalArgumentException("a table of " + most + " stations; it has 1 to " + MAX_ENTRIES);
        }
        this.most = most;
        final int slots = Integer.highestOneBit(Math.max(8, most)) << 2;
        keys = new long[slots];
        Arrays.fill(keys, FREE);
        heard = new long[slots];
        ports = new int[slots];
        mask = slots - 1;
        seed = random.nextLong();
        ageing(ageingMicros);
    }

    /**
     * Changes the ageing time for all entries that were not set by hand.
     *
     * @param micros at least 1
     * @throws IllegalArgumentException if it is less
     */
    public void ageing(final long micros) {
        if (micros < 1) {
            throw new IllegalArgumentException("ageing after " + micros + " us; it takes 1 or more");
        }
        ageing = micros;
    }

    /** How long a station is known that is not heard of, in microseconds. */
    public long ageing() {
        return ageing;
    }

    /** Number of entries, those included that are old and not yet swept. */
    public int size() {
        return size;
    }

    /**
     * Notes that a station was heard from a port.
     *
     * @return {@link #SAME}, {@link #LEARNED}, {@link #MOVED}, {@link #REFUSED} or {@link #FULL}
     */
    public int learn(final long mac, final int vlan, final int port, final long nowMicros) {
        final long key = key(mac, vlan);
        final int slot = slot(key);
        if (keys[slot] == FREE) {
            if (size >= most) {
                return FULL;
            }
            put(slot, key, port, nowMicros);
            return LEARNED;
        }
        if (heard[slot] == FOREVER) {
            return ports[slot] == port ? SAME : REFUSED;
        }
        heard[slot] = nowMicros;
        if (ports[slot] == port) {
            return SAME;
        }
        ports[slot] = port;
        return MOVED;
    }

    /** The port of a station, or {@link #UNKNOWN}. */
    public int port(final long mac, final int vlan, final long nowMicros) {
        final int slot = slot(key(mac, vlan));
        return keys[slot] == FREE || isOld(slot, nowMicros) ? UNKNOWN : ports[slot];
    }

    /**
     * Sets a station by hand; it neither ages nor moves.
     *
     * @return whether there was room for it
     */
    public boolean fix(final long mac, final int vlan, final int port) {
        final long key = key(mac, vlan);
        final int slot = slot(key);
        if (keys[slot] == FREE && size >= most) {
            return false;
        }
        size += keys[slot] == FREE ? 1 : 0;
        keys[slot] = key;
        ports[slot] = port;
        heard[slot] = FOREVER;
        return true;
    }

    /** Forgets a station; returns whether it was known. */
    public boolean remove(final long mac, final int vlan) {
        final int slot = slot(key(mac, vlan));
        if (keys[slot] == FREE) {
            return false;
        }
        remove(slot);
        return true;
    }

    /** Forgets all stations that were not set by hand. */
    public void flush() {
        for (int slot = 0; slot < keys.length; slot++) {
            // Removing may move another entry here.
            while (keys[slot] != FREE && heard[slot] != FOREVER) {
                remove(slot);
            }
        }
    }

    /**
     * Forgets old entries in a part of the table, the next one each time.
     *
     * @param slots how much of it to look at
     * @return how many were forgotten
     */
    public int sweep(final int slots, final long nowMicros) {
        int forgotten = 0;
        for (int i = 0; i < slots; i++) {
            if (keys[sweep] != FREE && isOld(sweep, nowMicros)) {
                remove(sweep);
                forgotten++;
            } else {
                sweep = sweep + 1 & mask;
            }
        }
        return forgotten;
    }

    /** Slots of the table, for {@link #sweep}. */
    public int slots() {
        return keys.length;
    }

    /** All entries that are not old, by VLAN and address; a copy. */
    public List<Entry> entries(final long nowMicros) {
        final List<Entry> entries = new ArrayList<>();
        for (int slot = 0; slot < keys.length; slot++) {
            if (keys[slot] != FREE && !isOld(slot, nowMicros)) {
                final boolean fixed = heard[slot] == FOREVER;
                entries.add(new Entry(
                        keys[slot] & 0xFFFF_FFFF_FFFFL,
                        (int) (keys[slot] >>> 48),
                        ports[slot],
                        fixed,
                        fixed ? 0 : nowMicros - heard[slot]));
            }
        }
        entries.sort(Comparator.comparingInt(Entry::vlan).thenComparingLong(Entry::mac));
        return entries;
    }

    private void put(final int slot, final long key, final int port, final long now) {
        keys[slot] = key;
        ports[slot] = port;
        heard[slot] = now;
        size++;
    }

    private boolean isOld(final int slot, final long now) {
        return heard[slot] != FOREVER && now - heard[slot] > ageing;
    }

    private static long key(final long mac, final int vlan) {
        return (long) vlan << 48 | mac;
    }

    /** The slot of a key, or the free one where it belongs. Half of the slots are in use at most, so there is one. */
    private int slot(final long key) {
        int slot = home(key);
        while (keys[slot] != key && keys[slot] != FREE) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private int home(final long key) {
        long hash = (key ^ seed) * 0x9E37_79B9_7F4A_7C15L;
        hash = (hash ^ hash >>> 32) * (seed | 1);
        return (int) (hash >>> 33) & mask;
    }

    /** Frees a slot and moves those behind it that would not be found any more. */
    private void remove(final int freed) {
        int hole = freed;
        int slot = hole + 1 & mask;
        while (keys[slot] != FREE) {
            final int home = home(keys[slot]);
            // Whether the way from its home to where it is leads over the hole.
            if ((slot - home & mask) >= (slot - hole & mask)) {
                keys[hole] = keys[slot];
                heard[hole] = heard[slot];
                ports[hole] = ports[slot];
                hole = slot;
            }
            slot = slot + 1 & mask;
        }
        keys[hole] = FREE;
        size--;
    }
}
