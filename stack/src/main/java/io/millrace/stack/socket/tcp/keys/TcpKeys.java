package io.millrace.stack.socket.tcp.keys;

import io.millrace.stack.StackCounter;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a listener or of a connection. A peer that there is a key for is heard only if it signs its segments with
 * it, and what it is sent is signed so, from the SYN on; a peer that there is none for, only if it does not sign. What is
 * refused is dropped without an answer and counted by its reason. A listener gives a connection those that are for its
 * peer.
 *
 * <pre>{@code
 * listener.options().keys().set(new AoKey(Cidr.parse("192.0.2.0/24"), AoAlgorithm.HMAC_SHA_1_96, secret, 1, 1));
 * }</pre>
 *
 * <p>Keys may be set and taken back at any time. One that connects sets them before the next poll, so that its SYN is
 * signed. MD5 keys must be changed by both ends at once, or segments are lost until they are. TCP-AO keys (RFC 5925) are
 * changed without a loss: both ends {@link #set} the new one, one says that it would like to receive it ({@link
 * #receiveNext}), and whoever hears that signs with it from then on; then both {@link #remove} the old one.
 *
 * <p>A peer has keys of one kind only. Belongs to the thread of its stack.
 */
public final class TcpKeys {
    private static final Md5Key[] NO_MD5 = {};
    private static final AoKey[] NO_AO = {};
    private static final long[] NONE_JUDGED = {};
    /** Places of a key in {@link #judged}. */
    private static final int KINDS = 2;

    /** Null of a listener. */
    private final @Nullable Owner owner;
    /** The longest prefix first: the first one that fits counts. */
    private Md5Key[] md5 = NO_MD5;
    /** As they were set. */
    private AoKey[] ao = NO_AO;
    /** Of a connection: signs what is sent; null until something is. */
    private @Nullable AoKey current;
    /** Of a connection: what the peer is asked to sign with; null until something is sent. */
    private @Nullable AoKey next;
    /** Of a connection that TCP-AO signs, once it sent or received something. */
    private @Nullable AoSession session;

    private boolean required;
    private boolean acceptsIcmps;
    private final AoCounts counts = new AoCounts();
    /** Segments that were signed right, and those that were not, by each of {@link #ao}. */
    private long[] judged = NONE_JUDGED;

    /** The connection that keys belong to. */
    public interface Owner {
        /** There are other keys: it may change how much fits into a segment. */
        void onChange();

        /** Whether the connection is established, so that it is too late to begin with TCP-AO. */
        boolean isEstablished();
    }

    private TcpKeys(final @Nullable Owner owner) {
        this.owner = owner;
    }

    /** No keys, of a listener. */
    public static TcpKeys create() {
        return new TcpKeys(null);
    }

    /** No keys, of a connection. */
    public static TcpKeys create(final Owner owner) {
        return new TcpKeys(owner);
    }

    // ---- MD5 -----------------------------------------------------------------------------------------------------

    /**
     * Sets a key, in place of the one that there may be for the same network.
     *
     * @throws IllegalArgumentException if there are TCP-AO keys for some of its peers
     */
    public TcpKeys set(final Md5Key key) {
        final List<Md5Key> keys = without(key.peer());
        keys.add(key);
        setMd5(keys);
        return this;
    }

    /**
     * Sets all MD5 keys, in place of those that there are; of one network there is one at most.
     *
     * @throws IllegalArgumentException if there are TCP-AO keys for some of their peers
     */
    public void setMd5(final Collection<Md5Key> keys) {
        for (final Md5Key key : keys) {
            for (final AoKey other : ao) {
                refuseBoth(key.peer(), other.peer());
            }
        }
        final List<Md5Key> sorted = new ArrayList<>(keys);
        sorted.sort(Comparator.comparingInt((Md5Key each) -> -each.peer().prefixLength()));
        md5 = sorted.toArray(NO_MD5);
        tellChange();
    }

    /** Takes back the MD5 key for a network; returns false if there is none. */
    public boolean removeMd5(final Cidr<? extends IpAddress> peer) {
        final List<Md5Key> keys = without(peer.network());
        final boolean found = keys.size() < md5.length;
        setMd5(keys);
        return found;
    }

    private List<Md5Key> without(final Cidr<? extends IpAddress> network) {
        final List<Md5Key> keys = new ArrayList<>(md5.length + 1);
        for (final Md5Key key : md5) {
            if (!key.peer().equals(network)) {
                keys.add(key);
            }
        }
        return keys;
    }

    /** All MD5 keys, those for the fewest peers first. */
    public List<Md5Key> md5Keys() {
        return List.of(md5);
    }

    /** The MD5 key for a peer, or null if there is none; arguments as the fields of a flow. */
    public @Nullable Md5Key md5(final int family, final long hi, final long lo) {
        for (final Md5Key key : md5) {
            if (key.peer().address().family() == family && key.peer().contains(hi, lo)) {
                return key;
            }
        }
        return null;
    }

    // ---- TCP-AO --------------------------------------------------------------------------------------------------

    /**
     * Adds a key. The first one for a peer signs the SYN.
     *
     * @throws IllegalArgumentException if there is one with that {@code sendId} or {@code receiveId} for some of its peers,
     *     or an MD5 key
     * @throws IllegalStateException if the connection was established without TCP-AO, whose keys come of its first numbers
     */
    public TcpKeys set(final AoKey key) {
        if (!mayBegin()) {
            throw new IllegalStateException(key + " comes too late; set it before the connection is established");
        }
        for (final Md5Key other : md5) {
            refuseBoth(key.peer(), other.peer());
        }
        for (final AoKey other : ao) {
            if (overlap(key.peer(), other.peer())
                    && (key.sendId() == other.sendId() || key.receiveId() == other.receiveId())) {
                throw new IllegalArgumentException("there is a " + other + "; give " + key.peer() + " other IDs than "
                        + key.sendId() + "/" + key.receiveId());
            }
        }
        ao = Arrays.copyOf(ao, ao.length + 1);
        ao[ao.length - 1] = key;
        judged = Arrays.copyOf(judged, KINDS * ao.length);
        tellChange();
        return this;
    }

    /**
     * Takes back a key; returns false if there is none such.
     *
     * @throws IllegalStateException if it signs what is sent, or the peer is asked to sign with it
     */
    public boolean remove(final AoKey key) {
        if (key == current || key == next) {
            throw new IllegalStateException(key + " is in use; let another one sign, and be received, before");
        }
        final int index = Arrays.asList(ao).indexOf(key);
        if (index < 0) {
            return false;
        }
        final List<AoKey> keys = new ArrayList<>(Arrays.asList(ao));
        keys.remove(index);
        ao = keys.toArray(NO_AO);
        final int place = KINDS * index;
        System.arraycopy(judged, place + KINDS, judged, place, judged.length - place - KINDS);
        judged = Arrays.copyOf(judged, KINDS * ao.length);
        tellChange();
        return true;
    }

    /** All TCP-AO keys, as they were added. */
    public List<AoKey> aoKeys() {
        return List.of(ao);
    }

    /** The key that signs what is sent; null until something is, and of a listener. */
    public @Nullable AoKey current() {
        return current;
    }

    /** The key that the peer is asked to sign with; null until something is sent, and of a listener. */
    public @Nullable AoKey next() {
        return next;
    }

    /** Signs with a key from now on, without being asked; it must have been set. */
    public void signWith(final AoKey key) {
        current = known(key);
    }

    /** Asks the peer to sign with a key from now on; it must have been set. */
    public void receiveNext(final AoKey key) {
        next = known(key);
    }

    private AoKey known(final AoKey key) {
        if (!Arrays.asList(ao).contains(key)) {
            throw new IllegalArgumentException(key + " is not set; set it before");
        }
        return key;
    }

    /** Whether peers that there is no key for are refused; they are not unless this is set ({@code ao_required}). */
    public boolean required() {
        return required;
    }

    /** Sets {@link #required()}. */
    public void required(final boolean value) {
        required = value;
    }

    /**
     * Whether ICMP errors that TCP-AO has good reason to doubt are believed of a connection ({@code accept_icmps}); they are
     * not unless this is set (RFC 5925 section 7.8).
     */
    public boolean acceptsIcmps() {
        return acceptsIcmps;
    }

    /** Sets {@link #acceptsIcmps()}. */
    public void acceptsIcmps(final boolean value) {
        acceptsIcmps = value;
    }

    /** What was judged so far. */
    public AoCounts counts() {
        return counts;
    }

    /** Segments that a key signed right so far; 0 if it is not set. */
    public long good(final AoKey key) {
        return judged(key, 0);
    }

    /** Segments that a key was said to have signed, and had not; 0 if it is not set. */
    public long bad(final AoKey key) {
        return judged(key, 1);
    }

    private long judged(final AoKey key, final int kind) {
        final int index = Arrays.asList(ao).indexOf(key);
        return index < 0 ? 0 : judged[KINDS * index + kind];
    }

    /** A segment said to be signed with a key was judged. */
    public void onJudged(final AoKey key, final boolean right) {
        counts.good += right ? 1 : 0;
        for (int i = 0; i < ao.length; i++) {
            if (ao[i] == key) {
                judged[KINDS * i + (right ? 0 : 1)]++;
                return;
            }
        }
    }

    /** A segment or an ICMP error was refused. */
    public void onRefused(final StackCounter reason) {
        counts.refused(reason);
    }

    /** Whether there is a TCP-AO key for a peer; arguments as the fields of a flow. */
    public boolean hasAo(final int family, final long hi, final long lo) {
        return first(family, hi, lo) != null;
    }

    private @Nullable AoKey first(final int family, final long hi, final long lo) {
        for (final AoKey key : ao) {
            if (key.isFor(family, hi, lo)) {
                return key;
            }
        }
        return null;
    }

    /** The key that a peer signs with by an ID; null if there is none. */
    public @Nullable AoKey received(final int family, final long hi, final long lo, final int receiveId) {
        for (final AoKey key : ao) {
            if (key.receiveId() == receiveId && key.isFor(family, hi, lo)) {
                return key;
            }
        }
        return null;
    }

    /** The key that signs what a peer is sent by an ID; null if there is none. */
    public @Nullable AoKey sent(final int family, final long hi, final long lo, final int sendId) {
        for (final AoKey key : ao) {
            if (key.sendId() == sendId && key.isFor(family, hi, lo)) {
                return key;
            }
        }
        return null;
    }

    // ---- of a connection -----------------------------------------------------------------------------------------

    /** Whether TCP-AO may begin, or has: a connection that was established without it cannot. */
    public boolean mayBegin() {
        return session != null || owner == null || !owner.isEstablished();
    }

    /** What TCP-AO knows of the connection; null as long as it sent nothing. */
    public @Nullable AoSession session() {
        return session;
    }

    /** Begins with what a handshake agreed on. */
    public void begin(final AoSession begun, final AoKey signs, final AoKey asked) {
        session = begun;
        current = signs;
        next = asked;
    }

    /**
     * Begins a connection of ours to a peer that there is a key for.
     *
     * @throws IllegalStateException if there is none
     */
    public AoSession begin(final int localIsn, final int family, final long hi, final long lo) {
        final AoSession begun = new AoSession(localIsn);
        final AoKey chosen = first(family, hi, lo);
        if (chosen == null) {
            throw new IllegalStateException("no TCP-AO key for the peer");
        }
        begin(begun, orChosen(current, chosen, family, hi, lo), orChosen(next, chosen, family, hi, lo));
        return begun;
    }

    /** A key that was asked for before the peer was known; another one if it is not for that. */
    private static AoKey orChosen(
            final @Nullable AoKey wanted, final AoKey chosen, final int family, final long hi, final long lo) {
        return wanted != null && wanted.isFor(family, hi, lo) ? wanted : chosen;
    }

    /** Gives a connection the keys for its peer. Returns whether there are any. */
    public boolean handOn(final TcpKeys child, final int family, final long hi, final long lo) {
        final Md5Key key = md5(family, hi, lo);
        if (key != null) {
            child.set(key);
        }
        for (final AoKey each : ao) {
            if (each.isFor(family, hi, lo)) {
                child.set(each);
            }
        }
        child.required = required;
        child.acceptsIcmps = acceptsIcmps;
        return child.md5.length + child.ao.length > 0;
    }

    private static void refuseBoth(final Cidr<? extends IpAddress> one, final Cidr<? extends IpAddress> other) {
        if (overlap(one, other)) {
            throw new IllegalArgumentException(
                    "keys for MD5 and for TCP-AO for peers of both " + one + " and " + other + "; use one kind");
        }
    }

    private static boolean overlap(final Cidr<? extends IpAddress> one, final Cidr<? extends IpAddress> other) {
        return (one.contains(other.address()) && one.prefixLength() <= other.prefixLength())
                || (other.contains(one.address()) && other.prefixLength() <= one.prefixLength());
    }

    private void tellChange() {
        if (owner != null) {
            owner.onChange();
        }
    }

    @Override
    public String toString() {
        final List<Object> all = new ArrayList<>(List.of(md5));
        all.addAll(List.of(ao));
        return all.toString();
    }
}
