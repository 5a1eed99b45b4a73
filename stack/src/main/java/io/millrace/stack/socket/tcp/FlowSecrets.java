package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.HostSecret;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.wire.IpFamily;

/** Numbers of a flow that only this shard can know: where its sequence numbers and its timestamps start. */
final class FlowSecrets {
    /** Microseconds of a tick of the timestamp clock, RFC 7323 section 5.4. */
    static final int TIMESTAMP_TICK = 1_000;

    /** How long a peer's timestamp can be compared with, RFC 7323 section 5.5: 24 days, seconds. */
    static final int TIMESTAMP_LIFETIME = 24 * 24 * 3600;

    private final SipHash hash;

    FlowSecrets(final Entropy entropy) {
        this.hash = entropy.hostHash(HostSecret.FLOWS);
    }

    /** A keyed hash of a flow; its halves tell nothing of one another. */
    long of(final FlowEntry flow) {
        final long ports = flow.ports & 0xFFFF_FFFFL;
        return flow.family == IpFamily.V4
                ? hash.hash((flow.localLo << 32) | flow.remoteLo, ports)
                : hash.hash(flow.localHi, flow.localLo, flow.remoteHi, flow.remoteLo, ports);
    }

    /** RFC 6528: a clock of 4 microseconds, and what is secret of the flow. */
    static int initialSequence(final long secret, final long nowMicros) {
        return (int) (nowMicros >>> 2) + (int) secret;
    }

    /** RFC 7323 section 5.4: what is added to a flow's timestamps. The same for each connection between two ends. */
    static int timestampOffset(final long secret) {
        return (int) (secret >>> 32);
    }

    /** What left before the time that is returned may carry a timestamp or an older one, what left later does not. */
    static long sentBefore(final int offset, final int timestamp, final long nowMicros) {
        final int ticks = timestamp(offset, nowMicros) - timestamp;
        return ticks < 0 ? Long.MAX_VALUE : (nowMicros / TIMESTAMP_TICK - ticks + 1) * TIMESTAMP_TICK;
    }

    /** Timestamp to send now. */
    static int timestamp(final int offset, final long nowMicros) {
        return (int) (nowMicros / TIMESTAMP_TICK) + offset;
    }
}
