package io.millrace.stack.socket.tcp;

import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.HostSecret;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;
import org.jspecify.annotations.Nullable;

/**
 * Handshakes that cost no memory (RFC 4987 section 3.6): when a listener has as many half-open connections as it may,
 * what it has to remember of a SYN goes into the sequence number of the answer, which the peer gives back.
 *
 * <pre>
 *  31     27 26 24 23                             8 7             0
 * +---------+-----+--------------------------------+---------------+
 * | minutes | MSS | keyed hash of these and the    | keyed hash of |
 * |         |     | flow, plus the SYN's number    | that and flow |
 * +---------+-----+--------------------------------+---------------+
 * </pre>
 *
 * <p>So what was not a cookie shows as such without the SYN, of all but one in 4096; whoever guesses has to hit both. The
 * number is added rather than hashed, so that no later segment of the first window, which is less than 64 KiB, is ever
 * taken for the first one where that was lost.
 *
 * <p>With timestamps, window scale, SACK and ECN travel in the lowest six bits of ours, which the peer echoes: four bits
 * of shift, all of them set if there is none, one for SACK, one for ECN. Without timestamps the connection goes without.
 *
 * <p>A cookie is good for one to two units of 64 seconds, and only as long as the listener has sent some of late.
 *
 * <p>Nothing on the wire tells a segment that comes ahead of one with its cookie from a segment of a connection that the
 * cookie made and that ended before the peer acknowledged more. So the cookies of those are kept for that long, as many
 * as there is room for: they make no second connection, and what comes with them is of a connection that is over.
 */
final class SynCookies {
    /** Microseconds of a unit of the cookie's clock, and how long after the last one a listener takes any. */
    static final long UNIT = 64_000_000;

    static final long LIFETIME = 2 * UNIT;

    private static final int CLOCK_SHIFT = 27;
    private static final int CLOCK_MASK = 0x1F;
    private static final int MSS_SHIFT = 24;
    private static final int HASH_SHIFT = 8;
    private static final int HASH_MASK = 0xFFFF;
    private static final int SEAL_MASK = 0xFF;
    private static final int OPTIONS_MASK = 0x3F;
    private static final int NO_SCALING = 0xF;
    private static final int SACK = 0x10;
    private static final int ECN = 0x20;

    /** Sizes that a cookie can tell; the largest that is not above the peer's is taken. */
    private static final int[] MSS_V4 = {88, 256, 536, 1200, 1300, 1440, 1460, 8960};

    private static final int[] MSS_V6 = {88, 256, 536, 1220, 1360, 1420, 1440, 8940};

    /** Most cookies kept that are used up, a power of two; a later one takes the place of an earlier one. */
    private static final int SPENT = 4096;

    private final SipHash flowHash;
    private final SipHash cookieHash;
    /** Hashes of flows and cookies that are used up; null as long as there was none. */
    private long @Nullable [] spent;

    SynCookies(final Entropy entropy) {
        this.flowHash = entropy.hostHash(HostSecret.COOKIE_FLOWS);
        this.cookieHash = entropy.hostHash(HostSecret.COOKIES);
    }

    /** The sequence number that answers a SYN. */
    int cookie(final TcpFlow flow, final int irs, final int peerMss, final long now) {
        final int[] sizes = flow.family == IpFamily.V4 ? MSS_V4 : MSS_V6;
        int index = 0;
        while (index < sizes.length - 1 && sizes[index + 1] <= peerMss) {
            index++;
        }
        return make(flow, irs, clock(now), index);
    }

    private int make(final TcpFlow flow, final int irs, final int clock, final int index) {
        final int open = clock << CLOCK_SHIFT | index << MSS_SHIFT;
        final long whose = whose(flow);
        final int sum = (int) cookieHash.hash(whose, open) + irs;
        return sealed(whose, open | (sum & HASH_MASK) << HASH_SHIFT);
    }

    private long whose(final TcpFlow flow) {
        final long ports = flow.ports ^ (long) flow.remoteUdpPort << Integer.SIZE;
        return flowHash.hash(flow.localHi, flow.localLo, flow.remoteHi, flow.remoteLo, ports);
    }

    /** A cookie by all but its lowest bits. */
    private int sealed(final long whose, final int upper) {
        // Of three numbers, which no other hash here is of.
        return upper | ((int) cookieHash.hash(whose, upper, HASH_SHIFT) & SEAL_MASK);
    }

