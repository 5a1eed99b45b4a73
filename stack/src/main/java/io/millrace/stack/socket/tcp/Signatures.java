package io.millrace.stack.socket.tcp;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.AoSession;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.socket.tcp.keys.SegmentDigest;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.FastOpenOption;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Signs what is sent, and judges what is received, by the keys of connections and listeners (RFC 2385, RFC 5925). What has
 * no keys costs a look whether it has, and that the peer does not sign.
 */
final class Signatures {
    private final Counters<StackCounter> counters;
    private final AoSignatures authentication = new AoSignatures(this);
    /** Made with the first key. */
    private @Nullable SegmentDigest digest;
    /** Signs the next segment, if it is MD5. */
    private @Nullable Md5Key signing;
    /** Signed the segment at hand, if it is MD5. */
    private @Nullable Md5Key proven;

    Signatures(final Counters<StackCounter> counters) {
        this.counters = counters;
    }

    /** The keys of a flow; null if it has none. */
    static @Nullable TcpKeys of(final FlowEntry flow) {
        if (flow instanceof TcpConnection c) {
            return c.settings().keysOrNull();
        }
        if (flow instanceof HalfOpen half) {
            return half.listener.settings().keysOrNull();
        }
        return flow instanceof TimeWait old ? old.keys : null;
    }

    /** {@link TcpRepr#signature} of what is sent to the peer of a flow. */
    static int kind(final @Nullable TcpKeys keys, final FlowEntry flow) {
        if (keys == null) {
            return TcpRepr.UNSIGNED;
        }
        if (keys.md5(flow.family, flow.remoteHi, flow.remoteLo) != null) {
            return TcpView.OPTION_MD5;
        }
        return keys.hasAo(flow.family, flow.remoteHi, flow.remoteLo) ? TcpView.OPTION_AO : TcpRepr.UNSIGNED;
    }

    /**
     * A SYN will be signed, and may not have room for its Fast Open option.
     *
     * @return whether it has; else the option is taken out
     */
    static boolean fit(final TcpRepr header, final FlowEntry flow) {
        header.signature = kind(of(flow), flow);
        if (header.crowdsOutFastOpen()) {
            header.fastOpen = FastOpenOption.NONE;
            return false;
        }
        return true;
    }

    /** Chooses what signs the next segment of a flow, whose header is filled; returns whether anything does. */
    boolean choose(final TcpKeys keys, final FlowEntry flow, final TcpRepr header) {
        header.signature = kind(keys, flow);
        signing = header.signature == TcpView.OPTION_MD5 ? keys.md5(flow.family, flow.remoteHi, flow.remoteLo) : null;
        if (header.signature == TcpView.OPTION_AO) {
            authentication.choose(keys, flow, header);
        }
        return header.signature != TcpRepr.UNSIGNED;
    }

    /** As {@link #choose}, for an answer to the segment that {@link #accepts} judged last. */
    boolean chooseProven(final TcpRepr cause, final IpRepr ip, final TcpRepr header) {
        header.signature = cause.signature;
        signing = proven;
        if (header.signature == TcpView.OPTION_AO) {
            authentication.chooseProven(ip, header);
        }
        return header.signature != TcpRepr.UNSIGNED;
    }

    /** Signs a segment that lies ready, with checksum 0, by what was chosen. */
    void sign(final IpRepr ip, final TcpRepr header, final MemorySegment memory, final long offset, final int length) {
        final Md5Key key = signing;
        final long code = offset + header.emittedCodeOffset();
        if (header.signature == TcpView.OPTION_AO) {
            authentication.sign(ip, header, memory, offset, length, code);
        } else if (key != null) {
            digest().signMd5(key, ip, memory, offset, length, code);
        }
    }

    /**
     * Judges a segment, and counts why it is refused.
     *
     * @param keys of whose it is; null if that has none
     * @param flow whose it is; null for a listener's
     */
    boolean accepts(
            final @Nullable TcpKeys keys,
            final @Nullable FlowEntry flow,
            final IpRepr ip,
            final TcpRepr segment,
            final MemorySegment memory) {
        if (keys == null && segment.signature == TcpRepr.UNSIGNED) {
            return true;
        }
        final StackCounter refused = refuse(keys, flow, ip, segment, memory);
        if (refused != null) {
            counters.increment(refused);
            if (keys != null) {
                keys.onRefused(refused);
            }
        }
        return refused == null;
    }

    private @Nullable StackCounter refuse(
            final @Nullable TcpKeys keys,
            final @Nullable FlowEntry flow,
            final IpRepr ip,
            final TcpRepr segment,
            final MemorySegment memory) {
        if (segment.signature == TcpRepr.BADLY_SIGNED) {
            return StackCounter.TCP_SIGNATURE_MALFORMED;
        }
        final Md5Key key = keys == null ? null : keys.md5(ip.family, ip.srcHi, ip.srcLo);
        proven = key;
        if (key != null) {
            if (segment.signature != TcpView.OPTION_MD5) {
                return StackCounter.TCP_MD5_NOT_FOUND;
            }
            return digest().verifyMd5(key, ip, memory, segment.offset, length(segment), segment.codeOffset)
                    ? null
                    : StackCounter.TCP_MD5_FAILURE;
        }
        if (keys != null && keys.hasAo(ip.family, ip.srcHi, ip.srcLo)) {
            return segment.signature == TcpView.OPTION_AO
                    ? authentication.refuse(keys, flow, ip, segment, memory)
                    : StackCounter.TCP_AO_REQUIRED;
        }
        return switch (segment.signature) {
            case TcpView.OPTION_MD5 -> StackCounter.TCP_MD5_UNEXPECTED;
            case TcpView.OPTION_AO -> StackCounter.TCP_AO_KEY_NOT_FOUND;
            default -> keys != null && keys.required() ? StackCounter.TCP_AO_REQUIRED : null;
        };
    }

    /** Bytes of a segment that was parsed and not changed since. */
    static int length(final TcpRepr segment) {
        return (int) (segment.payloadOffset - segment.offset) + segment.payloadLength;
    }

    /** A half-open connection becomes one, whose keys it has. */
    static void begin(final TcpConnection c, final HalfOpen half) {
        final TcpKeys keys = c.settings().keysOrNull();
        if (keys != null && keys.hasAo(c.family, c.remoteHi, c.remoteLo)) {
            final AoKey asked = AoSignatures.asked(keys, half);
            final AoSession session = new AoSession(half.iss);
            session.onSyn(half.irs);
            keys.begin(session, AoSignatures.signing(keys, half), asked);
        }
    }

    SegmentDigest digest() {
        SegmentDigest current = digest;
        if (current == null) {
            current = new SegmentDigest();
            digest = current;
        }
        return current;
    }
}
