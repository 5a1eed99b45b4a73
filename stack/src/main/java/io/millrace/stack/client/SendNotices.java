package io.millrace.stack.client;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.udp.UdpSocket;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What a socket has to tell of what was sent, until a thread takes it; and the sends that are not complete. Shard only. */
final class SendNotices {
    /** Most notices that wait; those that come then are lost. */
    static final int MOST = 1024;

    private static final SendNotice.Kind[] KINDS = SendNotice.Kind.values();

    private final Counters<StackCounter> counters;
    private final ArrayDeque<SendNotice> waiting = new ArrayDeque<>(0);
    /** Where the sends end that have numbers, in order, from that of {@link #complete} on. */
    private final ArrayDeque<Long> ends = new ArrayDeque<>(0);

    private static final long NO_TIME = -1;

    /** Number of the first send that is not complete. */
    private long complete;

    SendNotices(final Counters<StackCounter> counters) {
        this.counters = counters;
    }

    /** Whether nothing waits. */
    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The oldest notice; null if none waits. */
    @Nullable
    SendNotice take() {
        return waiting.poll();
    }

    /** Something passed a stage. */
    void passed(final SendStage stage, final long key, final long micros) {
        add(new SendNotice(KINDS[stage.ordinal()], key, key, micros));
    }

    /** All before a position is with the peer. Returns whether there is something to tell. */
    boolean reached(final long position) {
        final long first = complete;
        for (Long end = ends.peek(); end != null && end <= position; end = ends.peek()) {
            ends.remove();
            complete++;
        }
        if (complete > first) {
            completed(first, complete - 1);
        }
        return complete > first;
    }

    /** A send has a number, and is complete. */
    void completeAtOnce() {
        completed(complete, complete);
        complete++;
    }

    /** Sends that follow on those of the newest notice are told with it. */
    private void completed(final long first, final long last) {
        final SendNotice newest = waiting.peekLast();
        if (newest != null && newest.kind() == SendNotice.Kind.COMPLETE && newest.last() + 1 == first) {
            waiting.removeLast();
            waiting.add(new SendNotice(SendNotice.Kind.COMPLETE, newest.first(), last, NO_TIME));
        } else {
            add(new SendNotice(SendNotice.Kind.COMPLETE, first, last, NO_TIME));
        }
    }

    private void add(final SendNotice notice) {
        if (waiting.size() < MOST) {
            waiting.add(notice);
        } else {
            counters.increment(StackCounter.SEND_NOTICES_LOST);
        }
    }

    /**
     * Bytes of a stream were queued: does what is meant for the last byte of all that was to be.
     *
     * @param sent how many, 1 or more
     */
    void sent(final TcpSocket<?> socket, final Operation operation, final int sent) {
        final int flags = operation.flags;
        final boolean whole = sent == operation.length;
        if (whole && (flags & TcpChannel.END_RECORD) != 0) {
            socket.endRecord();
        }
        if ((flags & TcpChannel.URGENT) != 0) {
            socket.markUrgent();
        }
        final int stages = (flags >>> TcpChannel.STAGES_SHIFT) & SendStage.ALL;
        final boolean numbered = (flags & TcpChannel.NUMBERED) != 0;
        final boolean last = whole ? (flags & TcpChannel.CONTINUED) == 0 : (flags & TcpChannel.IF_PARTLY) != 0;
        if (last && stages != SendStage.NONE) {
            socket.stamp(stages);
        }
        if (last && numbered) {
            socket.options().times().acknowledgments(true);
            ends.add(socket.queuedInAll());
        }
    }

    /** Hears of datagrams that are asked for, of either family in one order. */
    void listen(final UdpSocket<?> first, final @Nullable UdpSocket<?> second, final Runnable changed) {
        if (first.times().isTold()) {
            return;
        }
        first.times().handler((stage, number, micros) -> {
            passed(stage, number, micros);
            changed.run();
        });
        if (second != null) {
            second.times(first.times());
        }
    }
}
