package io.millrace.stack.demux;

import io.millrace.stack.random.SipHash;
import org.jspecify.annotations.Nullable;

/**
 * The flows of a shard by their 4-tuple and family: open addressing with linear probing at a load of at most one half,
 * indexed by a keyed hash. Removing moves later entries up instead of leaving marks, so that the table does not age.
 *
 * <p>Entries found of late are looked at first, at a place that their ports alone tell: those in use need no hash, and the
 * slots of a large table are not in the cache. Who chooses ports that share a place gets the hash. What was looked up last
 * is remembered with its hash, since what is not there is added next. Not thread-safe.
 */
@SuppressWarnings("ReferenceEquality") // an entry is itself, not its value
public final class FlowTable {
    private static final int MIN_CAPACITY = 16;
    private static final int RECENT = 256;

    private final SipHash hash;
    private final @Nullable FlowEntry[] recent = new FlowEntry[RECENT];
    private @Nullable FlowEntry[] entries;
    private int size;

    // What was hashed last; a family of 0 is that of no flow.
    private int hashedFamily;
    private int hashedPorts;
    private long hashedLocalHi;
    private long hashedLocalLo;
    private long hashedRemoteHi;
    private long hashedRemoteLo;
    private int hashed;

    /**
     * Makes an empty table.
     *
     * @param hash keyed by this shard's entropy
     * @param expected number of entries to make room for at once; it grows beyond
     */
    public FlowTable(final SipHash hash, final int expected) {
        this.hash = hash;
        this.entries = new FlowEntry[Math.max(MIN_CAPACITY, Integer.highestOneBit(Math.max(1, 2 * expected - 1)) << 1)];
    }

    /** Number of entries. */
    public int size() {
        return size;
    }

    /** The entry of a flow, or null. Arguments as the fields of {@link FlowEntry}. */
    public @Nullable FlowEntry find(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int ports) {
        final FlowEntry known = recent[place(ports)];
        if (known != null && known.is(family, localHi, localLo, remoteHi, remoteLo, ports)) {
            return known;
        }
        return seek(family, localHi, localLo, remoteHi, remoteLo, ports);
    }

    private @Nullable FlowEntry seek(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int ports) {
        final int key = hash(family, localHi, localLo, remoteHi, remoteLo, ports);
        final @Nullable FlowEntry[] table = entries;
        final int mask = table.length - 1;
        for (int i = key & mask; ; i = (i + 1) & mask) {
            final FlowEntry entry = table[i];
            if (entry == null) {
                return null;
            }
            if (entry.hash == key && entry.is(family, localHi, localLo, remoteHi, remoteLo, ports)) {
                recent[place(ports)] = entry;
                return entry;
            }
        }
    }

    /** Adds an entry. The caller has made sure that its flow is not in the table. */
    public void add(final FlowEntry entry) {
        if (2 * (size + 1) > entries.length) {
            grow();
        }
        entry.hash = hash(entry.family, entry.localHi, entry.localLo, entry.remoteHi, entry.remoteLo, entry.ports);
        insert(entries, entry);
        recent[place(entry.ports)] = entry;
        size++;
    }

    /** Puts {@code successor}, of the same flow, where {@code entry} is. */
    public void replace(final FlowEntry entry, final FlowEntry successor) {
        successor.hash = entry.hash;
        entries[slotOf(entry)] = successor;
        recent[place(entry.ports)] = successor;
    }

    /** Removes an entry that is in the table. */
    public void remove(final FlowEntry entry) {
        final @Nullable FlowEntry[] table = entries;
        final int mask = table.length - 1;
        int hole = slotOf(entry);
        for (int i = (hole + 1) & mask; ; i = (i + 1) & mask) {
            final FlowEntry candidate = table[i];
            if (candidate == null) {
                break;
            }
            // It may move into the hole unless its own place lies behind the hole.
            if (((i - candidate.hash) & mask) >= ((i - hole) & mask)) {
                table[hole] = candidate;
                hole = i;
            }
        }
        table[hole] = null;
        size--;
        forget(entry);
    }

    /** Copies all entries to a new array, for what must visit each, such as an orderly end. */
    public FlowEntry[] toArray() {
        final FlowEntry[] all = new FlowEntry[size];
        int i = 0;
        for (final FlowEntry entry : entries) {
            if (entry != null) {
                all[i++] = entry;
            }
        }
        return all;
    }

    private int hash(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int ports) {
        if (hashedPorts == ports
                && hashedRemoteLo == remoteLo
                && hashedLocalLo == localLo
                && hashedRemoteHi == remoteHi
                && hashedLocalHi == localHi
                && hashedFamily == family) {
            return hashed;
        }
        final long packed = ((long) family << 32) | (ports & 0xFFFF_FFFFL);
        final boolean small = (localHi | remoteHi) == 0 && (localLo | remoteLo) >>> 32 == 0;
        hashed = (int)
                (small
                        ? hash.hash((localLo << 32) | remoteLo, packed)
                        : hash.hash(localHi, localLo, remoteHi, remoteLo, packed));
        hashedFamily = family;
        hashedPorts = ports;
        hashedLocalHi = localHi;
        hashedLocalLo = localLo;
        hashedRemoteHi = remoteHi;
        hashedRemoteLo = remoteLo;
        return hashed;
    }

    /** Where an entry is among those of late: ports that follow one another, of either side, have places that do. */
    private static int place(final int ports) {
        return (ports ^ ports >>> 16) & (RECENT - 1);
    }

    private int slotOf(final FlowEntry entry) {
        final int mask = entries.length - 1;
        int i = entry.hash & mask;
        while (entries[i] != entry) {
            if (entries[i] == null) {
                throw new IllegalStateException("flow is not in the table");
            }
            i = (i + 1) & mask;
        }
        return i;
    }

    private void forget(final FlowEntry entry) {
        final int place = place(entry.ports);
        if (recent[place] == entry) {
            recent[place] = null;
        }
    }

    private void grow() {
        final @Nullable FlowEntry[] old = entries;
        final @Nullable FlowEntry[] grown = new FlowEntry[old.length * 2];
        for (final FlowEntry entry : old) {
            if (entry != null) {
                insert(grown, entry);
            }
        }
        entries = grown;
    }

    private static void insert(final @Nullable FlowEntry[] table, final FlowEntry entry) {
        final int mask = table.length - 1;
        int i = entry.hash & mask;
        while (table[i] != null) {
            i = (i + 1) & mask;
        }
        table[i] = entry;
    }
}
