package io.millrace.stack.iface;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;

/**
 * The neighbours of one family on one link and how sure we are of their link addresses: the states and timers of RFC 4861
 * section 7.3, for ARP as for neighbour discovery. Requests are limited for each neighbour, never for the link; packets
 * wait in bounded queues; when the table is full, the entries that we can best do without make room.
 *
 * <p>What others say unasked never replaces a link address that was confirmed: it makes us ask everyone again, and the
 * answer to that counts. So a forged announcement alone diverts nothing, and a neighbour that really changed its address
 * is followed within a round trip. (RFC 4861 section 7.2.3 would believe a solicitation at once.)
 *
 * <p>Times are microseconds of the poll loop's clock. Nothing here allocates after the start.
 */
final class NeighborCache {
    /** {@link #resolve} took the packet over. */
    static final long PENDING = -1;

    /** No entry. */
    private static final int NONE = AddressIndex.NONE;

    private static final byte FREE = 0;
    private static final byte INCOMPLETE = 1;
    private static final byte REACHABLE = 2;
    private static final byte STALE = 3;
    private static final byte DELAY = 4;
    private static final byte PROBE = 5;
    /** Asked in vain; asked again not before the deadline. */
    private static final byte FAILED = 6;

    // RFC 4861 section 10.
    private static final long RETRANS_MICROS = 1_000_000;
    private static final long REACHABLE_MICROS = 30_000_000;
    private static final long DELAY_MICROS = 5_000_000;
    private static final int MAX_SOLICITS = 3;
    private static final int MAX_BACK_OFF = 3; // 8 s

    /** How close two rounds over the active entries may be. */
    private static final long ROUND_MICROS = 10_000;

    /** How many entries are looked at to find one that makes room. */
    private static final int SAMPLE = 16;

    // What makes room first.
    private static final int DISPENSABLE = 0;
    private static final int UNCONFIRMED = 1;
    private static final int NEVER_RESOLVED = 2;
    private static final int CONFIRMED = 3;

    private final int family;
    private final Resolver resolver;
    private final Counters<StackCounter> counters;
    private final Backlog backlog;
    private final int queueLimit;
    private final int capacity;

    private final AddressIndex index;
    private final byte[] state;
    private final long[] mac;
    private final long[] deadline;
    private final long[] used;
    private final long[] asked;
    private final boolean[] verifying;
    private final byte[] solicits;
    private final byte[] failures;
    private final int[] queue;
    private final int[] queued;

    private int hand;
    private int incomplete;

    /** Entries that wait for their deadline. */
    private final EntryList timed;

    private long due = Long.MAX_VALUE;

    /**
     * Makes an empty table.
     *
     * @param capacity most neighbours, at least 2
     * @param queueLimit most packets that wait for one of them
     * @param backlog where they wait
     */
    NeighborCache(
            final int family,
            final int capacity,
            final int queueLimit,
            final Backlog backlog,
            final Resolver resolver,
            final Entropy entropy,
            final Counters<StackCounter> counters) {
        this.family = family;
        this.capacity = capacity;
        this.queueLimit = queueLimit;
        this.backlog = backlog;
        this.resolver = resolver;
        this.counters = counters;
        this.index = new AddressIndex(capacity, entropy);
        this.timed = new EntryList(capacity);
        state = new byte[capacity];
        mac = new long[capacity];
        deadline = new long[capacity];
        used = new long[capacity];
        asked = new long[capacity];
        verifying = new boolean[capacity];
        solicits = new byte[capacity];
        failures = new byte[capacity];
        queue = new int[capacity];
        queued = new int[capacity];
    }

    /**
     * The link address to send a packet to. If it is not known, the packet is taken over: it waits for the address, or
     * was dropped and counted.
     *
     * @return the address, or {@link #PENDING}
     */
    long resolve(final long hi, final long lo, final long handle, final long now) {
        int entry = index.find(hi, lo);
        if (entry == NONE) {
            entry = create(hi, lo, now, true);
            if (entry == NONE) {
                counters.increment(StackCounter.NEIGHBOR_TABLE_FULL);
                resolver.drop(handle);
                return PENDING;
            }
            begin(entry, now);
        }
        used[entry] = now;
        switch (state[entry]) {
            case REACHABLE -> {
                if (now >= deadline[entry]) {
                    delay(entry, now);
                }
                return mac[entry];
            }
            case STALE -> {
                delay(entry, now);
                return mac[entry];
            }
            case DELAY, PROBE -> {
                return mac[entry];
            }
            case FAILED -> {
                if (now < deadline[entry]) {
                    counters.increment(StackCounter.NEIGHBOR_UNREACHABLE);
                    resolver.drop(handle);
                    return PENDING;
                }
                begin(entry, now);
            }
            default -> {
                // INCOMPLETE: asked already.
            }
        }
        await(entry, handle);
        return PENDING;
    }

