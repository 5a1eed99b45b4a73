package io.millrace.stack.socket.tcp;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
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

    /** Age of a gap from which on memory that is short is not spared for what lies behind it, microseconds. */
    static final long PATIENCE = 1_000_000;

    /** Spare ones that are kept; of more, as many as are in use. */
    private static final int SPARE = 1024;

    private static final int EACH_POLL = 64;

    private final ArrayDeque<Transfer> spare = new ArrayDeque<>();
    private final ChunkPool chunks;
    private final Spares spares;
    private @Nullable Transfer first;
    private @Nullable Transfer last;
    /** Where the look at all of them goes on; null if none is under way. */
    private @Nullable Transfer cursor;

    /** Where the search for memory goes on; null if none is under way. */
    private @Nullable Transfer relief;

    private long reliefAt;

    private long lookAt;
    private int held;

    Transfers(final ChunkPool chunks, final Spares spares) {
        this.chunks = chunks;
        this.spares = spares;
    }

    /** How many connections have one. */
    int held() {
        return held;
    }

    /**
     * A transfer for a connection that has none, to go on where that rested. All in one method, too long to be inlined
     * wherever a transfer is asked for that is nearly always there.
     */
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
        taken.resume(c);
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
        if (cursor == used) {
            cursor = behind;
        }
        if (relief == used) {
            relief = behind;
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

    /** When {@link #relieve} has something to do; {@link TcpConnection#NEVER} if it has not. */
    long relieveAt() {
        return chunks.scarce() && spares.rangesOut() > 0 ? reliefAt : TcpConnection.NEVER;
    }

    /**
     * Gives up what came ahead of gaps that have been there for long, some connections at a time, until memory is no longer
     * pressed: whoever sends bytes far apart, and never what lies between, holds a chunk by each of them, and nobody else
     * could send. They come again; and gaps that are there for losses are filled before.
     *
     * @return connections that lost something
     */
    int relieve(final Counters<StackCounter> counters, final long now) {
        if (relief == null) {
            relief = first;
        }
        int hit = 0;
        for (int i = 0; i < EACH_POLL && chunks.pressed(); i++) {
            final Transfer current = relief;
            if (current == null) {
                break;
            }
            relief = current.next;
            if (current.ahead != null && now - current.aheadSince >= PATIENCE) {
                current.dropAhead(spares);
                hit++;
            }
        }
        if (relief == null || !chunks.pressed()) {
            relief = null;
            reliefAt = now + PATIENCE / 4;
        }
        counters.add(StackCounter.TCP_REASSEMBLY_GIVEN_UP, hit);
        return hit;
    }
}
