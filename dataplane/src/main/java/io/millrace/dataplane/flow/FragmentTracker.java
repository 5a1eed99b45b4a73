package io.millrace.dataplane.flow;

import io.millrace.dataplane.buffer.PacketPool;

/**
 * Leads the fragments of a datagram where the datagram belongs, before it is put together. Only the first fragment names
 * the flow: it opens the way for those that follow, and those that came before it are held until then. Nothing is copied.
 *
 * <p>Of a datagram whose first fragment does not come in {@value #PATIENCE_MICROS} microseconds, or for which there is no
 * room, the fragments go to where its addresses alone lead. What is held is bounded: {@value #MAX_HELD} packets, {@value
 * #MAX_EACH} of one datagram. Protocols without ports go by their addresses from the start.
 *
 * <p>For one thread. Allocates nothing once it is made.
 */
public final class FragmentTracker {
    /** How long fragments wait for the first one. */
    public static final long PATIENCE_MICROS = 500_000;

    /** Most packets that are held. */
    public static final int MAX_HELD = 256;

    /** Most packets of one datagram that are held. */
    public static final int MAX_EACH = 64;

    /** How long a way stays open, as long as a reassembly may take (RFC 8200 section 4.5). */
    private static final long OPEN_MICROS = 60_000_000;

    private static final int WAYS = 4;
    private static final int SETS = 128;
    private static final int NONE = -1;

    private final FlowHash hash;
    private final Entry[] entries = new Entry[WAYS * SETS];

    // Held packets: lists through one array.
    private final long[] held = new long[MAX_HELD];
    private final int[] next = new int[MAX_HELD];
    private int free;
    private int holding;
    private long nextExpiry = Long.MAX_VALUE;

    /** Takes the packets whose way is known. */
    public interface Exit {
        /**
         * Takes a packet over.
         *
         * @param kind {@link FlowClassifier#FLOW}, {@link FlowClassifier#FIRST} or {@link FlowClassifier#ALL}
         * @param hash of its flow, if it is {@code FLOW}
         */
        void leave(long handle, int kind, int hash);
    }

    /** Makes one that holds nothing. */
    public FragmentTracker(final FlowHash hash) {
        this.hash = hash;
        for (int i = 0; i < entries.length; i++) {
            entries[i] = new Entry();
        }
        for (int i = 0; i < MAX_HELD; i++) {
            next[i] = i + 1 < MAX_HELD ? i + 1 : NONE;
        }
    }

    /**
     * Takes a fragment, which leaves at once or is held.
     *
     * @param key what {@link FlowClassifier#classify} said of it
     */
    public void add(final FlowKey key, final long handle, final long now, final Exit exit) {
        if (!key.needsStart()) {
            exit.leave(handle, FlowClassifier.FLOW, key.hashOfAddresses(hash));
            return;
        }
        final Entry entry = find(key, now, exit);
        if (key.start) {
            entry.open = true;
            entry.kind = key.whole;
            entry.hash = key.hash(hash);
            entry.until = now + OPEN_MICROS;
            exit.leave(handle, entry.kind, entry.hash);
            release(entry, exit);
        } else if (entry.open) {
            exit.leave(handle, entry.kind, entry.hash);
        } else if (free == NONE || entry.count == MAX_EACH) {
            giveUp(entry, exit);
            exit.leave(handle, entry.kind, entry.hash);
        } else {
            hold(entry, handle);
            nextExpiry = Math.min(nextExpiry, entry.until);
        }
    }

    /** Gives up on first fragments that did not come in time. Returns how many packets left. */
    public int poll(final long now, final Exit exit) {
        if (now < nextExpiry) {
            return 0;
        }
        final int before = holding;
        nextExpiry = Long.MAX_VALUE;
        for (final Entry entry : entries) {
            if (entry.count > 0) {
                if (now >= entry.until) {
                    giveUp(entry, exit);
                } else {
                    nextExpiry = Math.min(nextExpiry, entry.until);
                }
            }
        }
        return before - holding;
    }

    /** When {@link #poll} has something to do; {@link Long#MAX_VALUE} for never. */
    public long pollAt() {
        return nextExpiry;
    }

    /** Packets that are held. */
    public int holding() {
        return holding;
    }

    /** Lets everything go that is held. */
    public void clear(final Exit exit) {
        for (final Entry entry : entries) {
            release(entry, exit);
            entry.used = false;
        }
        nextExpiry = Long.MAX_VALUE;
    }

    private Entry find(final FlowKey key, final long now, final Exit exit) {
        final int set = (key.hashOfAddresses(hash) ^ ((key.fragmentId * 0x9E3779B9) >>> 16)) & (SETS - 1);
        Entry oldest = entries[set * WAYS];
        for (int i = set * WAYS; i < (set + 1) * WAYS; i++) {
            final Entry entry = entries[i];
            if (entry.is(key) && now < entry.until) {
                return entry;
            }
            if (!entry.used || (oldest.used && entry.until < oldest.until)) {
                oldest = entry;
            }
        }
        if (oldest.count > 0) {
            giveUp(oldest, exit);
        }
        oldest.take(key, key.hashOfAddresses(hash), now + PATIENCE_MICROS);
        return oldest;
    }

    private void hold(final Entry entry, final long handle) {
        final int place = free;
        free = next[place];
        held[place] = handle;
        next[place] = NONE;
        if (entry.count == 0) {
            entry.head = place;
        } else {
            next[entry.tail] = place;
        }
        entry.tail = place;
        entry.count++;
        holding++;
    }

    /** The rest of the datagram goes where its addresses lead, with what was held of it. */
    private void giveUp(final Entry entry, final Exit exit) {
        entry.open = true;
        entry.until += OPEN_MICROS;
        release(entry, exit);
    }

    private void release(final Entry entry, final Exit exit) {
        while (entry.count > 0) {
            final int place = entry.head;
            entry.head = next[place];
            entry.count--;
            holding--;
            next[place] = free;
            free = place;
            final long handle = held[place];
            held[place] = PacketPool.NONE;
            exit.leave(handle, entry.kind, entry.hash);
        }
    }

    private static final class Entry {
        private boolean used;
        private long srcHi;
        private long srcLo;
        private long dstHi;
        private long dstLo;
        private int id;
        private int protocol;

        /** Whether it is known where its fragments go: by {@link #kind} and {@link #hash}. */
        private boolean open;

        private int kind;
        private int hash;

        /** Until when the first fragment is waited for, or the way is open. */
        private long until;

        private int head;
        private int tail;
        private int count;

        boolean is(final FlowKey key) {
            return used
                    && id == key.fragmentId
                    && protocol == key.protocol
                    && srcLo == key.srcLo
                    && dstLo == key.dstLo
                    && srcHi == key.srcHi
                    && dstHi == key.dstHi;
        }

        void take(final FlowKey key, final int hashOfAddresses, final long newUntil) {
            used = true;
            srcHi = key.srcHi;
            srcLo = key.srcLo;
            dstHi = key.dstHi;
            dstLo = key.dstLo;
            id = key.fragmentId;
            protocol = key.protocol;
            open = false;
            kind = FlowClassifier.FLOW;
            hash = hashOfAddresses;
            until = newUntil;
        }
    }
}
