package io.millrace.dataplane.port.sim;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;

/**
 * A point-to-point link between two ports, on virtual time: a packet is received by the first {@code receive} of the
 * other end whose time is not before its arrival. The same calls with the same times, conditions and seed deliver the
 * same bits.
 *
 * <p>Each end has a pool of its own, or both share one. In flight a packet occupies its sender's buffer; between two
 * pools it is copied once, on arrival; within one it is handed over.
 *
 * <p>Not thread-safe: one thread polls both ends. A test that runs two stacks over a wire advances its clock to the
 * least of both stacks' {@code pollAt} and {@link #nextArrival()}.
 *
 * <pre>{@code
 * SimulatedWire wire = SimulatedWire.ethernet(poolA, poolB, WireConditions.PERFECT.withLatency(50).withLoss(0.01), seed);
 * PortQueue a = wire.a().queue(0, cacheA);
 * PortQueue b = wire.b().queue(0, cacheB);
 * }</pre>
 */
public final class SimulatedWire implements AutoCloseable {
    /** MTU of {@link #ethernet}: 1500 bytes. */
    public static final int ETHERNET_MTU = 1500;

    private final WireEnd a;
    private final WireEnd b;
    private boolean linkUp = true;

    private SimulatedWire(
            final Medium medium,
            final int mtu,
            final PacketPool poolA,
            final PacketPool poolB,
            final WireConditions conditions,
            final long seed) {
        final long macA = medium == Medium.ETHERNET ? 0x0200_0000_000AL : 0;
        final long macB = medium == Medium.ETHERNET ? 0x0200_0000_000BL : 0;
        a = new WireEnd(this, new PortInfo("wire-a", "sim", medium, macA, mtu, 1), poolA, conditions, seed);
        b = new WireEnd(this, new PortInfo("wire-b", "sim", medium, macB, mtu, 1), poolB, conditions, ~seed);
    }

    /** Makes a wire with the same conditions in both directions and the MTU of Ethernet. */
    public static SimulatedWire ethernet(
            final PacketPool poolA, final PacketPool poolB, final WireConditions conditions, final long seed) {
        return create(Medium.ETHERNET, ETHERNET_MTU, poolA, poolB, conditions, seed);
    }

    /**
     * Makes a wire.
     *
     * @param mtu largest IP packet in bytes, at least 68
     * @param poolA pool of end a
     * @param poolB pool of end b, which may be the same
     * @param conditions of both directions; {@link WireEnd#conditions} changes one
     * @param seed of all chances
     * @throws IllegalArgumentException if the MTU is less
     */
    public static SimulatedWire create(
            final Medium medium,
            final int mtu,
            final PacketPool poolA,
            final PacketPool poolB,
            final WireConditions conditions,
            final long seed) {
        if (mtu < 68) {
            throw new IllegalArgumentException("MTU of " + mtu + "; IPv4 needs at least 68 bytes (RFC 791)");
        }
        return new SimulatedWire(medium, mtu, poolA, poolB, conditions, seed);
    }

    /** One end, with MAC address 02:00:00:00:00:0a. */
    public WireEnd a() {
        return a;
    }

    /** The other end, with MAC address 02:00:00:00:00:0b. */
    public WireEnd b() {
        return b;
    }

    /** When the next packet arrives at either end, in microseconds; {@link Long#MAX_VALUE} if none is in flight. */
    public long nextArrival() {
        return Math.min(a.nextArrivalAtPeer(), b.nextArrivalAtPeer());
    }

    /** Whether the link is up. */
    public boolean linkUp() {
        return linkUp;
    }

    /** Cuts the wire or mends it. Packets that are in flight arrive all the same. */
    public void linkUp(final boolean up) {
        linkUp = up;
        a.linkUp(up);
        b.linkUp(up);
    }

    /** Closes both ends. */
    @Override
    public void close() {
        a.close();
        b.close();
    }

    WireEnd other(final WireEnd end) {
        return end == a ? b : a;
    }
}
