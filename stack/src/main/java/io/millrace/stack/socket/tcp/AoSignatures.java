package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.AoSession;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.socket.tcp.keys.TrafficKey;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The authentication option of segments (RFC 5925 sections 7.4 and 7.5): which key signs what is sent, with which initial
 * sequence numbers, and whether what came is signed right. A connection keeps the traffic keys that it uses; those of
 * handshakes are derived for each segment.
 */
final class AoSignatures {
    private final Signatures signatures;

    // Of the next segment.
    private @Nullable TrafficKey signing;
    private @Nullable AoSession session;
    private int localIsn;

    // Of the segment at hand.
    private @Nullable AoKey proven;
    private int provenLocalIsn;
    private int provenRemoteIsn;

    AoSignatures(final Signatures signatures) {
        this.signatures = signatures;
    }

    /** The key that the peer of a half-open connection wants to receive; the one that it sent if we have none such. */
    static AoKey signing(final TcpKeys keys, final HalfOpen half) {
        final AoKey wanted = keys.sent(half.family, half.remoteHi, half.remoteLo, half.nextKeyId);
        return wanted == null ? asked(keys, half) : wanted;
    }

    /** The key that the peer of a half-open connection signed its SYN with; another one if that was taken back. */
    static AoKey asked(final TcpKeys keys, final HalfOpen half) {
        final AoKey used = keys.received(half.family, half.remoteHi, half.remoteLo, half.keyId);
        if (used != null) {
            return used;
        }
        for (final AoKey key : keys.aoKeys()) {
            if (key.peer().address().family() == half.family && key.peer().contains(half.remoteHi, half.remoteLo)) {
                return key;
            }
        }
        throw new IllegalStateException("no TCP-AO key for the peer");
    }

    /** Chooses what signs the next segment of a flow that there is a key for. */
    void choose(final TcpKeys keys, final FlowEntry flow, final TcpRepr header) {
        if (flow instanceof HalfOpen half) {
            final AoKey key = signing(keys, half);
            choose(key, asked(keys, half).receiveId(), header, half.iss);
            signing = derive(key, flow, half.iss, half.irs);
            return;
        }
        final AoSession known = keys.session();
        final AoSession used = known == null ? begin(keys, flow) : known;
        final AoKey key = keys.current();
        final AoKey next = keys.next();
        if (key == null || next == null) {
            throw new IllegalStateException("a session without keys");
        }
        choose(key, next.receiveId(), header, used.localIsn());
        session = used;
        if (isFirst(header)) {
            signing = derive(key, flow, used.localIsn(), 0);
            return;
        }
        TrafficKey sending = used.sending(key);
        if (sending == null) {
            sending = derive(key, flow, used.localIsn(), used.remoteIsn());
            used.sending(sending);
        }
        signing = sending;
    }

    private static AoSession begin(final TcpKeys keys, final FlowEntry flow) {
        return keys.begin(flow instanceof TcpConnection c ? c.iss : 0, flow.family, flow.remoteHi, flow.remoteLo);
    }

    private void choose(final AoKey key, final int asked, final TcpRepr header, final int isn) {
        header.keyId = key.sendId();
        header.nextKeyId = asked;
        session = null;
        localIsn = isn;
    }

    /** As {@link #choose}, for an answer to the segment that was judged last. */
    void chooseProven(final IpRepr ip, final TcpRepr header) {
        final AoKey key = proven;
        if (key == null) {
            throw new IllegalStateException("an answer to what was not judged");
        }
        choose(key, key.receiveId(), header, provenLocalIsn);
        signing = signatures.digest().derive(key, ip, header.srcPort, header.dstPort, provenLocalIsn, provenRemoteIsn);
    }

    /** What begins a connection knows nothing of the peer's numbers. */
    private static boolean isFirst(final TcpRepr segment) {
        return (segment.flags & (TcpView.SYN | TcpView.ACK)) == TcpView.SYN;
    }

