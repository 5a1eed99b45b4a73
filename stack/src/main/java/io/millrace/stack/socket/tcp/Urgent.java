package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;
import org.jspecify.annotations.Nullable;

/**
 * What a connection knows of urgent data (RFC 9293 section 3.8.5), either way; there is one only once there was some.
 * Urgent data is data like all other, in line, up to a place in the stream: the urgent pointer is the place behind its last
 * byte (RFC 6093 section 3.1).
 */
final class Urgent {
    private static final int FARTHEST = 0xFFFF;

    /** SND.UP: behind the last byte that we call urgent, while {@link #sending}. */
    private int sendEnd;

    private boolean sending;

    /** RCV.UP: behind the last byte that the peer calls urgent, while {@link #receiving}. */
    private int receiveEnd;

    private boolean receiving;

    private Urgent() {}

    private static Urgent of(final TcpConnection c) {
        final Transfer transfer = c.transfer();
        Urgent made = transfer.urgent;
        if (made == null) {
            made = new Urgent();
            transfer.urgent = made;
        }
        return made;
    }

    private static @Nullable Urgent orNull(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        return transfer == null ? null : transfer.urgent;
    }

    /** All that is queued is urgent. */
    static void mark(final TcpConnection c) {
        final Urgent urgent = of(c);
        urgent.sendEnd = c.una + c.queued();
        urgent.sending = true;
    }

    /** Whether something urgent is not acknowledged: each segment then says how far that goes, and none waits. */
    static boolean isToSend(final TcpConnection c) {
        final Urgent urgent = orNull(c);
        return urgent != null && urgent.sending;
    }

    /** Whether the application has not read so far as the peer's urgent data goes. */
    boolean isAwaited() {
        return receiving;
    }

    /** Lets a segment, whose sequence number is set, say where urgent data ends, if that is behind its first byte. */
    static void tell(final TcpConnection c, final TcpRepr header) {
        final Urgent urgent = orNull(c);
        if (urgent == null || !urgent.sending) {
            return;
        }
        urgent.sending = TcpSeq.lt(c.una, urgent.sendEnd);
        if (urgent.sending && TcpSeq.lt(header.seq, urgent.sendEnd)) {
            header.flags |= TcpView.URG;
            header.urgent = Math.min(TcpSeq.diff(urgent.sendEnd, header.seq), FARTHEST);
        }
    }

    /** The beginning of a segment is cut off: what it says is counted from where it begins. */
    static void trimmed(final TcpRepr segment, final int count) {
        segment.urgent -= count;
        if (segment.urgent <= 0) {
            segment.flags &= ~TcpView.URG;
        }
    }

    /** RFC 9293 section 3.10.7.4, sixth: the application hears of it whenever there is more that is urgent. */
    static void receive(final TcpConnection c, final TcpRepr segment) {
        final int end = segment.seq + segment.urgent;
        if (TcpSeq.le(end, consumed(c))) {
            return;
        }
        final Urgent urgent = of(c);
        if (!urgent.receiving || TcpSeq.gt(end, urgent.receiveEnd)) {
            urgent.receiving = true;
            urgent.receiveEnd = end;
            c.engine.events.add(c, EventQueue.URGENT);
        }
    }

    /** Bytes up to the end of what the peer calls urgent, from the first unread one on; they may not be here yet. */
    static int left(final TcpConnection c) {
        final Urgent urgent = orNull(c);
        if (urgent == null || !urgent.receiving) {
            return 0;
        }
        final int left = TcpSeq.diff(urgent.receiveEnd, consumed(c));
        final int coming = c.peerFinReceived ? Math.min(left, c.unread()) : left;
        urgent.receiving = coming > 0;
        return Math.max(0, coming);
    }

    /** Sequence number of the first byte that the application has not read. */
    private static int consumed(final TcpConnection c) {
        return c.rcvNxt - (c.peerFinReceived ? 1 : 0) - c.unread();
    }
}
