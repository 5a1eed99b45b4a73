package io.millrace.stack.iface.neighbor;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.timer.TimerNode;
import io.millrace.stack.timer.TimerWheel;
import io.millrace.stack.wire.NdpView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The neighbours of one family on one link and how sure we are of their link addresses: the states and timers of RFC 4861
 * section 7.3, for ARP as for neighbour discovery. Requests are limited for each neighbour, never for the link; packets
 * wait in bounded queues, and their senders are told when the wait was in vain; when the table is full, the entries that
 * we can best do without make room (RFC 6583).
 *
 * <p>What others say unasked never replaces a link address that was confirmed: it makes us ask everyone again, and the
 * answer to that counts. So a forged announcement alone diverts nothing, and a neighbour that really changed its address
 * is followed within a round trip. (RFC 4861 section 7.2.3 would believe a solicitation at once.)
 *
 * <p>Times are microseconds of the poll loop's clock. Nothing here allocates after the start, but {@link #entries}.
 */
public final class NeighborCache {
    /** {@link #resolve} took the packet over. */
    public static final long PENDING = -1;

    // RFC 4861 section 10.
    private static final long RETRANS_MICROS = 1_000_000;
    private static final long DELAY_MICROS = 5_000_000;
    private static final int MAX_SOLICITS = 3;

