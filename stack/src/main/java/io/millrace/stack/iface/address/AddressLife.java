package io.millrace.stack.iface.address;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.timer.TimerNode;
import io.millrace.stack.timer.TimerWheel;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Leads the addresses of an interface through their lives: checks that nobody else has them, announces, deprecates and
 * removes them, and answers conflicts (RFC 4862 sections 5.4 and 5.5.4, RFC 5227). What is sent and when is in
 * {@link DuplicateDetection}; this class holds the times.
 */
public final class AddressLife {
    private static final int SECOND = 1_000_000;

    /** MAX_RTR_SOLICITATION_DELAY of RFC 4861 and PROBE_WAIT of RFC 5227: what starts with us is spread over it. */
    private static final int MAX_DELAY_MICROS = SECOND;

    /** RetransTimer of RFC 4861. */
    private static final long RETRANS_MICROS = SECOND;

    // RFC 5227 section 1.1.
    private static final int PROBE_MIN_MICROS = SECOND;
    private static final int PROBE_MAX_MICROS = 2 * SECOND;
    private static final long ANNOUNCE_WAIT_MICROS = 2 * SECOND;
    private static final long ANNOUNCE_INTERVAL_MICROS = 2 * SECOND;
    private static final int ANNOUNCEMENTS_V4 = 2;
    private static final long DEFEND_INTERVAL_MICROS = 10 * SECOND;

    /** MAX_NEIGHBOR_ADVERTISEMENT of RFC 4861. */
    private static final int ANNOUNCEMENTS_V6 = 3;

    private static final long NONCE_MASK = 0xFFFF_FFFF_FFFFL;

    private final AddressSet addresses4;
    private final AddressSet addresses6;
    private final AddressMessages messages;
    private final DuplicateDetection detection;
    private final Entropy entropy;
    private final Counters<StackCounter> counters;
    private final TimerWheel timers = new TimerWheel(0);
    private AddressListener listener = new AddressListener() {};
    private boolean leads = true;
    private boolean clockKnown;
    private long now;

    /**
     * Makes one for addresses that will come.
     *
     * @param messages what it has to say
     * @param detection how they are checked; {@link DuplicateDetection#OFF} on mediums without link addresses
     */
    public AddressLife(
            final AddressSet addresses4,
            final AddressSet addresses6,
            final AddressMessages messages,
            final DuplicateDetection detection,
            final Entropy entropy,
            final Counters<StackCounter> counters) {
        this.addresses4 = addresses4;
        this.addresses6 = addresses6;
        this.messages = messages;
        this.detection = detection;
        this.entropy = entropy;
        this.counters = counters;
    }

    /** Tells that IPv6 is switched off or on again. */
    public void tellIpv6(final boolean enabled) {
        if (enabled) {
            listener.onIpv6Enabled();
        } else {
            listener.onIpv6Disabled();
        }
    }

    /** Sets who hears of addresses. */
    public void listener(final AddressListener newListener) {
        listener = newListener;
    }

    /**
     * Says whether this shard checks, announces and defends the addresses, which one does for all. The others wait to
     * {@linkplain #heard hear} of it. Who takes the lead begins the checks anew that are not over.
     */
    public void leads(final boolean nowLeads) {
        final boolean takesOver = nowLeads && !leads;
        leads = nowLeads;
        if (takesOver) {
            for (final AddressSet set : new AddressSet[] {addresses4, addresses6}) {
                for (int i = 0; i < set.total(); i++) {
                    final OwnAddress own = set.at(i);
                    if (own.begun && own.checking()) {
                        own.steps = 0;
                        own.nextStep = now + entropy.nextInt(MAX_DELAY_MICROS + 1);
                        schedule(own);
                    }
                }
            }
        }
    }

    /** Takes over what the shard in the lead found out about an address that is still checked here. */
    public void heard(final OwnAddress own, final AddressState state, final long mac) {
        if (own.anycast || !own.checking()) {
            return;
        }
        if (state == AddressState.DUPLICATED) {
            lose(own, mac);
        } else {
            pass(own);
        }
    }

    private void pass(final OwnAddress own) {
        final boolean preferred = !own.begun || now < own.preferredUntil;
        set(own.family).state(own, preferred ? AddressState.PREFERRED : AddressState.DEPRECATED);
        if (leads) {
            announceSoon(own);
            messages.tellShards(own, 0);
        } else {
            own.nextStep = OwnAddress.NEVER;
        }
        if (own.begun) {
            schedule(own);
        }
        listener.onPreferred(own.address());
    }

