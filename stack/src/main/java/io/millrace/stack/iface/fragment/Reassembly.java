package io.millrace.stack.iface.fragment;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.address.Ipv6Address;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Puts datagrams together again, both families alike. Fragments are copied into memory of the stack's own as they come,
 * so that what never becomes whole keeps no packet buffer from the ports; a whole datagram is copied into one packet of
 * a {@link PacketStore}, without fragment header, lengths and header checksum renewed, and is then received like any
 * other.
 *
 * <ul>
 *   <li>Fragments that overlap drop their datagram and all that still comes of it (RFC 8200 section 4.5, for IPv4 too).
 *   An exact duplicate, equal in place and length, is ignored, as that section allows: "an implementation may choose to
 *   detect this case and drop exact duplicate fragments while keeping the other fragments".
 *   <li>A datagram is given up {@value #TIMEOUT_V4_MICROS} us (IPv4) or {@value #TIMEOUT_V6_MICROS} us (IPv6) after the
 *       first of its fragments came; {@link #pollExpired} tells.
 *   <li>{@link ReassemblyLimits} bound memory in total and by source, datagrams, and fragments of each. Tables are hashed
 *       under a key, and every step is bounded too.
 *   <li>ECN survives as RFC 3168 section 5.3 says.
 * </ul>
 *
 * <p>Nothing is allocated before the first fragment comes, and nothing after. Not thread-safe.
 */
public final class Reassembly implements AutoCloseable {
    /** How long an IPv4 datagram is waited for. */
    public static final long TIMEOUT_V4_MICROS = 30_000_000;

    /** How long an IPv6 packet is waited for (RFC 8200 section 4.5). */
    public static final long TIMEOUT_V6_MICROS = 60_000_000;

    private static final int MAX_LENGTH = 0xFFFF;
    private static final int EXPIRIES_PER_POLL = 256;

    /** One source has this part of the datagrams at most. */
    private static final int SOURCE_SHARE = 4;

    private static final int NOT_ECT = 1;
    private static final int CE = 1 << 3;
    private static final int IMPOSSIBLE = NOT_ECT | CE;

    private final PacketStore packets;
    private final ReassemblyLimits limits;
    private final Counters<StackCounter> counters;
    private final SipHash hash;
    private final SipHash sourceHash;
    private @Nullable Held held;

    /** The datagram that {@link #pollExpired} told of. */
    private int expiredInterface;

    /** Makes one that holds nothing. */
    public Reassembly(
            final PacketStore packets,
            final ReassemblyLimits limits,
            final Entropy entropy,
            final Counters<StackCounter> counters) {
        this.packets = packets;
        this.limits = limits;
        this.counters = counters;
        this.hash = entropy.newTableHash();
        this.sourceHash = entropy.newTableHash();
    }

    /**
     * Takes a copy of a fragment.
     *
     * @return the whole packet if this was the last one that was missing, which the caller owns; else
     *     {@link PacketPool#NONE}
     */
    public long add(final FragmentRepr fragment, final long now) {
        counters.increment(StackCounter.FRAGMENTS_RECEIVED);
        Held mine = held;
        if (mine == null) {
            mine = new Held(limits, sourceHash);
            held = mine;
        }
        final int zone = zone(fragment);
        final int hashed = hash(fragment);
        Datagram datagram = find(mine, fragment, zone, hashed);
        if (datagram == null) {
            datagram = open(mine, fragment, zone, hashed, now);
        } else if (datagram.dropped) {
            return drop(StackCounter.FRAGMENT_OF_DROPPED);
        }
        return insert(mine, datagram, fragment) ? assemble(mine, datagram) : PacketPool.NONE;
    }

    /**
     * Gives up datagrams that waited too long, at most some of them.
     *
     * @return a copy of the first fragment of one of them, headers included, as a packet that the caller owns and should
     *     tell the sender of (RFC 1122 section 3.3.2, RFC 8200 section 4.5); {@link PacketPool#NONE} when there is no
     *     more to do
     */
    public long pollExpired(final long now) {
        final Held mine = held;
        if (mine == null) {
            return PacketPool.NONE;
        }
        for (int i = 0; i < EXPIRIES_PER_POLL; i++) {
            final Datagram datagram = mine.earliest();
            if (datagram == null || datagram.deadline > now) {
                return PacketPool.NONE;
            }
            long quote = PacketPool.NONE;
            if (!datagram.dropped) {
                counters.increment(StackCounter.REASSEMBLY_TIMEOUTS);
                quote = datagram.headerLength > 0 ? quote(mine, datagram) : PacketPool.NONE;
            }
            expiredInterface = datagram.interfaceIndex;
            mine.close(datagram);
            if (quote != PacketPool.NONE) {
                return quote;
            }
        }
        return PacketPool.NONE;
    }

    /** Index of the interface by which the datagram came in that {@link #pollExpired} returned last. */
    public int expiredInterface() {
        return expiredInterface;
    }

    /** When the next datagram is given up; {@code Long.MAX_VALUE} if none is held. */
    public long pollAt() {
        final Held mine = held;
        final Datagram next = mine == null ? null : mine.earliest();
        return next == null ? Long.MAX_VALUE : next.deadline;
    }

    /** Datagrams that are not whole yet, and those that were dropped and whose last fragments may still come. */
    public int datagrams() {
        return held == null ? 0 : held.count();
    }

    /** Bytes of memory that fragments take; at most {@link ReassemblyLimits#bytes}. */
    public int bytesHeld() {
        return held == null ? 0 : held.bytes();
    }

    /** Frees everything. Harmless when called again. */
    @Override
    public void close() {
        if (held != null) {
            held.store.close();
            held = null;
        }
    }

    private static @Nullable Datagram find(
            final Held mine, final FragmentRepr fragment, final int zone, final int hashed) {
        int slot = mine.table.first(hashed);
        for (int entry = mine.table.entry(slot); entry != SlotTable.NONE; entry = mine.table.entry(slot)) {
            if (mine.table.has(slot, hashed) && mine.datagrams[entry].owns(fragment, zone)) {
                return mine.datagrams[entry];
            }
            slot = mine.table.next(slot);
        }
        return null;
    }

    private Datagram open(
            final Held mine, final FragmentRepr fragment, final int zone, final int hashed, final long now) {
        final int source = mine.sources.find(fragment.family, fragment.srcHi, fragment.srcLo);
        if (source != FragmentSources.NONE && mine.sources.datagrams(source) >= limits.datagrams() / SOURCE_SHARE) {
            evict(mine, mine.datagrams[mine.sources.oldest(source)]);
        } else if (mine.full()) {
            evict(mine, mine.oldest());
        }
        final long timeout = fragment.family == IpFamily.V4 ? TIMEOUT_V4_MICROS : TIMEOUT_V6_MICROS;
        return mine.open(fragment, zone, hashed, now + timeout);
    }

    /** Puts a fragment into its place; returns whether its datagram is whole now. */
    private boolean insert(final Held mine, final Datagram datagram, final FragmentRepr fragment) {
        final FragmentStore store = mine.store;
        final int end = fragment.place + fragment.length;
        int before = datagram.last;
        if (before != FragmentStore.NONE && store.end(before) > fragment.place) {
            before = FragmentStore.NONE;
            int after = datagram.first;
            while (after != FragmentStore.NONE && store.begin(after) < fragment.place) {
                before = after;
                after = store.next(after);
            }
            if (after != FragmentStore.NONE && store.begin(after) == fragment.place && store.end(after) == end) {
                if (fragment.more == (datagram.total == end)) {
                    return giveUp(mine, datagram, StackCounter.FRAGMENT_CONTRADICTION);
                }
                counters.increment(StackCounter.FRAGMENT_DUPLICATE);
                return false;
            }
            if ((before != FragmentStore.NONE && store.end(before) > fragment.place)
                    || (after != FragmentStore.NONE && store.begin(after) < end)) {
                return giveUp(mine, datagram, StackCounter.FRAGMENT_OVERLAP);
            }
        }
        if (contradicts(mine, datagram, fragment, end)) {
            return giveUp(mine, datagram, StackCounter.FRAGMENT_CONTRADICTION);
        }
        if (datagram.fragments == limits.fragments()) {
            return giveUp(mine, datagram, StackCounter.FRAGMENT_TOO_MANY);
        }
        final int stored = fragment.length + (fragment.place == 0 ? fragment.headerLength : 0);
        if (!makeRoom(mine, datagram, FragmentStore.chunks(stored))) {
            return giveUp(mine, datagram, StackCounter.FRAGMENT_NO_MEMORY);
        }
        mine.insert(datagram, fragment, stored, before, end);
        return datagram.received == datagram.total;
    }

    /** Whether a fragment and those before it do not agree on where the datagram ends. */
    private static boolean contradicts(
            final Held mine, final Datagram datagram, final FragmentRepr fragment, final int end) {
        if (datagram.total != Datagram.UNKNOWN) {
            return !fragment.more || end >= datagram.total;
        }
        return !fragment.more && datagram.last != FragmentStore.NONE && mine.store.end(datagram.last) > end;
    }

    /** Makes room for a fragment at the cost of older datagrams; false if its own is the oldest. */
    private boolean makeRoom(final Held mine, final Datagram datagram, final int chunks) {
        final int most = limits.bytesPerSource() / FragmentStore.CHUNK;
        while (mine.sources.chunks(datagram.source) + chunks > most) {
            final Datagram oldest = mine.datagrams[mine.sources.oldest(datagram.source)];
            if (oldest.index == datagram.index) {
                return false;
            }
            evict(mine, oldest);
        }
        while (mine.store.available() < chunks) {
            final Datagram oldest = mine.oldest();
            if (oldest.index == datagram.index) {
                return false;
            }
            evict(mine, oldest);
        }
        return true;
    }

    private void evict(final Held mine, final Datagram datagram) {
        if (!datagram.dropped) {
            counters.increment(StackCounter.REASSEMBLY_EVICTIONS);
        }
        mine.close(datagram);
    }

    /** Drops what came of a datagram, and remembers it to drop what still comes. */
    private boolean giveUp(final Held mine, final Datagram datagram, final StackCounter reason) {
        counters.increment(reason);
        mine.release(datagram);
        datagram.dropped = true;
        return false;
    }

    /** Makes a packet of a datagram that is whole, and forgets the datagram. */
    private long assemble(final Held mine, final Datagram datagram) {
        final boolean v4 = datagram.family == IpFamily.V4;
        final int header = datagram.headerLength - (v4 ? 0 : Ipv6ExtensionView.UNIT);
        final int length = header + datagram.total;
        StackCounter problem = null;
        long handle = PacketPool.NONE;
        if (length - (v4 ? 0 : Ipv6View.LENGTH) > MAX_LENGTH) {
            problem = StackCounter.FRAGMENT_TOO_LONG;
        } else if ((datagram.ecnSeen & IMPOSSIBLE) == IMPOSSIBLE) {
            problem = StackCounter.FRAGMENT_ECN;
        } else {
            handle = packets.allocate(length);
            problem = handle == PacketPool.NONE ? StackCounter.REASSEMBLY_NO_PACKET : null;
        }
        if (problem != null) {
            mine.close(datagram);
            return drop(problem);
        }
        packets.length(handle, length);
        final MemorySegment memory = packets.memory(handle);
        final long offset = packets.dataOffset(handle);
        mine.copy(datagram, header, memory, offset);
        final boolean congested = (datagram.ecnSeen & CE) != 0;
        if (v4) {
            renewHeaderV4(memory, offset, header, length, congested);
        } else {
            final int type = mine.typeBehindHeader(datagram);
            Net.put8(memory, offset + datagram.typeAt, type);
            Net.put16(memory, offset + Ipv6View.PAYLOAD_LENGTH_OFFSET, length - Ipv6View.LENGTH);
            if (congested) {
                Net.put8(memory, offset + 1, Net.u8(memory, offset + 1) | 3 << 4);
            }
        }
        mine.close(datagram);
        counters.increment(StackCounter.REASSEMBLED);
        return handle;
    }

    private static void renewHeaderV4(
            final MemorySegment memory,
            final long offset,
            final int header,
            final int length,
            final boolean congested) {
        final int trafficClass = Ipv4View.trafficClass(memory, offset);
        Net.put8(memory, offset + Ipv4View.TRAFFIC_CLASS_OFFSET, congested ? trafficClass | 3 : trafficClass);
        Net.put16(memory, offset + Ipv4View.TOTAL_LENGTH_OFFSET, length);
        Net.put16(memory, offset + Ipv4View.FLAGS_OFFSET, 0);
        Net.put16(memory, offset + Ipv4View.CHECKSUM_OFFSET, 0);
        final int sum = InternetChecksum.finish(InternetChecksum.partial(memory, offset, header));
        Net.put16(memory, offset + Ipv4View.CHECKSUM_OFFSET, sum);
    }

    private long quote(final Held mine, final Datagram datagram) {
        final long handle = packets.allocate();
        if (handle != PacketPool.NONE) {
            final int whole = datagram.headerLength + mine.store.end(datagram.first);
            final int length = Math.min(whole, packets.bufferRoom());
            mine.store.copyTo(datagram.first, 0, length, packets.memory(handle), packets.dataOffset(handle));
            packets.length(handle, length);
        }
        return handle;
    }

    private long drop(final StackCounter reason) {
        counters.increment(reason);
        return PacketPool.NONE;
    }

    /** Link-local addresses mean nothing without their link. */
    private static int zone(final FragmentRepr fragment) {
        return fragment.family == IpFamily.V6 && Ipv6Address.isLinkLocal(fragment.srcHi)
                ? fragment.interfaceIndex + 1
                : 0;
    }

    private int hash(final FragmentRepr f) {
        final long rest = (long) f.id << 32 | (long) f.protocol << 8 | f.family;
        return (int) hash.hash(f.srcHi, f.srcLo, f.dstHi, f.dstLo, rest);
    }
}
