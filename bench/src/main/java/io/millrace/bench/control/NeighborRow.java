package io.millrace.bench.control;

import io.millrace.stack.iface.neighbor.NeighborEntry;
import org.jspecify.annotations.Nullable;

/**
 * A neighbour that a running server knows.
 *
 * @param address its IP address
 * @param device name of our interface
 * @param mac its link address, null while it is not known
 * @param state in capitals, as {@code ip neigh} writes it
 * @param ageSeconds since it was confirmed last
 * @param router whether it says that it is a router
 * @param shard whose table it is in
 */
public record NeighborRow(
        String address, String device, @Nullable String mac, String state, long ageSeconds, boolean router, int shard) {
    private static final long SECOND = 1_000_000;

    static NeighborRow of(NeighborEntry entry, String device, int shard) {
        return new NeighborRow(
                entry.address().toString(),
                device,
                entry.mac() == null ? null : entry.mac().toString(),
                entry.state().name(),
                entry.ageMicros() / SECOND,
                entry.isRouter(),
                shard);
    }

    /** The line that {@code ip neigh} would print, but for the age. */
    @Override
    public String toString() {
        return address + " dev " + device + (mac == null ? "" : " lladdr " + mac) + (router ? " router" : "") + " "
                + state;
    }
}
