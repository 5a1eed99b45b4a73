package io.millrace.stack.route;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import java.util.List;
import java.util.SplittableRandom;

/** A prefix of random length, for tests against a search of all prefixes. */
record Prefix(int family, long hi, long lo, int length) {
    /** One with what it shares with another that is there, so that they nest. */
    static Prefix random(final SplittableRandom random, final int family, final List<Prefix> known) {
        final int bits = IpAddress.bits(family);
        final int length = random.nextInt(bits + 1);
        long hi = family == IpFamily.V4 ? 0 : random.nextLong();
        long lo = family == IpFamily.V4 ? random.nextInt() & 0xFFFF_FFFFL : random.nextLong();
        if (!known.isEmpty() && random.nextInt(4) != 0) {
            final Prefix near = known.get(random.nextInt(known.size()));
            final int common = random.nextInt(bits + 1);
            final long maskHi = IpAddress.maskHi(family, common);
            final long maskLo = IpAddress.maskLo(family, common);
            hi = (near.hi & maskHi) | (hi & ~maskHi);
            lo = (near.lo & maskLo) | (lo & ~maskLo);
            if (family == IpFamily.V4) {
                hi = 0;
            }
        }
        return new Prefix(family, hi & IpAddress.maskHi(family, length), lo & IpAddress.maskLo(family, length), length);
    }

    boolean holds(final Prefix address) {
        return ((hi ^ address.hi) & IpAddress.maskHi(family, length)) == 0
                && ((lo ^ address.lo) & IpAddress.maskLo(family, length)) == 0;
    }
}
