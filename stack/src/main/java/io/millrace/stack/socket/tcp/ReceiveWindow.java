package io.millrace.stack.socket.tcp;

import io.millrace.stack.storage.ChunkPool;

/**
 * The window that we offer: it opens in steps worth a segment (RFC 9293 section 3.8.6.2.2) and never shrinks, but by less
 * than the unit of its field once rounding up has added an eighth to the buffer: else many small segments, each of them
 * acknowledged, would keep it open for ever (RFC 7323 section 2.4). What was offered is taken all the same.
 */
final class ReceiveWindow {
    /** Segments that each connection may be sent while others hold the memory, so that it goes on. */
    private static final int SCARCE_SEGMENTS = 2;

    /** Rounding may offer as much more than the buffer as this part of it. */
    private static final int SLACK = 8;

    private ReceiveWindow() {}

    /** Whether more waits to be read than was ever offered for a buffer of this size: the application made it smaller. */
    static boolean isOverfull(final TcpConnection c) {
        final int buffer = c.receiveBuffer();
        return c.unread() > buffer + buffer / SLACK + (1 << c.receiveShift);
    }

    /** The window field: it does not open by little (section 3.8.6.2.2). */
    static int field(final TcpConnection c) {
        final int buffer = c.receiveBuffer();
        final int clamp = c.settings().windowClamp();
        final int most = Math.min(buffer, clamp);
        final int free = Math.min(buffer - c.unread(), clamp);
        final int offered = c.receiveWindow();
        final int room = room(c, free);
        final boolean opens = opens(c, room, most);
        int field = (opens ? room : offered) >>> c.receiveShift;
        if (field << c.receiveShift < offered && offered - free <= buffer / SLACK) {
            field++;
        } else if (field == 0 && (opens || (free > 0 && 2L * free >= most && !c.engine.chunks.scarce()))) {
            field = 1; // a buffer smaller than the unit is told as larger than it is, else as none for ever
        }
        return Math.min(field, 0xFFFF);
    }

    /** Whether the next segment may offer more, if only as much as can be spared. */
    private static boolean opens(final TcpConnection c) {
        final int buffer = c.receiveBuffer();
        final int clamp = c.settings().windowClamp();
        return opens(c, room(c, Math.min(buffer - c.unread(), clamp)), Math.min(buffer, clamp));
    }

    private static boolean opens(final TcpConnection c, final int room, final int most) {
        return room - c.receiveWindow() >= Math.min(most / 2, c.rcvMss);
    }

    /**
     * Bytes that may be offered now: all that is free, or little of the reserve for text in order, or none of the rest.
     */
    private static int room(final TcpConnection c, final int free) {
        final ChunkPool chunks = c.engine.chunks;
        if (!chunks.scarce()) {
            return free;
        }
        return chunks.exhausted() ? -1 : Math.min(free, SCARCE_SEGMENTS * c.rcvMss - c.unread());
    }

    /** Tells the peer, without waiting for its next segment, if the application has read so much that it should know. */
    static void tell(final TcpConnection c) {
        if (!updateDue(c)) {
            return;
        }
        if (c.engine.chunks.scarce()) {
            c.engine.events.awaitMemory(c); // the window opens by little now, if at all
            if (!opens(c)) {
                return;
            }
        }
        c.ackNow = true;
        c.engine.ready(c);
    }

    private static boolean updateDue(final TcpConnection c) {
        // Without scaling, or with too little, there is no word for more than this.
        final int most = (int) Math.min(c.settings().windowClamp(), 0xFFFFL << c.receiveShift);
        final int buffer = Math.min(c.receiveBuffer(), most);
        final int offered = c.receiveWindow() >>> c.receiveShift << c.receiveShift; // the peer may know of no more
        final int growth = Math.min(c.receiveBuffer() - c.unread(), most) - offered;
        if (2L * growth >= buffer) {
            return true;
        }
        return growth >= 2 * c.rcvMss && (growth >= buffer / 4 || offered <= buffer / 8);
    }
}