    private final int family;
    private final Resolver resolver;
    private final Counters<StackCounter> counters;
    private final Waiting waiting;
    private final NeighborTable table;
    private final TimerWheel timers = new TimerWheel(0);
    private final ReachableTime reachableTime;

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
        this.waiting = new Waiting(queueLimit, backlog, resolver, counters);
        this.resolver = resolver;
        this.reachableTime = new ReachableTime(entropy);
        this.counters = counters;
        this.table = new NeighborTable(capacity, entropy);
    }

    /**
     * The link address to send a packet to. If it is not known, the packet is taken over: it waits for the address, or
     * was dropped and counted.
     *
     * @return the address, or {@link #PENDING}
     */
    public long resolve(final long hi, final long lo, final long handle, final long now) {
        Neighbor entry = table.find(hi, lo);
        if (entry == null) {
            entry = create(hi, lo, now, true);
            if (entry == null) {
                counters.increment(StackCounter.NEIGHBOR_TABLE_FULL);
                resolver.drop(handle);
                return PENDING;
            }
            begin(entry, now);
        }
        entry.lastUsed = now;
        switch (entry.state) {
            case REACHABLE -> {
                if (now >= entry.until && !entry.verifying) {
                    delay(entry, now);
                }
                return entry.mac;
            }
            case STALE -> {
                delay(entry, now);
                return entry.mac;
            }
            case DELAY, PROBE, PERMANENT -> {
                return entry.mac;
            }
            case FAILED -> begin(entry, now); // the last request is a second old: see fail
            case INCOMPLETE -> {} // asked already
        }
        waiting.add(entry, handle);
        return PENDING;
    }

    /**
     * Makes room for the fragments of a datagram should they have to wait; {@link #resolve} follows for each, then
     * {@link #admitted}.
     *
     * @return false if they would have to wait and cannot all
     */
    public boolean admit(final long hi, final long lo, final int fragments) {
        final Neighbor entry = table.find(hi, lo);
        return (entry != null && entry.isResolved()) || waiting.admit(entry, fragments);
    }

    /** Says that all fragments of a datagram were resolved. */
    public void admitted() {
        waiting.admitted();
    }

    /**
     * Notes what a neighbour said of itself when it asked us or announced itself: worth trying, not worth believing.
     *
     * @param create whether a neighbour that is not known is worth an entry
     */
    public void hint(final long hi, final long lo, final long newMac, final boolean create, final long now) {
        final Neighbor entry = table.find(hi, lo);
        if (entry == null) {
            if (create) {
                final Neighbor created = create(hi, lo, now, false);
                if (created != null) {
                    stale(created, newMac, now);
                }
            }
            return;
        }
        switch (entry.state) {
            case INCOMPLETE, FAILED, STALE -> stale(entry, newMac, now);
            case PERMANENT -> {} // not for others to change
            default -> {
                if (entry.mac != newMac) {
                    verify(entry, now);
                }
            }
        }
    }

    /**
     * Takes an answer: an ARP reply or a neighbour advertisement (RFC 4861 section 7.2.5).
     *
     * @param newMac link address; negative if the answer holds none
     * @param flags {@link NdpView#SOLICITED} if it claims to be an answer to what we asked, {@link NdpView#OVERRIDE} if
     *     it may replace another link address, {@link NdpView#ROUTER}
     * @return whether the neighbour is known and the answer was expected
     */
    public boolean answer(final long hi, final long lo, final long newMac, final int flags, final long now) {
        final boolean solicited = (flags & NdpView.SOLICITED) != 0;
        final Neighbor entry = table.find(hi, lo);
        if (entry == null || entry.state == NeighborState.FAILED || entry.state == NeighborState.PERMANENT) {
            return false;
        }
        if (entry.state == NeighborState.INCOMPLETE) {
            if (newMac < 0) {
                return false;
            }
            settle(entry, newMac, solicited, flags, now);
            return true;
        }
        if (newMac < 0 || newMac == entry.mac) {
            entry.router = (flags & NdpView.ROUTER) != 0;
            if (solicited) {
                settle(entry, entry.mac, true, flags, now);
            }
            return true;
        }
        if ((flags & NdpView.OVERRIDE) == 0) {
            // Doubt, but do not replace.
            if (entry.state == NeighborState.REACHABLE) {
                entry.until = now;
            }
            return false;
        }
        if (entry.verifying ? entry.solicits > 0 : entry.state == NeighborState.PROBE) {
            settle(entry, newMac, solicited, flags, now);
            return true;
        }
        if (entry.state == NeighborState.STALE) {
            learn(entry, newMac);
            entry.mac = newMac;
        } else {
            verify(entry, now);
        }
        return false;
    }

    /** Takes over what another shard found out of a neighbour, which it checked as far as it needs to be. */
    public void heard(final long hi, final long lo, final long mac, final long now) {
        final Neighbor known = table.find(hi, lo);
        final Neighbor entry = known == null ? create(hi, lo, now, false) : known;
        if (entry != null && entry.state != NeighborState.PERMANENT && (!entry.isResolved() || entry.mac != mac)) {
            adopt(entry, mac, now);
        }
    }

    /** Tells of what is about to be noted, if it is new. */
    private void learn(final Neighbor entry, final long mac) {
        if (!entry.isResolved() || entry.mac != mac) {
            resolver.learned(family, entry.hi, entry.lo, mac);
        }
    }

    /**
     * Notes that what we sent to a neighbour arrived, as the progress of a connection through it shows (RFC 4861 section
     * 7.3.1): it is not asked while that goes on.
     */
    public void confirm(final long hi, final long lo, final long now) {
        final Neighbor entry = table.find(hi, lo);
        if (entry == null) {
            return;
        }
        switch (entry.state) {
            case REACHABLE, STALE, DELAY, PROBE -> reachable(entry, now);
            default -> {} // there is nothing that could have arrived, or nothing to confirm
        }
    }

    /**
     * Sets a neighbour by hand, instead of what was known of it.
     *
     * @return false if too many are set already
     */
    boolean addPermanent(final long hi, final long lo, final long mac, final long now) {
        Neighbor entry = table.find(hi, lo);
        if (entry == null || entry.state != NeighborState.PERMANENT) {
            if (table.permanent() >= table.capacity() / 2) {
                return false;
            }
            if (entry == null) {
                entry = create(hi, lo, now, true);
            }
            if (entry == null) {
                return false;
            }
        }
        timers.cancel(entry);
        table.state(entry, NeighborState.PERMANENT);
        entry.mac = mac;
        entry.confirmed = now;
        entry.verifying = false;
        waiting.release(entry);
        return true;
    }

    /** Forgets what is known of a neighbour, however it became known. Returns whether it was there. */
    boolean remove(final long hi, final long lo) {
        final Neighbor entry = table.find(hi, lo);
        if (entry == null) {
            return false;
        }
        forget(entry);
        return true;
    }

    /** Forgets what is known of all neighbours that were not set by hand. */
    void flush() {
        for (int i = 0; i < table.capacity(); i++) {
            final Neighbor entry = table.at(i);
            if (entry != null && entry.state != NeighborState.PERMANENT) {
                forget(entry);
            }
        }
    }

    /** Of one that is asked for nothing is known yet: it stays, for the packets that wait for it. */
    private void forget(final Neighbor entry) {
        if (entry.state != NeighborState.INCOMPLETE || entry.queued == 0) {
            remove(entry);
        }
    }

    /** Works off due timers and tells senders what did not arrive. Returns how much there was. */
    int poll(final long now) {
        int work = 0;
        for (TimerNode due = timers.poll(now); due != null; due = timers.poll(now)) {
            expire((Neighbor) due, now);
            work++;
        }
        return work + waiting.tell();
    }

    /** When {@link #poll} has something to do. */
    long pollAt() {
        return waiting.anyLost() ? 0 : timers.next();
    }

    /** Neighbours in the table. */
    int size() {
        return table.size();
    }

    /** All neighbours, in no order. */
    List<NeighborEntry> entries(final long now) {
        final List<NeighborEntry> entries = new ArrayList<>(table.size());
        for (int i = 0; i < table.capacity(); i++) {
            final Neighbor entry = table.at(i);
            if (entry != null) {
                entries.add(NeighborEntry.of(family, entry, now));
            }
        }
        return entries;
    }

    /** The link address that packets to a neighbour go to now; {@link #PENDING} if it is not known. */
    public long lookup(final long hi, final long lo) {
        final Neighbor entry = table.find(hi, lo);
        return entry == null || !entry.isResolved() ? PENDING : entry.mac;
    }

    /** Forgets all neighbours and drops what waits for them. */
    void clear() {
        for (int i = 0; i < table.capacity(); i++) {
            final Neighbor entry = table.at(i);
            if (entry != null) {
                remove(entry);
            }
        }
        waiting.clear();
    }

    private void expire(final Neighbor entry, final long now) {
        if (entry.verifying) {
            if (entry.solicits < MAX_SOLICITS) {
                ask(entry, 0, now);
            } else {
                fail(entry);
            }
            return;
        }
        switch (entry.state) {
            case INCOMPLETE -> {
                if (entry.solicits < MAX_SOLICITS) {
                    ask(entry, 0, now);
                } else {
                    fail(entry);
                }
            }
            case DELAY -> {
                table.state(entry, NeighborState.PROBE);
                entry.solicits = 0;
                ask(entry, entry.mac, now);
            }
            case PROBE -> {
                if (entry.solicits < MAX_SOLICITS) {
                    ask(entry, entry.mac, now);
                } else {
                    fail(entry);
                }
            }
            default -> {} // nothing to wait for
        }
    }

    private void begin(final Neighbor entry, final long now) {
        table.state(entry, NeighborState.INCOMPLETE);
        entry.solicits = 0;
        ask(entry, 0, now);
    }

    /**
     * It does not answer. The next packet asks again, as if the neighbour had been forgotten (RFC 4861 section 7.3.3): it
     * may have come back, and a connection that sends seldom must not lose that packet, too. As the last request was
     * given its time, requests go on to be a second apart at least (RFC 1122 section 2.3.2.1).
     */
    private void fail(final Neighbor entry) {
        table.state(entry, NeighborState.FAILED);
        entry.verifying = false;
        waiting.fail(entry);
    }

    private void delay(final Neighbor entry, final long now) {
        table.state(entry, NeighborState.DELAY);
        timers.set(entry, now + DELAY_MICROS);
    }

    /** A link address that is worth trying. */
    private void stale(final Neighbor entry, final long newMac, final long now) {
        learn(entry, newMac);
        adopt(entry, newMac, now);
    }

    private void adopt(final Neighbor entry, final long newMac, final long now) {
        timers.cancel(entry);
        table.state(entry, NeighborState.STALE);
        entry.mac = newMac;
        entry.verifying = false;
        if (entry.queued > 0) {
            delay(entry, now);
            waiting.release(entry);
        }
    }

    private void settle(
            final Neighbor entry, final long newMac, final boolean confirmed, final int flags, final long now) {
        learn(entry, newMac);
        entry.mac = newMac;
        entry.router = (flags & NdpView.ROUTER) != 0;
        entry.verifying = false;
        if (confirmed) {
            reachable(entry, now);
            waiting.release(entry);
        } else {
            adopt(entry, newMac, now);
        }
    }

    private void reachable(final Neighbor entry, final long now) {
        timers.cancel(entry);
        table.state(entry, NeighborState.REACHABLE);
        entry.until = now + reachableTime.micros(now);
        entry.confirmed = now;
        entry.verifying = false;
    }

    /**
     * Somebody contradicts what was confirmed: everyone is asked, as often as a request may be repeated, until one
     * answers. What is known serves meanwhile.
     */
    private void verify(final Neighbor entry, final long now) {
        if (entry.verifying) {
            return;
        }
        entry.verifying = true;
        entry.solicits = 0;
        if (now - entry.asked >= RETRANS_MICROS) {
            ask(entry, 0, now);
        } else {
            timers.set(entry, entry.asked + RETRANS_MICROS);
        }
    }

    private void ask(final Neighbor entry, final long where, final long now) {
        entry.solicits++;
        entry.asked = now;
        timers.set(entry, now + RETRANS_MICROS);
        counters.increment(StackCounter.NEIGHBOR_REQUESTS_SENT);
        resolver.solicit(family, entry.hi, entry.lo, where);
    }

    private @Nullable Neighbor create(final long hi, final long lo, final long now, final boolean forOutput) {
        if (table.full()) {
            // What others cause to be created pushes out nothing that we use.
            final Neighbor victim = table.victim(forOutput);
            if (victim == null) {
                return null;
            }
            evict(victim);
        } else if (forOutput && table.scanned()) {
            // It must not fill the table with addresses that nobody has.
            final Neighbor victim = table.dispensable();
            if (victim != null) {
                evict(victim);
            }
        }
        final Neighbor entry = table.add(hi, lo);
        entry.begin(now);
        entry.asked = now - RETRANS_MICROS;
        return entry;
    }

    private void evict(final Neighbor entry) {
        counters.increment(StackCounter.NEIGHBOR_EVICTIONS);
        remove(entry);
    }

    private void remove(final Neighbor entry) {
        timers.cancel(entry);
        waiting.drop(entry);
        table.remove(entry);
    }
}
