package io.millrace.stack.iface.neighbor;

import io.millrace.stack.random.Entropy;
import org.jspecify.annotations.Nullable;

/**
 * The bounded set of neighbours behind a {@link NeighborCache}: finds them, and when it is full says which one can best
 * be done without. Places are made at the start and used again.
 */
final class NeighborTable {
    /** How many places are looked at to find one that makes room. */
    private static final int SAMPLE = 16;

    // What makes room first.
    private static final int DISPENSABLE = 0;
    private static final int UNCONFIRMED = 1;
    private static final int NEVER_RESOLVED = 2;
    private static final int CONFIRMED = 3;
    private static final int KEPT = 4;

    private final AddressIndex index;
    private final Neighbor[] places;

    /** Found last: most packets go to the same router. Any place will do at the start. */
    private Neighbor found;

    private int hand;
    private int incomplete;
    private int permanent;

    NeighborTable(final int capacity, final Entropy entropy) {
        index = new AddressIndex(capacity, entropy);
        places = new Neighbor[capacity];
        for (int i = 0; i < capacity; i++) {
            places[i] = new Neighbor(i);
        }
        found = places[0];
    }

    /** Most neighbours. */
    int capacity() {
        return places.length;
    }

    /** Neighbours now. */
    int size() {
        return index.size();
    }

    /** Neighbours that were set by hand. */
    int permanent() {
        return permanent;
    }

    /** Whether there is no free place. */
    boolean full() {
        return index.full();
    }

    /** Whether most places are taken by addresses that nobody answered for: a scan, or answers to one. */
    boolean scanned() {
        return incomplete > places.length / 2;
    }

    /** The neighbour with an address. */
    @Nullable
    Neighbor find(final long hi, final long lo) {
        final Neighbor last = found;
        if (last.lo == lo && last.hi == hi && last.used) {
            return last;
        }
        final int place = index.find(hi, lo);
        if (place == AddressIndex.NONE) {
            return null;
        }
        found = places[place];
        return found;
    }

    /** The neighbour in a place, from 0 to {@link #capacity} - 1; null if it is free. */
    @Nullable
    Neighbor at(final int place) {
        return places[place].used ? places[place] : null;
    }

    /** Puts an address that is not there into a free place, as stale. */
    Neighbor add(final long hi, final long lo) {
        final Neighbor added = places[index.add(hi, lo)];
        added.hi = hi;
        added.lo = lo;
        added.used = true;
        added.state = NeighborState.STALE;
        return added;
    }

    /** Frees a place. */
    void remove(final Neighbor neighbor) {
        state(neighbor, NeighborState.FAILED);
        neighbor.used = false;
        index.remove(neighbor.index);
    }

    /** Changes the state of a neighbour. */
    void state(final Neighbor neighbor, final NeighborState state) {
        incomplete += count(state, NeighborState.INCOMPLETE) - count(neighbor.state, NeighborState.INCOMPLETE);
        permanent += count(state, NeighborState.PERMANENT) - count(neighbor.state, NeighborState.PERMANENT);
        neighbor.state = state;
    }

    /**
     * The neighbour that can best be done without, of a sample that moves on each time; the longest unused of equals.
     *
     * @param used whether even one that we use may go; without it only what was never confirmed
     */
    @Nullable
    Neighbor victim(final boolean used) {
        return victim(used ? CONFIRMED : UNCONFIRMED);
    }

    /** One whose loss costs nothing; null if the sample holds none. */
    @Nullable
    Neighbor dispensable() {
        return victim(DISPENSABLE);
    }

    private @Nullable Neighbor victim(final int limit) {
        Neighbor best = null;
        int bestRank = limit + 1;
        for (int i = 0; i < Math.min(SAMPLE, places.length); i++) {
            final Neighbor neighbor = places[hand];
            hand = hand + 1 == places.length ? 0 : hand + 1;
            final int rank = neighbor.used ? rank(neighbor) : KEPT;
            if (rank < bestRank || (rank == bestRank && best != null && neighbor.lastUsed < best.lastUsed)) {
                best = neighbor;
                bestRank = rank;
            }
        }
        return best;
    }

    private int rank(final Neighbor neighbor) {
        return switch (neighbor.state) {
            case FAILED -> DISPENSABLE;
            case STALE -> UNCONFIRMED;
            case INCOMPLETE -> scanned() ? DISPENSABLE : NEVER_RESOLVED;
            case PERMANENT -> KEPT;
            default -> CONFIRMED;
        };
    }

    private static int count(final NeighborState state, final NeighborState of) {
        return state == of ? 1 : 0;
    }
}
