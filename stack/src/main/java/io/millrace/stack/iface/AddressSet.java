package io.millrace.stack.iface;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.Arrays;

/**
 * The addresses of one family at which an interface listens: its own, its networks' broadcast addresses and the groups
 * it joined. Open addressing, so that a packet's destination costs one probe however many addresses there are.
 */
final class AddressSet {
    /** The interface does not listen to it. */
    static final int NONE = 0;

    /** One of its own addresses. */
    static final int OWN = 1;

    /** A broadcast address of one of its networks. */
    static final int BROADCAST = 2;

    /** A group that it joined. */
    static final int GROUP = 3;

    private final int family;
    private long[] keys = new long[32]; // hi and lo in turn
    private byte[] kinds = new byte[16];
    private int size;

    private long[] own = new long[0]; // hi and lo in turn, in the order of the configuration
    private int[] prefixLengths = new int[0];

    AddressSet(final int family) {
        this.family = family;
    }

    /** Adds an own address; with it its network's broadcast address or its solicited-node group. */
    void addOwn(final long hi, final long lo, final int prefixLength) {
        put(hi, lo, OWN);
        if (family == IpFamily.V4) {
            if (prefixLength < 31) {
                final long mask = IpAddress.maskLo(IpFamily.V4, prefixLength);
                put(0, lo | (~mask & 0xFFFF_FFFFL), BROADCAST);
            }
        } else {
            put(Ipv6Address.SOLICITED_NODE_HI, Ipv6Address.solicitedNodeLo(lo), GROUP);
        }
        final int count = count();
        own = Arrays.copyOf(own, 2 * count + 2);
        own[2 * count] = hi;
        own[2 * count + 1] = lo;
        prefixLengths = Arrays.copyOf(prefixLengths, count + 1);
        prefixLengths[count] = prefixLength;
    }

    /** Joins what every host listens to. */
    void addDefaults() {
        if (family == IpFamily.V4) {
            put(0, Ipv4Address.BROADCAST.lo(), BROADCAST);
            put(0, Ipv4Address.ALL_SYSTEMS.lo(), GROUP);
        } else {
            put(Ipv6Address.ALL_NODES.hi(), Ipv6Address.ALL_NODES.lo(), GROUP);
        }
    }

    /** What an address is to this interface: {@link #NONE}, {@link #OWN}, {@link #BROADCAST} or {@link #GROUP}. */
    int kind(final long hi, final long lo) {
        return kinds[slot(hi, lo)];
    }

    /** Number of own addresses. */
    int count() {
        return prefixLengths.length;
    }

    /** Upper half of an own address. */
    long hi(final int index) {
        return own[2 * index];
    }

    /** Lower half of an own address. */
    long lo(final int index) {
        return own[2 * index + 1];
    }

    /** Length of the prefix of an own address's network. */
    int prefixLength(final int index) {
        return prefixLengths[index];
    }

    /** Whether an address is in the network of an own one. */
    boolean sameNetwork(final int index, final long hi, final long lo) {
        final int length = prefixLengths[index];
        return ((hi ^ hi(index)) & IpAddress.maskHi(family, length)) == 0
                && ((lo ^ lo(index)) & IpAddress.maskLo(family, length)) == 0;
    }

    /** Index of the first own address in whose network an address is; -1 if there is none. */
    int network(final long hi, final long lo) {
        for (int i = 0; i < prefixLengths.length; i++) {
            if (sameNetwork(i, hi, lo)) {
                return i;
            }
        }
        return -1;
    }

    private void put(final long hi, final long lo, final int kind) {
        final int slot = slot(hi, lo);
        if (kinds[slot] == NONE) {
            keys[2 * slot] = hi;
            keys[2 * slot + 1] = lo;
            size++;
        }
        if (kinds[slot] != OWN) {
            kinds[slot] = (byte) kind;
        }
        if (2 * size > kinds.length) {
            grow();
        }
    }

    private void grow() {
        final long[] oldKeys = keys;
        final byte[] oldKinds = kinds;
        keys = new long[2 * oldKeys.length];
        kinds = new byte[2 * oldKinds.length];
        for (int i = 0; i < oldKinds.length; i++) {
            if (oldKinds[i] != NONE) {
                final int slot = slot(oldKeys[2 * i], oldKeys[2 * i + 1]);
                keys[2 * slot] = oldKeys[2 * i];
                keys[2 * slot + 1] = oldKeys[2 * i + 1];
                kinds[slot] = oldKinds[i];
            }
        }
    }

    /** Where an address is, or the free slot where it would be. */
    private int slot(final long hi, final long lo) {
        final int mask = kinds.length - 1;
        int slot = (int) (((hi * 31 + lo) * 0x9E3779B97F4A7C15L) >>> 40) & mask;
        while (kinds[slot] != NONE && (keys[2 * slot] != hi || keys[2 * slot + 1] != lo)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }
}