    private TrafficKey derive(final AoKey key, final FlowEntry flow, final int from, final int to) {
        return signatures
                .digest()
                .derive(
                        key,
                        flow.family,
                        flow.localHi,
                        flow.localLo,
                        flow.remoteHi,
                        flow.remoteLo,
                        flow.localPort(),
                        flow.remotePort(),
                        from,
                        to);
    }

    /** Signs a segment that lies ready by what was chosen. */
    void sign(
            final IpRepr ip,
            final TcpRepr header,
            final MemorySegment memory,
            final long offset,
            final int length,
            final long code) {
        final TrafficKey key = signing;
        final AoSession known = session;
        if (key != null) {
            final int extension =
                    known == null ? AoSession.extension(localIsn, header.seq) : known.sentExtension(header.seq);
            signatures.digest().signAo(key, extension, ip, memory, offset, length, code);
        }
    }

    /** Judges a signed segment of a peer that there are keys for; null if nothing is to be said against it. */
    @Nullable
    StackCounter refuse(
            final TcpKeys keys,
            final @Nullable FlowEntry flow,
            final IpRepr ip,
            final TcpRepr segment,
            final MemorySegment memory) {
        final AoKey key = keys.received(ip.family, ip.srcHi, ip.srcLo, segment.keyId);
        proven = key;
        if (key == null) {
            return StackCounter.TCP_AO_KEY_NOT_FOUND;
        }
        final AoSession known = flow instanceof TcpConnection || flow instanceof TimeWait ? keys.session() : null;
        final boolean first = isFirst(segment);
        // Without anything else to go by, a segment is taken for the last one of a handshake, which answers a cookie.
        int remote = first || segment.has(TcpView.SYN) ? segment.seq : segment.seq - 1;
        int local = first ? 0 : segment.ack - 1;
        if (!first && flow instanceof HalfOpen half) {
            remote = half.irs;
            local = half.iss;
        } else if (!first && known != null) {
            remote = known.isSynchronised() ? known.remoteIsn() : remote;
            local = known.localIsn();
        }
        provenRemoteIsn = remote;
        provenLocalIsn = local;
        final TrafficKey traffic = traffic(key, known, ip, segment, remote, local);
        final int extension = known != null && known.isSynchronised() && !first
                ? known.receivedExtension(segment.seq)
                : AoSession.extension(remote, segment.seq);
        final boolean right = signatures
                .digest()
                .verifyAo(
                        traffic, extension, ip, memory, segment.offset, Signatures.length(segment), segment.codeOffset);
        keys.onJudged(key, right);
        if (!right) {
            return StackCounter.TCP_AO_BAD;
        }
        if (flow instanceof TcpConnection c) {
            // The peer's SYN may come before ours is sent, which is what begins a session otherwise.
            onProven(keys, c, known == null ? begin(keys, c) : known, segment, traffic);
        }
        return null;
    }

    private TrafficKey traffic(
            final AoKey key,
            final @Nullable AoSession known,
            final IpRepr ip,
            final TcpRepr segment,
            final int remote,
            final int local) {
        final TrafficKey kept =
                known == null || !known.isSynchronised() || isFirst(segment) ? null : known.receiving(key);
        return kept != null
                ? kept
                : signatures.digest().derive(key, ip, segment.srcPort, segment.dstPort, remote, local);
    }

    /** A connection learns from what its peer signed. */
    private static void onProven(
            final TcpKeys keys,
            final TcpConnection c,
            final AoSession known,
            final TcpRepr segment,
            final TrafficKey traffic) {
        if (c.state == TcpState.SYN_SENT && segment.has(TcpView.SYN)) {
            known.onSyn(segment.seq);
        } else if (isFirst(segment) || !known.isSynchronised()) {
            return;
        }
        if (!isFirst(segment)) {
            known.receiving(traffic);
        }
        known.onReceived(segment.seq);
        final AoKey current = keys.current();
        if (current != null && current.sendId() != segment.nextKeyId) {
            final AoKey wanted = keys.sent(c.family, c.remoteHi, c.remoteLo, segment.nextKeyId);
            if (wanted != null) {
                keys.signWith(wanted); // RFC 5925 section 7.5, step 5
            }
        }
    }
}
