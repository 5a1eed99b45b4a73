package io.millrace.stack.socket;

import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;

/**
 * Limits how often strangers are answered: all of them together by one {@link TokenBucket}, and each source by one of its
 * own that gives a quarter of that, so that whoever asks too much spends its share and leaves the others theirs. A source
 * is an IPv4 address or the upper 64 bits of an IPv6 one, since one host can have all addresses behind these.
 *
 * <p>The sources' buckets are a fixed number, chosen by a keyed hash: memory is bounded and nothing is ever evicted,
 * however many sources there are. Two that share a bucket share its rate; nobody outside can choose or tell which. Every
 * bucket is jittered.
 *
 * <p>Not thread-safe.
 */
public final class ReplyLimit {
    /** Part of all answers that one source may have. */
    public static final int SHARE = 4;

    private static final int BUCKETS = 1024;

    private final SipHash hash;
    private final TokenBucket all;
    private final TokenBucket[] sources = new TokenBucket[BUCKETS];

    /**
     * Makes one with full buckets.
     *
     * @param perSecond most answers each second, at least 1
     * @param burst most answers at once, at least 1
     * @param entropy where the hash's key and the jitter come from
     */
    public ReplyLimit(final int perSecond, final int burst, final Entropy entropy) {
        hash = entropy.newTableHash();
        all = new TokenBucket(perSecond, burst, entropy);
        for (int i = 0; i < BUCKETS; i++) {
            sources[i] = new TokenBucket(Math.max(1, perSecond / SHARE), Math.max(1, burst / SHARE), entropy);
        }
    }

    /** Whether the source of a packet may be answered now. */
    public boolean take(final IpRepr ip, final long nowMicros) {
        return take(ip.family, ip.srcHi, ip.srcLo, nowMicros);
    }

    /** Whether a source, in the form of {@link IpFamily}, may be answered now. */
    public boolean take(final int family, final long srcHi, final long srcLo, final long nowMicros) {
        final long source = family == IpFamily.V4 ? srcLo : srcHi;
        // Its own bucket first: what that refuses takes nothing from the others.
        return sources[(int) hash.hash(family, source) & (BUCKETS - 1)].take(nowMicros) && all.take(nowMicros);
    }
}
