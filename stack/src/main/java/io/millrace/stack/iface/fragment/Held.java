package io.millrace.stack.iface.fragment;

import io.millrace.stack.random.SipHash;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv6ExtensionView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The datagrams that are being put together, in order of age for each family, and the memory of their fragments. */
final class Held {
    private static final int AGE_V4 = 0;
    private static final int AGE_V6 = 1;

    final FragmentStore store;
    final SlotTable table;
    final FragmentSources sources;
    final Datagram[] datagrams;
    private final IndexLists ages;
    private final int[] free;
    private final int chunks;
    private int freeCount;

    Held(final ReassemblyLimits limits, final SipHash sourceHash) {
        final int capacity = limits.datagrams();
        store = new FragmentStore(limits.bytes());
        chunks = store.available();
        table = new SlotTable(capacity);
        sources = new FragmentSources(capacity, sourceHash);
        datagrams = new Datagram[capacity];
        ages = new IndexLists(capacity, 2);
        free = new int[capacity];
        for (int i = capacity - 1; i >= 0; i--) {
            datagrams[i] = new Datagram(i);
            free[freeCount++] = i;
        }
    }

    int count() {
        return datagrams.length - freeCount;
    }

    boolean full() {
        return freeCount == 0;
    }

    int bytes() {
        return (chunks - store.available()) * FragmentStore.CHUNK;
    }

    Datagram open(final FragmentRepr fragment, final int zone, final int hash, final long deadline) {
        final Datagram datagram = datagrams[free[--freeCount]];
        datagram.open(fragment, zone, hash, deadline);
        table.add(hash, datagram.index);
        ages.append(age(datagram), datagram.index);
        sources.open(datagram);
        return datagram;
    }

    /** Forgets a datagram. */
    void close(final Datagram datagram) {
        release(datagram);
        sources.close(datagram);
        ages.remove(age(datagram), datagram.index);
        table.remove(datagram.hash, datagram.index);
        free[freeCount++] = datagram.index;
    }

    /** Frees a datagram's fragments. */
    void release(final Datagram datagram) {
        int fragment = datagram.first;
        while (fragment != FragmentStore.NONE) {
            final int next = store.next(fragment);
            store.free(fragment);
            fragment = next;
        }
        sources.add(datagram.source, -datagram.chunks);
        datagram.chunks = 0;
        datagram.first = FragmentStore.NONE;
        datagram.last = FragmentStore.NONE;
    }

    /**
     * Stores a fragment.
     *
     * @param stored bytes of its payload, and of its headers if it is the first
     * @param before the fragment before it; {@link FragmentStore#NONE} if it is the first one that came so far
     */
    void insert(
            final Datagram datagram, final FragmentRepr fragment, final int stored, final int before, final int end) {
        final long payload = fragment.ipOffset + fragment.headerLength;
        final long from = fragment.place == 0 ? fragment.ipOffset : payload;
        final int added = store.add(fragment.memory, from, stored, fragment.place, end);
        if (before == FragmentStore.NONE) {
            store.next(added, datagram.first);
            datagram.first = added;
        } else {
            store.next(added, store.next(before));
            store.next(before, added);
        }
        if (store.next(added) == FragmentStore.NONE) {
            datagram.last = added;
        }
        final int taken = FragmentStore.chunks(stored);
        datagram.chunks += taken;
        sources.add(datagram.source, taken);
        datagram.fragments++;
        datagram.received += fragment.length;
        datagram.ecnSeen |= 1 << (fragment.trafficClass & 3);
        if (!fragment.more) {
            datagram.total = end;
        }
        if (fragment.place == 0) {
            datagram.headerLength = fragment.headerLength;
            datagram.typeAt = fragment.typeAt;
            datagram.interfaceIndex = fragment.interfaceIndex;
        }
    }

    /** Copies headers and payload of a datagram that is whole, the first {@code header} bytes of its headers. */
    void copy(final Datagram datagram, final int header, final MemorySegment target, final long offset) {
        int fragment = datagram.first;
        store.copyTo(fragment, 0, header, target, offset);
        int skip = datagram.headerLength;
        while (fragment != FragmentStore.NONE) {
            final int begin = store.begin(fragment);
            store.copyTo(fragment, skip, store.end(fragment) - begin, target, offset + header + begin);
            skip = 0;
            fragment = store.next(fragment);
        }
    }

    /** Type of what the payload of an IPv6 packet begins with, as its first fragment says. */
    int typeBehindHeader(final Datagram datagram) {
        return store.byteAt(datagram.first, datagram.headerLength - Ipv6ExtensionView.UNIT);
    }

    /** The datagram that came first; there must be one. */
    Datagram oldest() {
        final int v4 = ages.first(AGE_V4);
        final int v6 = ages.first(AGE_V6);
        if (v4 == IndexLists.NONE || v6 == IndexLists.NONE) {
            return datagrams[Math.max(v4, v6)];
        }
        final long began4 = datagrams[v4].deadline - Reassembly.TIMEOUT_V4_MICROS;
        final long began6 = datagrams[v6].deadline - Reassembly.TIMEOUT_V6_MICROS;
        return datagrams[began4 <= began6 ? v4 : v6];
    }

    /** The datagram whose time is over first. */
    @Nullable
    Datagram earliest() {
        final int v4 = ages.first(AGE_V4);
        final int v6 = ages.first(AGE_V6);
        if (v4 == IndexLists.NONE || v6 == IndexLists.NONE) {
            final int only = Math.max(v4, v6);
            return only == IndexLists.NONE ? null : datagrams[only];
        }
        return datagrams[datagrams[v4].deadline <= datagrams[v6].deadline ? v4 : v6];
    }

    private static int age(final Datagram datagram) {
        return datagram.family == IpFamily.V4 ? AGE_V4 : AGE_V6;
    }
}
