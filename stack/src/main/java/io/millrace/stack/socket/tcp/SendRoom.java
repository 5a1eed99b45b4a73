package io.millrace.stack.socket.tcp;

/** How much an application may queue: what the send buffer has room for, and what may wait to be sent. */
final class SendRoom {
    private SendRoom() {}

    /** Bytes that the application may still queue. */
    static int of(final TcpConnection c) {
        if (!c.state.canQueue() || c.finQueued) {
            return 0;
        }
        final int free = c.sendBuffer() - c.queued();
        final int lowWater = lowWater(c);
        return Math.max(0, lowWater >= free ? free : Math.min(free, lowWater - c.notSent() + leaving(c)));
    }

    /** Whether there is room enough again to call an application that found the buffer full. */
    static boolean isDue(final TcpConnection c) {
        return c.wantsWrite && (3L * of(c) >= c.sendBuffer() || isLow(c));
    }

    /** As Linux: half of what may be unsent is sent, and there is some room. */
    private static boolean isLow(final TcpConnection c) {
        final int lowWater = lowWater(c);
        return lowWater <= c.sendBuffer() / 3
                && 2L * c.notSent() < lowWater
                && 3L * (c.sendBuffer() - c.queued()) >= c.sendBuffer();
    }

    /** Bytes that may be queued and not sent. */
    private static int lowWater(final TcpConnection c) {
        return c.settings().notSentLowWater();
    }

    /** Bytes that both windows let go at once, those that are queued included. */
    private static int leaving(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        final int room = transfer == null ? c.congestion.window() : CongestionRoom.of(c);
        return Math.max(0, Math.min(c.window - (c.nxt - c.una), room));
    }
}
