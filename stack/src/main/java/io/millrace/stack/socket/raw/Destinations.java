package io.millrace.stack.socket.raw;

import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.SipHash;

/**
 * Where raw sockets sent to of late, so that an ICMP error about somewhere else is not believed: raw protocols have no
 * ports by which a stranger's guess would show. One place for each keyed hash; a newer destination takes an older one's.
 */
final class Destinations {
    private static final int PLACES = 256;

    private final SipHash hash;
    private final long[] hi = new long[PLACES];
    private final long[] lo = new long[PLACES];
    private final byte[] family = new byte[PLACES];

    Destinations(final Entropy entropy) {
        hash = entropy.newTableHash();
    }

    void add(final int ofFamily, final long dstHi, final long dstLo) {
        final int place = place(dstHi, dstLo);
        family[place] = (byte) ofFamily;
        hi[place] = dstHi;
        lo[place] = dstLo;
    }

    boolean contains(final int ofFamily, final long dstHi, final long dstLo) {
        final int place = place(dstHi, dstLo);
        return lo[place] == dstLo && hi[place] == dstHi && family[place] == ofFamily;
    }

    private int place(final long dstHi, final long dstLo) {
        return (int) hash.hash(dstHi, dstLo) & (PLACES - 1);
    }
}