    /**
     * Notes what a neighbour said of itself when it asked us or announced itself: worth trying, not worth believing.
     *
     * @param create whether a neighbour that is not known is worth an entry
     */
    void hint(final long hi, final long lo, final long newMac, final boolean create, final long now) {
        int entry = index.find(hi, lo);
        if (entry == NONE) {
            if (create) {
                entry = create(hi, lo, now, false);
                if (entry != NONE) {
                    stale(entry, newMac, now);
                }
            }
            return;
        }
        switch (state[entry]) {
            case INCOMPLETE, FAILED, STALE -> stale(entry, newMac, now);
            default -> {
                if (mac[entry] != newMac) {
                    verify(entry, now);
                }
            }
        }
    }

    /**
     * Takes an answer: an ARP reply or a neighbour advertisement.
     *
     * @param newMac link address; negative if the answer holds none
     * @param solicited whether it claims to be an answer to what we asked
     * @param override whether it may replace another link address
     * @return whether the neighbour is known and the answer was expected
     */
    boolean answer(
            final long hi,
            final long lo,
            final long newMac,
            final boolean solicited,
            final boolean override,
            final long now) {
        final int entry = index.find(hi, lo);
        if (entry == NONE || state[entry] == FAILED) {
            return false;
        }
        if (state[entry] == INCOMPLETE) {
            if (newMac < 0) {
                return false;
            }
            settle(entry, newMac, solicited, now);
            return true;
        }
        if (newMac >= 0 && newMac != mac[entry]) {
            final boolean expected = state[entry] == PROBE || (verifying[entry] && now - asked[entry] < RETRANS_MICROS);
            if (!override) {
                // RFC 4861 section 7.2.5: doubt, but do not replace.
                if (state[entry] == REACHABLE) {
                    deadline[entry] = now;
                }
            } else if (expected) {
                settle(entry, newMac, solicited, now);
                return true;
            } else if (state[entry] == STALE) {
                mac[entry] = newMac;
            } else {
                verify(entry, now);
            }
            return false;
        }
        if (solicited) {
            settle(entry, mac[entry], true, now);
        }
        return true;
    }

    /** Works off due timers. Returns how many entries it asked for or gave up. */
    int poll(final long now) {
        if (now < due) {
            return 0;
        }
        int work = 0;
        long next = Long.MAX_VALUE;
        int entry = timed.first();
        while (entry != NONE) {
            final int following = timed.next(entry);
            if (deadline[entry] <= now) {
                expire(entry, now);
                work++;
            }
            if (timed.contains(entry)) {
                next = Math.min(next, deadline[entry]);
            }
            entry = following;
        }
        due = next == Long.MAX_VALUE ? next : Math.max(next, now + ROUND_MICROS);
        return work;
    }

    /** When {@link #poll} has something to do. */
    long pollAt() {
        return due;
    }

    /** Neighbours in the table. */
    int size() {
        return index.size();
    }

    /** The link address that packets to a neighbour go to now; {@link #PENDING} if it is not known. */
    long lookup(final long hi, final long lo) {
        final int entry = index.find(hi, lo);
        return entry == NONE || state[entry] == INCOMPLETE || state[entry] == FAILED ? PENDING : mac[entry];
    }

    /** Forgets all neighbours and drops what waits for them. */
    void clear() {
        for (int i = 0; i < capacity; i++) {
            if (state[i] != FREE) {
                remove(i);
            }
        }
    }

    private void expire(final int entry, final long now) {
        switch (state[entry]) {
            case INCOMPLETE -> {
                if (solicits[entry] < MAX_SOLICITS) {
                    ask(entry, 0, now);
                } else {
                    fail(entry, now);
                }
            }
            case DELAY -> {
                state[entry] = PROBE;
                solicits[entry] = 0;
                ask(entry, mac[entry], now);
            }
            case PROBE -> {
                if (solicits[entry] < MAX_SOLICITS) {
                    ask(entry, mac[entry], now);
                } else {
                    // The next packet asks everyone, at once.
                    state[entry] = FAILED;
                    failures[entry] = 0;
                    deadline[entry] = now;
                    timed.remove(entry);
                }
            }
            default -> timed.remove(entry);
        }
    }

    private void begin(final int entry, final long now) {
        state[entry] = INCOMPLETE;
        incomplete++;
        solicits[entry] = 0;
        activate(entry);
        ask(entry, 0, now);
    }

    private void fail(final int entry, final long now) {
        incomplete--;
        state[entry] = FAILED;
        deadline[entry] = now + (RETRANS_MICROS << failures[entry]);
        failures[entry] = (byte) Math.min(failures[entry] + 1, MAX_BACK_OFF);
        timed.remove(entry);
        drain(entry);
    }

    private void delay(final int entry, final long now) {
        state[entry] = DELAY;
        deadline[entry] = now + DELAY_MICROS;
        activate(entry);
    }

    /** A link address that is worth trying. */
    private void stale(final int entry, final long newMac, final long now) {
        timed.remove(entry);
        incomplete -= state[entry] == INCOMPLETE ? 1 : 0;
        state[entry] = STALE;
        mac[entry] = newMac;
        failures[entry] = 0;
        if (queue[entry] != Backlog.EMPTY) {
            delay(entry, now);
            release(entry);
        }
    }

