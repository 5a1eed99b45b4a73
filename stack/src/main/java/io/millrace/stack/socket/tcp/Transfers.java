package io.millrace.stack.socket.tcp;

import io.millrace.stack.storage.ChunkPool;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The transfers of a shard: those that connections have, and spare ones. Connections that have been silent for a while
 * are found by going through the former, some at each poll, and less often than a while lasts; who exchanges requests
 * and responses keeps what it has.
 */
final class Transfers {
    /** Silence after which a connection does without, microseconds. */
    static final long SILENCE = 1_000_000;

    /** Spare ones that are kept; of more, as many as are in use. */
    private static final int SPARE = 1024;

    private static final int EACH_POLL = 64;

    private final ArrayDeque<Transfer> spare = new ArrayDeque<>();
    private final ChunkPool chunks;
    private @Nullable Transfer first;
    private @Nullable Transfer last;
    /** Where the look at all of them goes on; null if none is under way. */
    private @Nullable Transfer cursor;

    private long lookAt;
    private int held;

    Transfers(final ChunkPool chunks) {
        this.chunks = chunks;
    }

    /** How many connections have one. */
    int held() {
        return held;
    }

    /** A transfer for a connection that has none. */
    Transfer take(final TcpConnection c) {
        final Transfer pooled = spare.pollLast();
        final Transfer taken = pooled == null ? new Transfer(chunks) : pooled;
        taken.owner = c;
        taken.next = null;
        taken.previous = last;
        if (last == null) {
            first = taken;
        } else {
            last.next = taken;
        }
        last = taken;
        held++;
        return taken;
    }

    /** Takes a transfer back; its owner keeps no reference to it. */
    void give(final Transfer used) {
        final Transfer before = used.previous;
        final Transfer behind = used.next;
        if (before == null) {
            first = behind;
        } else {
            before.next = behind;
        }
        if (behind == null) {
            last = before;
        } else {
            behind.previous = before;
        }
        if (cursor != null && cursor.owner == used.owner) {
            cursor = behind;
        }
        used.owner = null;
        used.next = null;
        used.previous = null;
        held--;
        spare.addLast(used);
        while (spare.size() > Math.max(SPARE, held)) {
            spare.pollLast(); // the garbage collector's
        }
    }

    /** Takes back what silent connections have. */
    void poll(final long now) {
        if (cursor == null) {
            if (first == null || now < lookAt) {
                return;
            }
            cursor = first;
            lookAt = now + SILENCE / 4;
        }
        for (int i = 0; i < EACH_POLL; i++) {
            final Transfer current = cursor;
            if (current == null) {
                return;
            }
            cursor = current.next;
            final TcpConnection c = current.owner;
            if (c != null && now - Math.max(c.lastSent, c.lastReceived) >= SILENCE) {
                c.rest();
            }
        }
    }
}
