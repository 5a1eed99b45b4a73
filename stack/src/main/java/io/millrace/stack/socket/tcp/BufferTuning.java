package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;

/**
 * How large the buffers of a connection may be: from what is configured up to a limit, as large as the path can use. The
 * receive buffer follows what the application reads in a round trip, so that the window never holds the sender back
 * (dynamic right-sizing, Fisk and Feng, 2001); the send buffer follows the congestion window. Both stop growing while
 * the shard's memory is short; a window that was offered is never taken back, and a buffer that is set for a socket is
 * left alone.
 */
final class BufferTuning {
    /** Segments of a window that a sender may open with, and then double. */
    private static final int INITIAL_SEGMENTS = 10;

    private BufferTuning() {}

    /** Bytes that may wait to be sent or acknowledged. */
    static int sendBuffer(final TcpConnection c) {
        final TcpConfig config = c.engine.config;
        final int least = config.buffers().sendBuffer();
        final int limit = config.buffers().sendBufferLimit();
        // One window is in flight, another is queued while that is acknowledged.
        return limit == least || c.engine.chunks.pressed()
                ? least
                : Math.clamp(2L * c.congestion.window(), least, limit);
    }

    /** Bytes that may wait to be read when a connection goes on after a rest: all that was offered, at least. */
    static int receiveBuffer(final TcpConnection c) {
        final TcpConfig config = c.engine.config;
        return Math.clamp(
                c.receiveWindow(), PathAdvice.receiveBuffer(c), config.buffers().receiveBufferLimit());
    }

    /** A segment with text came: how long a round trip takes, as a receiver sees it. */
    static void onReceived(final TcpConnection c, final Transfer transfer, final TcpRepr segment, final long now) {
        if (c.timestamps) {
            // What the peer echoes went out a round trip ago. One sample for each that it echoes.
            if (segment.timestamps && segment.tsEcr != transfer.echoed) {
                transfer.echoed = segment.tsEcr;
                final int ticks = FlowSecrets.timestamp(c.tsOffset, now) - segment.tsEcr;
                if (ticks >= 0 && ticks < c.engine.config.timeouts().maxRto() / FlowSecrets.TIMESTAMP_TICK) {
                    sample(transfer, ticks * FlowSecrets.TIMESTAMP_TICK);
                }
            }
        } else if (TcpSeq.ge(c.rcvNxt, transfer.windowEnd)) {
            // A whole window takes a round trip, or longer if the peer has less to send.
            if (transfer.windowSince != 0) {
                final int taken = (int) Math.min(
                        now - transfer.windowSince, c.engine.config.timeouts().maxRto());
                transfer.receiveRtt = transfer.receiveRtt == 0 ? taken : Math.min(taken, transfer.receiveRtt);
            }
            transfer.windowSince = now;
            transfer.windowEnd = c.rcvNxt + c.receiveWindow();
        }
    }

    private static void sample(final Transfer transfer, final int micros) {
        final int before = transfer.receiveRtt;
        transfer.receiveRtt = before == 0 ? micros : before + (micros - before) / 8;
    }

    /** The application read. */
    static void onRead(final TcpConnection c, final Transfer transfer, final long now) {
        final int limit = c.engine.config.buffers().receiveBufferLimit();
        if (transfer.receiveBuffer >= limit) {
            return;
        }
        // Below the resolution of timestamps the handshake, or our own data, knows better.
        final int roundTrip =
                transfer.receiveRtt >= 2 * FlowSecrets.TIMESTAMP_TICK ? transfer.receiveRtt : c.rtt.smoothed();
        final long head = transfer.receive.head();
        if (transfer.readSince == 0) {
            transfer.readMost = Math.min(INITIAL_SEGMENTS * c.rcvMss, transfer.receiveBuffer / 2);
        } else if (roundTrip == 0 || now - transfer.readSince < roundTrip) {
            return;
        } else {
            final int read = (int) Math.min(head - transfer.readFrom, limit);
            if (read > transfer.readMost) {
                if (!c.engine.chunks.pressed()) {
                    transfer.receiveBuffer =
                            Math.clamp(wanted(c, read, transfer.readMost), transfer.receiveBuffer, limit);
                }
                transfer.readMost = read;
            }
        }
        transfer.readSince = Math.max(1, now);
        transfer.readFrom = head;
    }

    /** Room for what may come in the next round trip, and more if the sender is still growing faster than that. */
    private static long wanted(final TcpConnection c, final int read, final int before) {
        final long window = 2L * read + 16L * c.rcvMss;
        return window + 2 * (window * (read - before) / Math.max(1, before));
    }
}
