package io.millrace.dataplane.flow;

import java.util.BitSet;
import java.util.Objects;

/**
 * Which shard has which flows, by the bucket that their {@link FlowHash} falls into, for shards that come and go. Shards
 * are numbered places, of which some run.
 *
 * <p>A bucket belongs to one shard. When it is given to another one, the flows that are in it stay where they are: the
 * bucket has a <em>chain</em>, its former shards first and its owner last. A packet goes to the first of the chain; each
 * former shard keeps what is of a flow that it has and hands the rest on. So only a shard that knows all its flows
 * decides about them, and new ones begin at the owner. Once a former shard has no flow of the bucket left it
 * {@linkplain #retire leaves} the chain.
 *
 * <p>Any thread may read and change it; a reader sees each change whole.
 */
public final class ShardTable {
    private static final int NONE = -1;

    private final int places;
    private volatile State state;

    /**
     * Makes a table whose buckets are shared evenly.
     *
     * @param places how many shards there may be, 1 to {@value FlowHash#BUCKETS}
     * @param running how many run, the first ones, 1 to {@code places}
     * @throws IllegalArgumentException if one is out of its range
     */
    public ShardTable(final int places, final int running) {
        if (places < 1 || places > FlowHash.BUCKETS || running < 1 || running > places) {
            throw new IllegalArgumentException(running + " of " + places + " shards; use 1 to " + FlowHash.BUCKETS
                    + " places, and no more shards than places");
        }
        this.places = places;
        final int[][] chains = new int[FlowHash.BUCKETS][];
        for (int bucket = 0; bucket < chains.length; bucket++) {
            chains[bucket] = new int[] {FlowHash.shard(bucket, running)};
        }
        final BitSet shards = new BitSet();
        shards.set(0, running);
        this.state = new State(chains, shards, 0);
    }

    /** How many shards there may be. */
    public int places() {
        return places;
    }

    /** Where a packet of a flow goes first. */
    public int shard(final int hash) {
        return state.chain(hash)[0];
    }

    /** Where a new flow begins. */
    public int owner(final int hash) {
        final int[] chain = state.chain(hash);
        return chain[chain.length - 1];
    }

    /**
     * Where a shard sends a packet that is of no flow that it has.
     *
     * @return the next of the bucket's chain; {@code shard} itself if it is the owner; the first of the chain if it is
     *     not in it
     */
    public int next(final int hash, final int shard) {
        final int[] chain = state.chain(hash);
        for (int i = 0; i < chain.length; i++) {
            if (chain[i] == shard) {
                return chain[Math.min(i + 1, chain.length - 1)];
            }
        }
        return chain[0];
    }

    /** Whether a shard gave a bucket away in which it still has flows. */
    public boolean isFormer(final int hash, final int shard) {
        final int[] chain = state.chain(hash);
        for (int i = 0; i < chain.length - 1; i++) {
            if (chain[i] == shard) {
                return true;
            }
        }
        return false;
    }

    /** The running shard that answers for all of them, the one with the lowest number. */
    public int first() {
        return state.first;
    }

    /** Whether a shard runs, and so may own buckets. */
    public boolean runs(final int shard) {
        return state.running.get(shard);
    }

    /** Whether a shard runs, or still has flows in buckets that it gave away. */
    public boolean serves(final int shard) {
        return state.running.get(shard) || state.hasChain(shard);
    }

    /** Number of running shards. */
    public int running() {
        return state.running.cardinality();
    }

    /** Whether the table was ever changed, so that packets may be on their way to a shard that they are not for now. */
    public boolean changed() {
        return state.version != 0;
    }

    /** How often the table was changed. */
    public int version() {
        return state.version;
    }

    /** How many buckets a shard owns. */
    public int buckets(final int shard) {
        int count = 0;
        for (final int[] chain : state.chains) {
            count += chain[chain.length - 1] == shard ? 1 : 0;
        }
        return count;
    }

    /** How many buckets a shard gave away in which it still has flows. */
    public int leaving(final int shard) {
        int count = 0;
        for (final int[] chain : state.chains) {
            for (int i = 0; i < chain.length - 1; i++) {
                count += chain[i] == shard ? 1 : 0;
            }
        }
        return count;
    }

    /**
     * Lets a shard run: it takes buckets from those that have most, until it has its share.
     *
     * @throws IllegalArgumentException if there is no such place, or it runs already
     */
    public synchronized void add(final int shard) {
        Objects.checkIndex(shard, places);
        final State old = state;
        if (old.running.get(shard)) {
            throw new IllegalArgumentException("shard " + shard + " runs already");
        }
        final BitSet running = (BitSet) old.running.clone();
        running.set(shard);
        final int[][] chains = old.chains.clone();
        final int share = FlowHash.BUCKETS / running.cardinality();
        final int[] owned = owned(chains);
        for (int i = 0; i < share; i++) {
            give(chains, owned, richest(owned, running, shard), shard);
        }
        state = new State(chains, running, old.version + 1);
    }

