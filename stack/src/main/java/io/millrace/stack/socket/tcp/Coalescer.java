package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.storage.RangeSet;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Makes one of segments that come within a burst, follow on one another and say the same, before their connection sees
 * them; what Linux calls generic receive offload. Only plain segments take part: text in order, an acknowledgment,
 * perhaps PSH, which ends a run; whatever else comes for a connection ends its run first. So acceptance,
 * acknowledgments, timers and events take place once for a run, and come out the same.
 *
 * <p>The payload goes to the receive queue at once, where it waits behind the tail as text ahead of a gap does, while the
 * packet is in the cache; its buffer is free again right away. That needs certainty that the connection will take it, so
 * what acceptance would refuse never takes part.
 */
final class Coalescer {
    /** Connections whose segments may come interleaved within a burst. */
    private static final int RUNS = 8;

    private final TcpEngine engine;
    private final TcpIngress ingress;
    private final int most;
    private final SegmentRun[] runs = new SegmentRun[RUNS];
    private int first;
    private int count;

    Coalescer(final TcpEngine engine, final TcpIngress ingress) {
        this.engine = engine;
        this.ingress = ingress;
        this.most = engine.config.features().runs().receive();
        for (int i = 0; i < RUNS; i++) {
            runs[i] = new SegmentRun();
        }
    }

    /** Whether segments wait that connections have not seen. */
    boolean isEmpty() {
        return count == 0;
    }

    /**
     * Takes a segment, if it is plain; if not, the connection has seen all that came before when this returns.
     *
     * @return false if it is to be processed by itself
     */
    boolean take(final TcpConnection c, final TcpRepr segment, final MemorySegment memory, final long now) {
        if (most == 1) {
            return false;
        }
        final SegmentRun run = count == 0 ? null : find(c);
        final boolean plain = isPlain(c, segment);
        if (run != null) {
            if (plain && run.continues(segment) && store(c, segment, run.header.payloadLength, memory)) {
                run.append(segment);
                engine.counters.increment(StackCounter.TCP_SEGMENTS_COALESCED);
                if (run.count == most || segment.has(TcpView.PSH)) {
                    end(run, now);
                }
                return true;
            }
            end(run, now);
        }
        // One that nothing may follow on need not wait.
        if (!plain || segment.has(TcpView.PSH) || !acceptable(c, segment) || !store(c, segment, 0, memory)) {
            return false;
        }
        if (count == RUNS) {
            endFirst(now);
        }
        runs[first + count++ & RUNS - 1].begin(c, segment);
        return true;
    }

    /** Shows connections what waits. */
    void flush(final long now) {
        while (count > 0) {
            endFirst(now);
        }
    }

    private static boolean isPlain(final TcpConnection c, final TcpRepr segment) {
        final int mayHave = c.accurateEcn() == null ? TcpView.PSH : TcpView.PSH | AccurateEcn.FLAGS;
        return (segment.flags & ~mayHave) == TcpView.ACK
                && segment.payloadLength > 0
                && segment.sackCount == 0
                && segment.ecn != Ecn.CONGESTED;
    }

    /** Whether a connection is sure to take a plain segment as it is, and nothing but its text is new. */
    private static boolean acceptable(final TcpConnection c, final TcpRepr segment) {
        final Transfer transfer = c.transferOrNull();
        final RangeSet ahead = transfer == null ? null : transfer.ahead;
        return c.state.canReceive()
                && segment.seq == c.rcvNxt
                && ahead == null
                && !c.peerFinKnown
                && TcpSeq.ge(segment.ack, c.una)
                && TcpSeq.le(segment.ack, c.max)
                && segment.timestamps == c.timestamps
                && !(c.timestamps && TcpSeq.lt(segment.tsVal, c.tsRecent));
    }

    /** Puts the payload behind what waits already; false, and it does not count, if that is not possible. */
    private static boolean store(
            final TcpConnection c, final TcpRepr segment, final int waiting, final MemorySegment memory) {
        final int length = segment.payloadLength;
        if (waiting + length > Math.min(c.receiveWindow(), c.receiveBuffer() - c.unread())) {
            return false;
        }
        final long position = c.receive().tail() + waiting;
        return c.receive().write(position, memory, segment.payloadOffset, length, true) == length;
    }

    private @Nullable SegmentRun find(final TcpConnection c) {
        for (int i = 0; i < count; i++) {
            final SegmentRun run = runs[first + i & RUNS - 1];
            if (run.connection == c) {
                return run;
            }
        }
        return null;
    }

    /** Ends a run, and those that began before it. */
    private void end(final SegmentRun run, final long now) {
        while (run.connection != null) {
            endFirst(now);
        }
    }

    private void endFirst(final long now) {
        final SegmentRun run = runs[first];
        first = first + 1 & RUNS - 1;
        count--;
        final TcpConnection c = run.connection;
        run.connection = null;
        if (c != null && c.inTable) { // else an application ended it meanwhile
            ingress.processRun(c, run, now);
        }
    }
}