    private void settle(final int entry, final long newMac, final boolean confirmed, final long now) {
        timed.remove(entry);
        incomplete -= state[entry] == INCOMPLETE ? 1 : 0;
        state[entry] = confirmed ? REACHABLE : STALE;
        deadline[entry] = now + REACHABLE_MICROS;
        mac[entry] = newMac;
        failures[entry] = 0;
        verifying[entry] = false;
        release(entry);
    }

    /** Somebody contradicts what was confirmed: everyone is asked, as often as a request may be repeated. */
    private void verify(final int entry, final long now) {
        if (now - asked[entry] >= RETRANS_MICROS) {
            verifying[entry] = true;
            asked[entry] = now;
            solicit(entry, 0);
        }
    }

    private void ask(final int entry, final long where, final long now) {
        solicits[entry]++;
        asked[entry] = now;
        deadline[entry] = now + RETRANS_MICROS;
        due = Math.min(due, deadline[entry]);
        solicit(entry, where);
    }

    private void solicit(final int entry, final long where) {
        counters.increment(StackCounter.NEIGHBOR_REQUESTS_SENT);
        resolver.solicit(family, index.hi(entry), index.lo(entry), where);
    }

    private void await(final int entry, final long handle) {
        if (queued[entry] == queueLimit || (backlog.full() && queued[entry] > 0)) {
            // RFC 4861 section 7.2.2: the new packet replaces the oldest.
            final long oldest = backlog.first(queue[entry]);
            queue[entry] = backlog.removeFirst(queue[entry]);
            queued[entry]--;
            counters.increment(StackCounter.NEIGHBOR_QUEUE_FULL);
            resolver.drop(oldest);
        }
        if (backlog.full()) {
            counters.increment(StackCounter.NEIGHBOR_QUEUE_FULL);
            resolver.drop(handle);
            return;
        }
        queue[entry] = backlog.add(queue[entry], handle);
        queued[entry]++;
    }

    private void release(final int entry) {
        while (queue[entry] != Backlog.EMPTY) {
            final long handle = backlog.first(queue[entry]);
            queue[entry] = backlog.removeFirst(queue[entry]);
            queued[entry]--;
            resolver.deliver(handle, family, mac[entry]);
        }
    }

    private void drain(final int entry) {
        while (queue[entry] != Backlog.EMPTY) {
            final long handle = backlog.first(queue[entry]);
            queue[entry] = backlog.removeFirst(queue[entry]);
            queued[entry]--;
            counters.increment(StackCounter.NEIGHBOR_UNREACHABLE);
            resolver.drop(handle);
        }
    }

    private int create(final long hi, final long lo, final long now, final boolean forOutput) {
        if (index.full()) {
            // What others cause to be created pushes out nothing that we use.
            final int victim = victim(forOutput ? CONFIRMED : UNCONFIRMED);
            if (victim == NONE) {
                return NONE;
            }
            evict(victim);
        } else if (forOutput && incomplete > capacity / 2) {
            // A scan of ours, or answers to one: it must not fill the table with addresses that nobody has.
            final int victim = victim(DISPENSABLE);
            if (victim != NONE) {
                evict(victim);
            }
        }
        final int entry = index.add(hi, lo);
        state[entry] = STALE;
        mac[entry] = 0;
        used[entry] = now;
        asked[entry] = now - RETRANS_MICROS;
        verifying[entry] = false;
        failures[entry] = 0;
        queue[entry] = Backlog.EMPTY;
        queued[entry] = 0;
        return entry;
    }

    private void evict(final int entry) {
        counters.increment(StackCounter.NEIGHBOR_EVICTIONS);
        remove(entry);
    }

    /**
     * The entry that can best be done without, of a sample that moves on each time; the longest unused of equals.
     *
     * @param limit the rank up to which entries may go
     */
    private int victim(final int limit) {
        int best = NONE;
        int bestRank = limit + 1;
        for (int i = 0; i < Math.min(SAMPLE, capacity); i++) {
            final int entry = hand;
            hand = hand + 1 == capacity ? 0 : hand + 1;
            final int rank = rank(entry);
            if (rank < bestRank || (rank == bestRank && best != NONE && used[entry] < used[best])) {
                best = entry;
                bestRank = rank;
            }
        }
        return best;
    }

    private int rank(final int entry) {
        return switch (state[entry]) {
            case FREE -> Integer.MAX_VALUE;
            case FAILED -> DISPENSABLE;
            case STALE -> UNCONFIRMED;
            case INCOMPLETE -> incomplete > capacity / 2 ? DISPENSABLE : NEVER_RESOLVED;
            default -> CONFIRMED;
        };
    }

    private void remove(final int entry) {
        drain(entry);
        timed.remove(entry);
        incomplete -= state[entry] == INCOMPLETE ? 1 : 0;
        state[entry] = FREE;
        index.remove(entry);
    }

    private void activate(final int entry) {
        timed.add(entry);
        due = Math.min(due, deadline[entry]);
    }
}
