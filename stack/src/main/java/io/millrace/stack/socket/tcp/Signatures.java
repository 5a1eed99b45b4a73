package io.millrace.stack.socket.tcp;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
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
 * Signs what is sent, and judges what is received, by the keys of connections and listeners (RFC 2385). What has no keys
 * costs a look whether it has, and that the peer does not sign.
 */
final class Signatures {
    private final Counters<StackCounter> counters;
    /** Made with the first key. */
    private @Nullable SegmentDigest digest;
    /** Signs the next segment. */
    private @Nullable Md5Key signing;
    /** Signed the segment at hand. */
    private @Nullable Md5Key proven;

    Signatures(final Counters<StackCounter> counters) {
        this.counters = counters;
    }

    /** The keys of a flow; null if it has none. */
    static @Nullable TcpKeys of(final FlowEntry flow) {
        if (flow instanceof TcpConnection c) {
            return of(c.options);
        }
        if (flow instanceof HalfOpen half) {
            return of(half.listener.optionsOrNull());
        }
        return flow instanceof TimeWait old ? old.keys : null;
    }

    static @Nullable TcpKeys of(final @Nullable TcpOptions options) {
        return options == null ? null : options.keysOrNull();
    }

    /** {@link TcpRepr#signature} of what is sent to the peer of a flow. */
    static int kind(final @Nullable TcpKeys keys, final FlowEntry flow) {
        return keys == null || keys.md5(flow.family, flow.remoteHi, flow.remoteLo) == null
                ? TcpRepr.UNSIGNED
                : TcpView.OPTION_MD5;
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

    /** Chooses what signs the next segment of a flow; returns whether anything does. */
    boolean choose(final TcpKeys keys, final FlowEntry flow, final TcpRepr header) {
        return sign(keys.md5(flow.family, flow.remoteHi, flow.remoteLo), header);
    }

    /** As {@link #choose}, for an answer to the segment that {@link #accepts} judged last. */
    boolean chooseProven(final TcpRepr cause, final TcpRepr header) {
        return sign(cause.signature == TcpRepr.UNSIGNED ? null : proven, header);
    }

    private boolean sign(final @Nullable Md5Key key, final TcpRepr header) {
        signing = key;
        header.signature = key == null ? TcpRepr.UNSIGNED : TcpView.OPTION_MD5;
        return key != null;
    }

    /** Signs a segment that lies ready, with checksum 0, by what was chosen. */
    void sign(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        final Md5Key key = signing;
        if (key != null) {
            digest().signMd5(key, ip, memory, offset, length, offset + TcpRepr.EMITTED_CODE_OFFSET);
        }
    }

    /**
     * Judges a segment, and counts why it is refused.
     *
     * @param keys of whose it is; null if that has none
     */
    boolean accepts(final @Nullable TcpKeys keys, final IpRepr ip, final TcpRepr segment, final MemorySegment memory) {
        final Md5Key key = keys == null ? null : keys.md5(ip.family, ip.srcHi, ip.srcLo);
        if (key == null && segment.signature == TcpRepr.UNSIGNED) {
            return true;
        }
        proven = key;
        final StackCounter refused = refuse(key, ip, segment, memory);
        if (refused != null) {
            counters.increment(refused);
        }
        return refused == null;
    }

    private @Nullable StackCounter refuse(
            final @Nullable Md5Key key, final IpRepr ip, final TcpRepr segment, final MemorySegment memory) {
        if (segment.signature == TcpRepr.BADLY_SIGNED) {
            return StackCounter.TCP_SIGNATURE_MALFORMED;
        }
        if (key == null) {
            return segment.signature == TcpView.OPTION_MD5 ? StackCounter.TCP_MD5_UNEXPECTED : null;
        }
        if (segment.signature != TcpView.OPTION_MD5) {
            return StackCounter.TCP_MD5_NOT_FOUND;
        }
        final int length = (int) (segment.payloadOffset - segment.offset) + segment.payloadLength;
        return digest().verifyMd5(key, ip, memory, segment.offset, length, segment.codeOffset)
                ? null
                : StackCounter.TCP_MD5_FAILURE;
    }

    private SegmentDigest digest() {
        SegmentDigest current = digest;
        if (current == null) {
            current = new SegmentDigest();
            digest = current;
        }
        return current;
    }
}
