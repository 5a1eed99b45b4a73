package io.millrace.stack.socket.tcp;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.ReplyLimit;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import org.jspecify.annotations.Nullable;

/**
 * Resets in answer to segments that belong to no connection, so many a second, and so many to each source: who counts
 * those that he gets must not learn from it which segments, sent in another's name, met a connection (CVE-2016-5696).
 */
final class ResetReplies {
    private final @Nullable ReplyLimit limit;
    private final SegmentWriter writer;
    private final Counters<StackCounter> counters;

    ResetReplies(
            final int perSecond,
            final Entropy entropy,
            final SegmentWriter writer,
            final Counters<StackCounter> counters) {
        this.limit = perSecond == 0 ? null : new ReplyLimit(perSecond, perSecond, entropy);
        this.writer = writer;
        this.counters = counters;
    }

    /**
     * Answers a segment as RFC 9293 section 3.10.7.1 says, unless it is a reset itself.
     *
     * @param options of the connection or listener that answers, so that its peer, who may look at the TTL (RFC 5082),
     *     believes it; or those of the engine
     * @param old who answers, if that is a connection in TIME-WAIT
     */
    void reply(
            final TcpRepr cause,
            final IpRepr received,
            final TcpOptions options,
            final @Nullable TimeWait old,
            final long now) {
        if (cause.has(TcpView.RST)) {
            return;
        }
        if (limit == null || !limit.take(received, now)) {
            counters.increment(StackCounter.TCP_RESET_LIMIT);
            return;
        }
        final TcpRepr header = writer.header;
        header.clear();
        header.srcPort = cause.dstPort;
        header.dstPort = cause.srcPort;
        header.flags = TcpView.RST;
        if (cause.has(TcpView.ACK)) {
            header.seq = cause.ack;
        } else {
            header.flags |= TcpView.ACK;
            header.ack = cause.seq + cause.segmentLength();
        }
        if (writer.reply(received, cause, options, old)) {
            counters.increment(StackCounter.TCP_RESETS_SENT);
        }
    }
}
