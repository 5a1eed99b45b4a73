package io.millrace.stack.iface.fragment;

import io.millrace.stack.random.SipHash;
import io.millrace.stack.wire.IpFamily;

/**
 * How much memory each source of fragments uses, and which of its datagrams is the oldest. A source is an IPv4 address or
 * an IPv6 /64, since whoever has one address of that has them all. There is one for each datagram at most.
 */
final class FragmentSources {
    /** No source. */
    static final int NONE = -1;

    private final SipHash hash;
    private final SlotTable table;
    private final IndexLists datagrams;
    private final long[] prefix;
    private final int[] family;
    private final int[] chunks;
    private final int[] count;
    private final int[] nextFree;
    private int free;

    FragmentSources(final int capacity, final SipHash hash) {
        this.hash = hash;
        table = new SlotTable(capacity);
        datagrams = new IndexLists(capacity, capacity);
        prefix = new long[capacity];
        family = new int[capacity];
        chunks = new int[capacity];
        count = new int[capacity];
        nextFree = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            nextFree[i] = i + 1 < capacity ? i + 1 : NONE;
        }
    }

    /** The source that an address belongs to; {@link #NONE} if nothing is held of it. */
    int find(final int ofFamily, final long hi, final long lo) {
        final long key = ofFamily == IpFamily.V4 ? lo : hi;
        int slot = table.first((int) hash.hash(key, ofFamily));
        int source = table.entry(slot);
        while (source != SlotTable.NONE && (prefix[source] != key || family[source] != ofFamily)) {
            slot = table.next(slot);
            source = table.entry(slot);
        }
        return source;
    }

    /** Notes a new datagram and sets its source. */
    void open(final Datagram datagram) {
        int source = find(datagram.family, datagram.srcHi, datagram.srcLo);
        if (source == NONE) {
            source = free;
            free = nextFree[source];
            prefix[source] = datagram.family == IpFamily.V4 ? datagram.srcLo : datagram.srcHi;
            family[source] = datagram.family;
            chunks[source] = 0;
            count[source] = 0;
            table.add((int) hash.hash(prefix[source], family[source]), source);
        }
        datagram.source = source;
        count[source]++;
        datagrams.append(source, datagram.index);
    }

    /** Notes the end of a datagram that holds no chunks any more. */
    void close(final Datagram datagram) {
        final int source = datagram.source;
        datagrams.remove(source, datagram.index);
        if (--count[source] == 0) {
            table.remove((int) hash.hash(prefix[source], family[source]), source);
            nextFree[source] = free;
            free = source;
        }
    }

    /** Notes that a source holds more chunks, or less. */
    void add(final int source, final int number) {
        chunks[source] += number;
    }

    /** Datagrams that a source has. */
    int datagrams(final int source) {
        return count[source];
    }

    /** Chunks that a source holds. */
    int chunks(final int source) {
        return chunks[source];
    }

    /** Index of a source's oldest datagram. */
    int oldest(final int source) {
        return datagrams.first(source);
    }
}
