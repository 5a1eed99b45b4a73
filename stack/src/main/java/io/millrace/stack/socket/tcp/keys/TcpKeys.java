package io.millrace.stack.socket.tcp.keys;

import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
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
 * listener.options().keys().set(new Md5Key(Cidr.parse("192.0.2.0/24"), secret));
 * }</pre>
 *
 * <p>Keys may be set, replaced and taken back at any time; both ends must do so at once, or segments are lost until they
 * did. One that connects sets them before the next poll, so that its SYN is signed. Belongs to the thread of its stack.
 */
public final class TcpKeys {
    private static final Md5Key[] NONE = {};

    /** Null of a listener. */
    private final @Nullable Runnable changed;
    /** The longest prefix first: the first one that fits counts. */
    private Md5Key[] md5 = NONE;

    private TcpKeys(final @Nullable Runnable changed) {
        this.changed = changed;
    }

    /** No keys, of a listener. */
    public static TcpKeys create() {
        return new TcpKeys(null);
    }

    /**
     * No keys, of a connection.
     *
     * @param changed run after each change: it may change how much fits into a segment
     */
    public static TcpKeys create(final Runnable changed) {
        return new TcpKeys(changed);
    }

    /** Sets a key, in place of the one that there may be for the same network. */
    public TcpKeys set(final Md5Key key) {
        final List<Md5Key> keys = without(key.peer());
        keys.add(key);
        setMd5(keys);
        return this;
    }

    /** Sets all MD5 keys, in place of those that there are; of one network there is one at most. */
    public void setMd5(final Collection<Md5Key> keys) {
        final List<Md5Key> sorted = new ArrayList<>(keys);
        sorted.sort(Comparator.comparingInt((Md5Key each) -> -each.peer().prefixLength()));
        md5 = sorted.toArray(NONE);
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

    /** Gives a connection the keys for its peer. Returns whether there are any. */
    public boolean handOn(final TcpKeys child, final int family, final long hi, final long lo) {
        final Md5Key key = md5(family, hi, lo);
        if (key == null) {
            return false;
        }
        child.set(key);
        return true;
    }

    private void tellChange() {
        if (changed != null) {
            changed.run();
        }
    }

    @Override
    public String toString() {
        return List.of(md5).toString();
    }
}