    /**
     * Stops giving a shard new flows: its buckets go to those that have fewest. The flows that it has stay until they
     * end.
     *
     * @throws IllegalArgumentException if it does not run, or is the last one that does
     */
    public synchronized void remove(final int shard) {
        Objects.checkIndex(shard, places);
        final State old = state;
        if (!old.running.get(shard) || old.running.cardinality() == 1) {
            throw new IllegalArgumentException(
                    "shard " + shard + (old.running.get(shard) ? " is the last one" : " does not run"));
        }
        final BitSet running = (BitSet) old.running.clone();
        running.clear(shard);
        final int[][] chains = old.chains.clone();
        final int[] owned = owned(chains);
        while (owned[shard] > 0) {
            give(chains, owned, shard, poorest(owned, running));
        }
        state = new State(chains, running, old.version + 1);
    }

    /**
     * Takes a shard out of the chains of buckets in which it has no flows any more. Called on that shard's thread, which
     * alone could begin one there meanwhile.
     *
     * @param occupied buckets in which it has flows
     */
    public synchronized void retire(final int shard, final BitSet occupied) {
        final State old = state;
        final int[][] chains = old.chains.clone();
        boolean change = false;
        for (int bucket = 0; bucket < chains.length; bucket++) {
            final int[] chain = chains[bucket];
            if (chain.length > 1 && chain[chain.length - 1] != shard && !occupied.get(bucket)) {
                chains[bucket] = without(chain, shard, 0);
                change |= chains[bucket].length < chain.length;
            }
        }
        if (change) {
            state = new State(chains, old.running, old.version + 1);
        }
    }

    /**
     * Takes a shard out of all chains, whatever flows it has: nobody hears of them any more but those who own their
     * buckets. For one that hangs.
     *
     * @throws IllegalArgumentException if it runs
     */
    public synchronized void abandon(final int shard) {
        if (state.running.get(shard)) {
            throw new IllegalArgumentException("shard " + shard + " runs; remove it first");
        }
        retire(shard, new BitSet());
    }

    private int[] owned(final int[][] chains) {
        final int[] owned = new int[places];
        for (final int[] chain : chains) {
            owned[chain[chain.length - 1]]++;
        }
        return owned;
    }

    /** Gives one bucket away, one without former shards if there is such. */
    private static void give(final int[][] chains, final int[] owned, final int from, final int to) {
        int chosen = NONE;
        for (int bucket = 0; bucket < chains.length; bucket++) {
            final int[] chain = chains[bucket];
            if (chain[chain.length - 1] == from && (chosen == NONE || chain.length < chains[chosen].length)) {
                chosen = bucket;
            }
        }
        final int[] grown = without(chains[chosen], to, 1);
        grown[grown.length - 1] = to;
        chains[chosen] = grown;
        owned[from]--;
        owned[to]++;
    }

    /** A copy without one shard, and with room for more at the end. */
    private static int[] without(final int[] chain, final int shard, final int room) {
        int count = 0;
        for (final int other : chain) {
            count += other == shard ? 0 : 1;
        }
        final int[] copy = new int[count + room];
        int at = 0;
        for (final int other : chain) {
            if (other != shard) {
                copy[at++] = other;
            }
        }
        return copy;
    }

    private static int richest(final int[] owned, final BitSet running, final int but) {
        int best = NONE;
        for (int shard = running.nextSetBit(0); shard >= 0; shard = running.nextSetBit(shard + 1)) {
            if (shard != but && (best == NONE || owned[shard] > owned[best])) {
                best = shard;
            }
        }
        return best;
    }

    private static int poorest(final int[] owned, final BitSet running) {
        int best = running.nextSetBit(0);
        for (int shard = best; shard >= 0; shard = running.nextSetBit(shard + 1)) {
            best = owned[shard] < owned[best] ? shard : best;
        }
        return best;
    }

    /** Never changed once it is published; chains are shared with the states before and after. */
    private static final class State {
        private final int[][] chains;
        private final BitSet running;
        private final int first;
        private final int version;

        State(final int[][] chains, final BitSet running, final int version) {
            this.chains = chains;
            this.running = running;
            this.first = running.nextSetBit(0);
            this.version = version;
        }

        int[] chain(final int hash) {
            return chains[FlowHash.bucket(hash)];
        }

        boolean hasChain(final int shard) {
            for (final int[] chain : chains) {
                for (final int other : chain) {
                    if (other == shard) {
                        return true;
                    }
                }
            }
            return false;
        }
    }
}
