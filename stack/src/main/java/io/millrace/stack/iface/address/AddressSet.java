package io.millrace.stack.iface.address;

import io.millrace.stack.route.PrefixTable;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of one family at which an interface listens: its own, its networks' broadcast addresses and the groups
 * it joined. Open addressing, so that a packet's destination costs one probe however many addresses there are. Own
 * addresses that may not be used (yet) are kept, but found by {@link #find} alone.
 */
public final class AddressSet {
    /** The interface does not listen to it. */
    public static final int NONE = 0;

    /** One of its own addresses. */
    public static final int OWN = 1;

    /** A broadcast address of one of its networks. */
    public static final int BROADCAST = 2;

    /** A group that it joined. */
    public static final int GROUP = 3;

    private final int family;
    private final GroupListener listener;

    // The hash table: each address with what it is, and how many reasons there are to listen to it as a group.
    private long[] keys = new long[32]; // hi and lo in turn
    private byte[] kinds = new byte[16];
    private boolean[] owns = new boolean[16];
    private int[] reasons = new int[16];
    private int size;

    /**
     * A bit for each of 64 parts of what {@link #mix} makes of addresses: 0 if none of ours is in it. Most questions are
     * about addresses of others, and end here.
     */
    private long present;

    private boolean defaults;

    /** All own addresses in the order of the configuration, and those of them that may be used. */
    private OwnAddress[] all = new OwnAddress[0];

    private OwnAddress[] usable = new OwnAddress[0];

    /** Own addresses that packets may come to but not from: anycast ones. */
    private OwnAddress[] anycast = new OwnAddress[0];

    /** Prefixes of which every address is ours; null if there are none. */
    private @Nullable PrefixTable accepted;

    /**
     * Makes an empty one.
     *
     * @param listener told of groups
     */
    public AddressSet(final int family, final GroupListener listener) {
        this.family = family;
        this.listener = listener;
    }

    /** Adds an own address that is not there; with it its network's broadcast address or its solicited-node group. */
    void add(final OwnAddress address) {
        addDefaults();
        all = Arrays.copyOf(all, all.length + 1);
        all[all.length - 1] = address;
        if (listens(address)) {
            listen(address);
        }
        refresh();
    }

    /** Removes an own address. */
    void remove(final OwnAddress address) {
        if (listens(address)) {
            ignore(address);
        }
        int count = 0;
        for (final OwnAddress other : all) {
            if (other != address) {
                all[count++] = other;
            }
        }
        all = Arrays.copyOf(all, count);
        refresh();
    }

    /** Changes the state of an own address, and with it what is listened to. */
    void state(final OwnAddress address, final AddressState state) {
        final boolean listened = listens(address);
        address.state = state;
        if (listened && !listens(address)) {
            ignore(address);
        } else if (!listened && listens(address)) {
            listen(address);
        }
        refresh();
    }

    /** Enters a group, or counts one more who wants it. Returns whether it was the first. */
    public boolean join(final long hi, final long lo) {
        final int slot = claim(hi, lo);
        if (reasons[slot]++ > 0) {
            return false;
        }
        update(slot);
        if (IpAddress.isMulticast(family, hi, lo)) {
            listener.onJoin(IpAddress.of(family, hi, lo));
        }
        return true;
    }

    /** Leaves a group if nobody else wants it. Returns whether it was the last; the group must have been joined. */
    public boolean leave(final long hi, final long lo) {
        final int slot = slot(hi, lo);
        if (--reasons[slot] > 0) {
            return false;
        }
        update(slot);
        if (IpAddress.isMulticast(family, hi, lo)) {
            listener.onLeave(IpAddress.of(family, hi, lo));
        }
        return true;
    }

    /**
     * What an address is to this interface: {@link #NONE}, {@link #OWN}, {@link #BROADCAST} or {@link #GROUP}. All
     * unicast addresses of prefixes that it {@linkplain #accept accepts} are own ones, and groups where neighbours ask
     * for them.
     */
    public int kind(final long hi, final long lo) {
        final int kind = exactKind(hi, lo);
        if (kind == NONE && accepted != null) {
            if (family == IpFamily.V6 && Ipv6Address.isSolicitedNode(hi, lo)) {
                return GROUP;
            }
            return accepted.lookup(hi, lo) != PrefixTable.NONE && IpAddress.isUnicast(family, hi, lo) ? OWN : NONE;
        }
        return kind;
    }

    /** The same without accepted prefixes. */
    public int exactKind(final long hi, final long lo) {
        return (present & part(hi, lo)) == 0 ? NONE : kinds[slot(hi, lo)];
    }

    /** Accepts packets to all unicast addresses of a prefix, too (any-IP). */
    public void accept(final long hi, final long lo, final int prefixLength) {
        if (accepted == null) {
            accepted = new PrefixTable(family);
        }
        accepted.put(hi, lo, prefixLength, 0);
    }

    /** Accepts the addresses of a prefix no more. */
    public void refuse(final long hi, final long lo, final int prefixLength) {
        if (accepted != null) {
            accepted.remove(hi, lo, prefixLength);
            accepted = accepted.size() == 0 ? null : accepted;
        }
    }

    /** An own address in whatever state. */
    public @Nullable OwnAddress find(final long hi, final long lo) {
        for (final OwnAddress address : all) {
            if (address.lo == lo && address.hi == hi) {
                return address;
            }
        }
        return null;
    }

    /** Number of own addresses in whatever state. */
    public int total() {
        return all.length;
    }

    /** An own address in whatever state, by its place among all. */
    public OwnAddress at(final int index) {
        return all[index];
    }

    /** Whether an address is an anycast address of ours. */
    public boolean isAnycast(final long hi, final long lo) {
        for (final OwnAddress address : anycast) {
            if (address.lo == lo && address.hi == hi) {
                return true;
            }
        }
        return false;
    }

    /** Whether packets to all addresses of some prefix are accepted (any-IP). */
    public boolean acceptsPrefixes() {
        return accepted != null;
    }

    /** Whether packets to an address are accepted because a prefix is (any-IP). */
    public boolean accepts(final long hi, final long lo) {
        return accepted != null && exactKind(hi, lo) == NONE && kind(hi, lo) == OWN;
    }

    /**
     * Number of own addresses that packets may come from; the methods with an index mean these. An anycast address is
     * none (RFC 6724 section 4).
     */
    public int count() {
        return usable.length;
    }

    /** Upper half of an own address. */
    public long hi(final int index) {
        return usable[index].hi;
    }

    /** Lower half of an own address. */
    public long lo(final int index) {
        return usable[index].lo;
    }

    /** Length of the prefix of an own address's network. */
    public int prefixLength(final int index) {
        return usable[index].prefixLength;
    }

    /** Where an own address stands in its life. */
    public AddressState state(final int index) {
        return usable[index].state;
    }

    /** Whether an address is in the network of an own one. */
    public boolean sameNetwork(final int index, final long hi, final long lo) {
        final OwnAddress own = usable[index];
        return ((hi ^ own.hi) & IpAddress.maskHi(family, own.prefixLength)) == 0
                && ((lo ^ own.lo) & IpAddress.maskLo(family, own.prefixLength)) == 0;
    }

    /** Index of the first own address in whose network an address is; -1 if there is none. */
    public int network(final long hi, final long lo) {
        for (int i = 0; i < usable.length; i++) {
            if (sameNetwork(i, hi, lo)) {
                return i;
            }
        }
        return -1;
    }

    /** Joins what every host listens to. */
    public void addDefaults() {
        if (defaults) {
            return;
        }
        defaults = true;
        if (family == IpFamily.V4) {
            join(0, Ipv4Address.BROADCAST.lo());
            join(0, Ipv4Address.ALL_SYSTEMS.lo());
        } else {
            join(Ipv6Address.ALL_NODES.hi(), Ipv6Address.ALL_NODES.lo());
        }
    }

    /** Even a tentative address needs its groups, where others ask for it. */
    private static boolean listens(final OwnAddress address) {
        return address.state != AddressState.DUPLICATED;
    }

    private void listen(final OwnAddress address) {
        if (family == IpFamily.V6) {
            join(Ipv6Address.SOLICITED_NODE_HI, Ipv6Address.solicitedNodeLo(address.lo));
        } else if (address.prefixLength < 31) {
            join(0, broadcast(address));
        }
    }

    private void ignore(final OwnAddress address) {
        if (family == IpFamily.V6) {
            leave(Ipv6Address.SOLICITED_NODE_HI, Ipv6Address.solicitedNodeLo(address.lo));
        } else if (address.prefixLength < 31) {
            leave(0, broadcast(address));
        }
    }

    private static long broadcast(final OwnAddress address) {
        return address.lo | (~IpAddress.maskLo(IpFamily.V4, address.prefixLength) & 0xFFFF_FFFFL);
    }

    /** Puts the usable addresses, and only those, into the table and the list. */
    private void refresh() {
        for (final OwnAddress address : usable) {
            own(address, false);
        }
        for (final OwnAddress address : anycast) {
            own(address, false);
        }
        usable = pick(false);
        anycast = pick(true);
    }

    private OwnAddress[] pick(final boolean ofAnycast) {
        final OwnAddress[] picked = new OwnAddress[all.length];
        int count = 0;
        for (final OwnAddress address : all) {
            if (address.usable() && address.anycast == ofAnycast) {
                picked[count++] = address;
                own(address, true);
            }
        }
        return Arrays.copyOf(picked, count);
    }

    private void own(final OwnAddress address, final boolean own) {
        final int slot = claim(address.hi, address.lo);
        owns[slot] = own;
        update(slot);
    }

    /** Brings the kind of a slot in line with why it is there, and frees it if there is no reason left. */
    private void update(final int slot) {
        final int before = kinds[slot];
        if (owns[slot]) {
            kinds[slot] = OWN;
        } else if (reasons[slot] > 0) {
            final boolean multicast = IpAddress.isMulticast(family, keys[2 * slot], keys[2 * slot + 1]);
            kinds[slot] = (byte) (multicast ? GROUP : BROADCAST);
        } else if (before != NONE) {
            kinds[slot] = NONE;
            size--;
            closeGap(slot);
            findPresent();
        }
    }

    /** The slot of an address, which is taken for it if it was free; {@link #update} has to follow. */
    private int claim(final long hi, final long lo) {
        if (2 * (size + 1) > kinds.length) {
            grow();
        }
        final int slot = slot(hi, lo);
        if (kinds[slot] == NONE) {
            keys[2 * slot] = hi;
            keys[2 * slot + 1] = lo;
            kinds[slot] = GROUP;
            present |= part(hi, lo);
            size++;
        }
        return slot;
    }

    private void grow() {
        final long[] oldKeys = keys;
        final byte[] oldKinds = kinds;
        final boolean[] oldOwns = owns;
        final int[] oldReasons = reasons;
        keys = new long[2 * oldKeys.length];
        kinds = new byte[2 * oldKinds.length];
        owns = new boolean[2 * oldKinds.length];
        reasons = new int[2 * oldKinds.length];
        for (int i = 0; i < oldKinds.length; i++) {
            if (oldKinds[i] != NONE) {
                final int slot = slot(oldKeys[2 * i], oldKeys[2 * i + 1]);
                keys[2 * slot] = oldKeys[2 * i];
                keys[2 * slot + 1] = oldKeys[2 * i + 1];
                kinds[slot] = oldKinds[i];
                owns[slot] = oldOwns[i];
                reasons[slot] = oldReasons[i];
            }
        }
    }

    /** Moves what a probe from its home would no longer reach over a slot that became free. */
    private void closeGap(final int freed) {
        final int mask = kinds.length - 1;
        int gap = freed;
        for (int at = (gap + 1) & mask; kinds[at] != NONE; at = (at + 1) & mask) {
            final int home = home(keys[2 * at], keys[2 * at + 1]);
            if (((at - home) & mask) >= ((at - gap) & mask)) {
                keys[2 * gap] = keys[2 * at];
                keys[2 * gap + 1] = keys[2 * at + 1];
                kinds[gap] = kinds[at];
                owns[gap] = owns[at];
                reasons[gap] = reasons[at];
                kinds[at] = NONE;
                gap = at;
            }
        }
        owns[gap] = false;
        reasons[gap] = 0;
    }

    private void findPresent() {
        present = 0;
        for (int i = 0; i < kinds.length; i++) {
            present |= kinds[i] == NONE ? 0 : part(keys[2 * i], keys[2 * i + 1]);
        }
    }

    /** Where an address is, or the free slot where it would be. */
    private int slot(final long hi, final long lo) {
        final int mask = kinds.length - 1;
        int slot = home(hi, lo);
        while (kinds[slot] != NONE && (keys[2 * slot] != hi || keys[2 * slot + 1] != lo)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private int home(final long hi, final long lo) {
        return (int) (mix(hi, lo) >>> 40) & (kinds.length - 1);
    }

    /** The bit of {@link #present} for an address. */
    private static long part(final long hi, final long lo) {
        return 1L << (mix(hi, lo) >>> 58);
    }

    private static long mix(final long hi, final long lo) {
        return (hi * 31 + lo) * 0x9E3779B97F4A7C15L;
    }
}