    private void lose(final OwnAddress own, final long mac) {
        counters.increment(StackCounter.ADDRESS_DUPLICATES);
        own.nextStep = OwnAddress.NEVER;
        set(own.family).state(own, AddressState.DUPLICATED);
        if (own.begun) {
            schedule(own);
        }
        if (leads) {
            messages.tellShards(own, mac);
        }
        listener.onDuplicate(own.address(), new MacAddress(mac));
    }

    /**
     * Begins the life of an address that is not there.
     *
     * @param anycast whether others have it too, so that it is neither checked nor announced
     * @param preferredMicros for how long it is preferred; {@link OwnAddress#NEVER} for ever
     * @param validMicros after how long it is removed
     */
    public void add(
            final int family,
            final long hi,
            final long lo,
            final int prefixLength,
            final boolean anycast,
            final long preferredMicros,
            final long validMicros) {
        final AddressState state = anycast || checks(family) == 0
                ? AddressState.PREFERRED
                : detection.optimistic() ? AddressState.OPTIMISTIC : AddressState.TENTATIVE;
        final OwnAddress own = new OwnAddress(family, hi, lo, prefixLength, anycast, state);
        own.preferredUntil = preferredMicros;
        own.validUntil = validMicros;
        set(family).add(own);
        if (clockKnown) {
            begin(own);
        } else {
            timers.set(own, 0);
        }
    }

    /** Checks all IPv6 addresses that are not somebody else's once more: meanwhile nobody could have been asked. */
    public void checkAgain() {
        for (int i = 0; i < addresses6.total(); i++) {
            final OwnAddress own = addresses6.at(i);
            if (own.begun && !own.anycast && own.state != AddressState.DUPLICATED && checks(IpFamily.V6) > 0) {
                addresses6.state(own, detection.optimistic() ? AddressState.OPTIMISTIC : AddressState.TENTATIVE);
                own.steps = 0;
                own.nextStep = leads ? now + entropy.nextInt(MAX_DELAY_MICROS + 1) : OwnAddress.NEVER;
                schedule(own);
            }
        }
    }

    /** Ends the life of an address, in whatever state. Returns whether it was there. */
    public boolean remove(final IpAddress address) {
        final OwnAddress own = set(address.family()).find(address.hi(), address.lo());
        if (own != null) {
            remove(own);
        }
        return own != null;
    }

    private void remove(final OwnAddress own) {
        timers.cancel(own);
        set(own.family).remove(own);
        listener.onRemoved(own.address());
    }

    /**
     * Gives an address other lifetimes, from now on; a deprecated one is preferred again.
     *
     * @return whether it was there
     */
    public boolean renew(final IpAddress address, final long preferredMicros, final long validMicros) {
        final OwnAddress own = set(address.family()).find(address.hi(), address.lo());
        if (own != null) {
            renew(own, preferredMicros, validMicros);
        }
        return own != null;
    }

    private void renew(final OwnAddress own, final long preferredMicros, final long validMicros) {
        own.preferredUntil = own.begun ? after(preferredMicros) : preferredMicros;
        own.validUntil = own.begun ? after(validMicros) : validMicros;
        if (own.state == AddressState.DEPRECATED && preferredMicros > 0) {
            set(own.family).state(own, AddressState.PREFERRED);
            listener.onPreferred(own.address());
        }
        if (own.begun) {
            schedule(own);
        }
    }

    /** Tells everyone the link address of all addresses in use, since it changed (RFC 4861 section 7.2.6). */
    public void announceAll() {
        for (final AddressSet set : new AddressSet[] {addresses4, addresses6}) {
            for (int i = 0; i < set.total(); i++) {
                final OwnAddress own = set.at(i);
                if (own.usable() && !own.checking() && !own.anycast) {
                    announceSoon(own);
                }
            }
        }
    }

    /**
     * Notes that another station uses one of our addresses, or checks it while we do.
     *
     * @param mac its link address
     */
    public void conflict(final OwnAddress own, final long mac, final long at) {
        now = at;
        if (own.anycast || !leads) {
            return;
        }
        if (own.checking()) {
            lose(own, mac);
            return;
        }
        if (now - own.defended >= DEFEND_INTERVAL_MICROS) {
            own.defended = now;
            counters.increment(StackCounter.ADDRESS_DEFENCES);
            announce(own);
            listener.onConflict(own.address(), new MacAddress(mac));
        }
    }

