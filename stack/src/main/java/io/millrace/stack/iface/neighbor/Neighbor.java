package io.millrace.stack.iface.neighbor;

import io.millrace.stack.timer.TimerNode;

/** A place in a {@link NeighborTable} and the neighbour in it, with the timer of its state. */
final class Neighbor extends TimerNode {
    /** Place in the table. */
    final int index;

    /** Upper half of its address. */
    long hi;

    /** Lower half of its address. */
    long lo;

    /** State; means nothing while the place is free. Changed by {@link NeighborTable#state} alone. */
    NeighborState state = NeighborState.FAILED;

    /** Whether there is a neighbour in this place. */
    boolean used;

    /** Its link address; means nothing while incomplete or failed. */
    long mac;

    /** While reachable, until when. */
    long until;

    /** When a packet was sent to it last. */
    long lastUsed;

    /** When it was confirmed last, or created. */
    long confirmed;

    /** When it was asked last. */
    long asked;

    /** Whether everyone was asked because somebody contradicted a confirmed link address. */
    boolean verifying;

    /** Whether it says that it is a router. */
    boolean router;

    /** Requests since the state began. */
    int solicits;

    /** Packets that wait for its link address, a queue of the link's {@link Backlog}. */
    int queue = Backlog.EMPTY;

    /** Their number. */
    int queued;

    Neighbor(final int index) {
        this.index = index;
    }

    /** Forgets who was in this place before. */
    void begin(final long now) {
        mac = 0;
        lastUsed = now;
        confirmed = now;
        verifying = false;
        router = false;
    }

    /** Whether its link address is known, however sure that is. */
    boolean isResolved() {
        return state != NeighborState.INCOMPLETE && state != NeighborState.FAILED;
    }
}
