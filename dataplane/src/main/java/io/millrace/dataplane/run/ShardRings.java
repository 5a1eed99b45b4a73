package io.millrace.dataplane.run;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.ring.HandleRing;
import org.jspecify.annotations.Nullable;

/**
 * The rings between the shards of a port, one for each pair and direction, and what all of them have in common. A handle
 * that needs no second look carries a {@linkplain #FINAL mark}: who gets it keeps it.
 */
final class ShardRings {
    /** No handle is as large, for handles are offsets into a pool. */
    static final long FINAL = 1L << 62;

    /** Marks a packet that no shard before this one in its bucket's chain has a flow for. */
    static final long ASKED = 1L << 61;

    /** Marks a fragment that comes behind the first of its datagram, which came by the same shards. */
    static final long LED = 1L << 60;

    /** The handle without marks. */
    static final long HANDLE = ~(FINAL | ASKED | LED);

    /** Packets that each ring holds: most of a device's queue, should its hash be another than ours. */
    private static final int RING = 512;

    final FlowHash hash;
    final ShardTable table;
    final Medium medium;

    /** From the shard of the first index to that of the second; null from a shard to itself. */
    private final @Nullable HandleRing[][] rings;

    ShardRings(final FlowHash hash, final ShardTable table, final Medium medium) {
        this.hash = hash;
        this.table = table;
        this.medium = medium;
        final int places = table.places();
        this.rings = new HandleRing[places][places];
        for (int from = 0; from < places; from++) {
            for (int to = 0; to < places; to++) {
                rings[from][to] = from == to ? null : new HandleRing(RING);
            }
        }
    }

    /** The ring from one shard to another; null if they are the same. */
    @Nullable
    HandleRing ring(final int from, final int to) {
        return rings[from][to];
    }

    /** Frees what is on its way to a shard. No thread may poll any more. Returns how many packets that were. */
    int clear(final int to, final PoolCache cache) {
        final long[] handles = new long[1];
        int count = 0;
        for (int from = 0; from < rings.length; from++) {
            final HandleRing ring = rings[from][to];
            while (ring != null && ring.poll(handles, 0, 1) == 1) {
                cache.free(handles[0] & HANDLE);
                count++;
            }
        }
        return count;
    }
}