    /** Does what is due. Returns how much that was. */
    public int poll(final long at) {
        now = at;
        clockKnown = true;
        int work = 0;
        for (TimerNode due = timers.poll(at); due != null; due = timers.poll(at)) {
            advance((OwnAddress) due);
            work++;
        }
        return work;
    }

    /** When {@link #poll} has something to do. */
    public long pollAt() {
        return timers.next();
    }

    /** Microseconds from now to one of an address's times. */
    private long left(final OwnAddress own, final long until) {
        return until == OwnAddress.NEVER || !own.begun ? until : Math.max(0, until - now);
    }

    private void begin(final OwnAddress own) {
        own.begun = true;
        own.defended = now - DEFEND_INTERVAL_MICROS;
        own.preferredUntil = after(own.preferredUntil);
        own.validUntil = after(own.validUntil);
        if (own.checking()) {
            own.nextStep = leads ? now + entropy.nextInt(MAX_DELAY_MICROS + 1) : OwnAddress.NEVER;
        } else if (own.usable()) {
            listener.onPreferred(own.address());
        }
        schedule(own);
    }

    private void advance(final OwnAddress own) {
        if (!own.begun) {
            begin(own);
            return;
        }
        if (now >= own.validUntil) {
            remove(own);
            return;
        }
        if (now >= own.preferredUntil && own.state == AddressState.PREFERRED) {
            set(own.family).state(own, AddressState.DEPRECATED);
            listener.onDeprecated(own.address());
        }
        if (now >= own.nextStep) {
            step(own);
        }
        schedule(own);
    }

    private void step(final OwnAddress own) {
        if (!leads) {
            own.nextStep = OwnAddress.NEVER;
        } else if (!own.checking()) {
            announce(own);
            own.steps--;
            own.nextStep = own.steps > 0 ? now + announceInterval(own.family) : OwnAddress.NEVER;
        } else if (own.steps < checks(own.family)) {
            own.steps++;
            own.nonce = entropy.nextLong() & NONCE_MASK;
            messages.probe(own);
            own.nextStep = now + probeInterval(own);
        } else {
            pass(own);
        }
    }

    private void announceSoon(final OwnAddress own) {
        own.steps = own.family == IpFamily.V4 ? ANNOUNCEMENTS_V4 : ANNOUNCEMENTS_V6;
        own.nextStep = now;
        if (own.begun) {
            schedule(own);
        }
    }

    private void announce(final OwnAddress own) {
        counters.increment(StackCounter.ADDRESS_ANNOUNCEMENTS);
        messages.announce(own);
    }

    private long probeInterval(final OwnAddress own) {
        if (own.family == IpFamily.V6) {
            return RETRANS_MICROS;
        }
        return own.steps == checks(IpFamily.V4)
                ? ANNOUNCE_WAIT_MICROS
                : PROBE_MIN_MICROS + entropy.nextInt(PROBE_MAX_MICROS - PROBE_MIN_MICROS + 1);
    }

    private static long announceInterval(final int family) {
        return family == IpFamily.V4 ? ANNOUNCE_INTERVAL_MICROS : RETRANS_MICROS;
    }

    private int checks(final int family) {
        return family == IpFamily.V4 ? detection.probes() : detection.solicitations();
    }

    private void schedule(final OwnAddress own) {
        final long preferred = own.state == AddressState.PREFERRED ? own.preferredUntil : OwnAddress.NEVER;
        final long next = Math.min(own.nextStep, Math.min(preferred, own.validUntil));
        if (next == OwnAddress.NEVER) {
            timers.cancel(own);
        } else {
            timers.set(own, next);
        }
    }

    private long after(final long micros) {
        return micros >= OwnAddress.NEVER - now ? OwnAddress.NEVER : now + micros;
    }

    private AddressSet set(final int family) {
        return family == IpFamily.V4 ? addresses4 : addresses6;
    }

    /** All addresses, those of IPv4 first. */
    public List<AddressEntry> entries() {
        final List<AddressEntry> entries = new ArrayList<>();
        for (final AddressSet set : List.of(addresses4, addresses6)) {
            for (int i = 0; i < set.total(); i++) {
                final OwnAddress own = set.at(i);
                entries.add(new AddressEntry(
                        new Cidr<>(own.address(), own.prefixLength),
                        own.state,
                        left(own, own.preferredUntil),
                        left(own, own.validUntil)));
            }
        }
        return entries;
    }
}