    /** MSS that a cookie tells, or -1 if it is none of ours or too old. */
    int mss(final TcpFlow flow, final int irs, final int cookie, final long now) {
        final int clock = cookie >>> CLOCK_SHIFT;
        final int index = cookie >>> MSS_SHIFT & 7;
        if (!isRecent(cookie, now) || make(flow, irs, clock, index) != cookie) {
            return -1;
        }
        return flow.family == IpFamily.V4 ? MSS_V4[index] : MSS_V6[index];
    }

    /** Whether a number may be a cookie for a flow that is still good: all that shows without the SYN that it answers. */
    boolean mayBe(final TcpFlow flow, final int cookie, final long now) {
        return isRecent(cookie, now) && sealed(whose(flow), cookie & ~SEAL_MASK) == cookie;
    }

    /** A connection ended, and the peer acknowledged no more of it than the number of our SYN, if that was a cookie. */
    void spend(final TcpFlow flow, final int cookie, final long now) {
        if (mayBe(flow, cookie, now)) {
            long[] table = spent;
            if (table == null) {
                table = new long[SPENT];
                spent = table;
            }
            final long hash = spentHash(flow, cookie);
            table[place(hash)] = hash;
        }
    }

    /** Whether the connection of a recent cookie has ended. */
    boolean isSpent(final TcpFlow flow, final int cookie) {
        final long[] table = spent;
        if (table == null) {
            return false;
        }
        final long hash = spentHash(flow, cookie);
        return table[place(hash)] == hash;
    }

    /** A cookie is sent: if that is one of before, to a peer that begins with the same number again, it is good again. */
    void renew(final TcpFlow flow, final int cookie) {
        final long[] table = spent;
        if (table != null && isSpent(flow, cookie)) {
            table[place(spentHash(flow, cookie))] = 0;
        }
    }

    private long spentHash(final TcpFlow flow, final int cookie) {
        return cookieHash.hash(whose(flow), cookie, Integer.SIZE);
    }

    private static int place(final long hash) {
        return (int) (hash >>> Integer.SIZE) & SPENT - 1;
    }

    private static boolean isRecent(final int cookie, final long now) {
        return (clock(now) - (cookie >>> CLOCK_SHIFT) & CLOCK_MASK) <= 1;
    }

    private static int clock(final long now) {
        return (int) (now / UNIT) & CLOCK_MASK;
    }

    /** Our timestamp with what was agreed on in it; not later than the time. */
    static int timestamp(final int timestamp, final int shift, final boolean sack, final boolean ecn) {
        final int options = (shift < 0 ? NO_SCALING : shift) | (sack ? SACK : 0) | (ecn ? ECN : 0);
        final int stamped = (timestamp & ~OPTIONS_MASK) | options;
        return TcpSeq.gt(stamped, timestamp) ? stamped - OPTIONS_MASK - 1 : stamped;
    }

    /** The SYN as far as the segment that gives the cookie back tells it. */
    static TcpRepr syn(final TcpRepr segment, final int mss) {
        final TcpRepr syn = new TcpRepr();
        syn.clear();
        syn.srcPort = segment.srcPort;
        syn.dstPort = segment.dstPort;
        syn.seq = segment.seq - 1;
        syn.udpPort = segment.udpPort;
        syn.ownUdpPort = segment.ownUdpPort;
        syn.mss = mss;
        syn.window = segment.window;
        syn.keyId = segment.keyId;
        syn.nextKeyId = segment.nextKeyId;
        syn.timestamps = segment.timestamps;
        syn.tsVal = segment.tsVal;
        final int shift = segment.tsEcr & NO_SCALING;
        syn.windowShift = segment.timestamps && shift != NO_SCALING ? shift : -1;
        syn.flags = TcpView.SYN | (segment.timestamps && (segment.tsEcr & ECN) != 0 ? ecnFlags(segment) : 0);
        syn.sackPermitted = segment.timestamps && (segment.tsEcr & SACK) != 0;
        return syn;
    }

    /**
     * Of such a SYN: who agreed on accurate notification tells in the same flags what our answer came with (RFC 9768
     * section 5.1).
     */
    private static int ecnFlags(final TcpRepr segment) {
        return AccurateEcn.isHandshake(segment) ? AccurateEcn.SETUP : Ecn.SETUP;
    }
}
