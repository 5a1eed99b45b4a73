package io.millrace.dataplane.flow;

import io.millrace.dataplane.buffer.PacketPool;
import org.jspecify.annotations.Nullable;

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
    private final FlowKey flow = new FlowKey();
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
         * @param kind {@link FlowClassifier#FLOW}, {@link FlowClassifier#FIRST} or {@link FlowClassifier#ALL} as its
         *     datagram is; {@link FlowClassifier#FRAGMENT} if nobody knows, so that its addresses alone lead it
         * @param flow that of the datagram, ports included, of a {@code FRAGMENT} the addresses; only until this returns
         */
        void leave(long handle, int kind, FlowKey flow);
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
            exit.leave(handle, FlowClassifier.FLOW, key);
            return;
        }
        final Entry entry = find(key, now, exit);
        if (key.start) {
            entry.open(key, now + OPEN_MICROS);
            exit.leave(handle, entry.kind, key);
            release(entry, exit);
        } else if (entry.open) {
            exit.leave(handle, entry.kind, entry.flow(flow));
        } else if (free == NONE || entry.count == MAX_EACH) {
            giveUp(entry, exit);
            exit.leave(handle, entry.kind, entry.flow(flow));
        } else {
            hold(entry, handle);
            nextExpiry = Math.min(nextExpiry, entry.until);
        }
    }

    /**
     * Says of a fragment that was led here already, behind the first of its datagram, what flow it is of.
     *
     * @param key what {@link FlowClassifier#classify} said of it; gets the ports of its datagram
     * @param exit takes what must make room
     * @return whether that is known: false if the first one did not come by here
     */
    public boolean complete(final FlowKey key, final long now, final Exit exit) {
        if (!key.needsStart()) {
            return true;
        }
        if (key.start) {
            final Entry entry = find(key, now, exit);
            entry.open(key, now + OPEN_MICROS);
            release(entry, exit);
            return true;
        }
        final Entry entry = known(key, now);
        if (entry == null || !entry.open || entry.kind == FlowClassifier.FRAGMENT) {
            return false;
        }
        entry.flow(key);
        return true;
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

    /** The entry of a fragment's datagram; one that is new takes the place of the one that ends next. */
    private Entry find(final FlowKey key, final long now, final Exit exit) {
        final Entry known = known(key, now);
        if (known != null) {
            return known;
        }
        final int from = set(key);
        Entry oldest = entries[from];
        for (int i = from; i < from + WAYS; i++) {
            final Entry entry = entries[i];
            if (!entry.used || (oldest.used && entry.until < oldest.until)) {
                oldest = entry;
            }
        }
        if (oldest.count > 0) {
            giveUp(oldest, exit);
        }
        oldest.take(key, now + PATIENCE_MICROS);
        return oldest;
    }

    private @Nullable Entry known(final FlowKey key, final long now) {
        final int from = set(key);
        for (int i = from; i < from + WAYS; i++) {
            if (entries[i].is(key) && now < entries[i].until) {
                return entries[i];
            }
        }
        return null;
    }

    /** Where the entries are that a fragment's datagram may have. */
    private int set(final FlowKey key) {
        final int mixed = key.hashOfAddresses(hash) ^ ((key.fragmentId * 0x9E3779B9) >>> 16);
        return (mixed & (SETS - 1)) * WAYS;
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
            exit.leave(handle, entry.kind, entry.flow(flow));
        }
    }

    private static final class Entry {
        private boolean used;
        private int family;
        private long srcHi;
        private long srcLo;
        private long dstHi;
        private long dstLo;
        private int id;
        private int protocol;

        /** Whether it is known where its fragments go: what the first one said, or that nobody waits for it. */
        private boolean open;

        private int kind;
        private int ports;
        private boolean echo;

        /** Until when the first fragment is waited for, or the way is open. */
        private long until;

        private int head;
        private int tail;
        private int count;

        boolean is(final FlowKey key) {
            return used
                    && family == key.family
                    && id == key.fragmentId
                    && protocol == key.protocol
                    && srcLo == key.srcLo
                    && dstLo == key.dstLo
                    && srcHi == key.srcHi
                    && dstHi == key.dstHi;
        }

        void take(final FlowKey key, final long newUntil) {
            used = true;
            family = key.family;
            srcHi = key.srcHi;
            srcLo = key.srcLo;
            dstHi = key.dstHi;
            dstLo = key.dstLo;
            id = key.fragmentId;
            protocol = key.protocol;
            open = false;
            kind = FlowClassifier.FRAGMENT;
            ports = 0;
            echo = false;
            until = newUntil;
        }

        /** Takes what the first fragment says. */
        void open(final FlowKey key, final long newUntil) {
            open = true;
            kind = key.whole;
            ports = key.ports;
            echo = key.echo;
            until = newUntil;
        }

        /** Makes a key that of this datagram's flow. */
        FlowKey flow(final FlowKey key) {
            key.family = family;
            key.protocol = protocol;
            key.srcHi = srcHi;
            key.srcLo = srcLo;
            key.dstHi = dstHi;
            key.dstLo = dstLo;
            key.ports = ports;
            key.echo = echo;
            key.quoted = false;
            return key;
        }
    }
}
