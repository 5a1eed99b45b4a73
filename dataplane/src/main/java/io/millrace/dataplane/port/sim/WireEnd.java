package io.millrace.dataplane.port.sim;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.offload.SoftwareOffload;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortCounter;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortOffloads;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dataplane.port.Segmentation;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One end of a {@link SimulatedWire}: a port with one queue. It takes every packet; what becomes of it, the wire says.
 */
public final class WireEnd implements Port, PortQueue {
    private final SimulatedWire wire;
    private PortInfo info;
    private final PacketPool pool;
    private final long seed;
    private final Counters<PortCounter> totals = new Counters<>(PortCounter.class);
    private WireConditions conditions;
    private @Nullable ChecksumDevice checksums;
    private @Nullable SoftwareOffload offload;
    private @Nullable PoolCache cache;
    private @Nullable WireLane outgoing;
    private @Nullable WireLane incoming;

    WireEnd(
            final SimulatedWire wire,
            final PortInfo info,
            final PacketPool pool,
            final WireConditions conditions,
            final long seed) {
        this.wire = wire;
        this.info = info;
        this.pool = pool;
        this.conditions = conditions;
        this.seed = seed;
    }

    /** What becomes of packets that this end sends from now on. */
    public void conditions(final WireConditions newConditions) {
        conditions = newConditions;
        if (outgoing != null) {
            outgoing.conditions(newConditions);
        }
    }

    /** Makes this end do the checksums, as a network card does. To be called before the port is put to use. */
    public void offloadChecksums() {
        offload(PortOffloads.CHECKSUMS);
    }

    /**
     * Makes this end do the checksums and cut long TCP segments, as a network card does. To be called before the port
     * is put to use.
     */
    public void offloadSegmentation(final Segmentation segmentation) {
        offload(new PortOffloads(true, true, segmentation));
    }

    private void offload(final PortOffloads offloads) {
        info = new PortInfo(
                info.name(), info.driver(), info.medium(), info.macAddress(), info.mtu(), info.queues(), offloads);
        checksums = new ChecksumDevice(pool, info.medium());
    }

    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public PortQueue queue(final int index, final PoolCache newCache) {
        info.checkQueue(index, index == 0 && cache == null, pool, newCache);
        cache = newCache;
        offload = checksums == null ? null : new SoftwareOffload(newCache);
        final int longestFrame = info.mtu() + info.medium().longestHeader();
        outgoing = new WireLane(newCache, conditions, longestFrame, seed);
        outgoing.up(wire.linkUp());
        return this;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        final WireLane lane = incoming();
        if (lane == null || cache == null) {
            return 0;
        }
        final int count = lane.receive(handles, max, nowMicros, cache);
        final MemorySegment memory = pool.memory();
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += BufferHeader.length(memory, handles[i]);
            if (checksums != null) {
                checksums.receive(handles[i]);
            }
        }
        totals.add(PortCounter.RX_PACKETS, count);
        totals.add(PortCounter.RX_BYTES, bytes);
        return count;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        final WireLane lane = outgoing;
        final PoolCache mine = cache;
        if (lane == null || mine == null) {
            return 0;
        }
        final MemorySegment memory = pool.memory();
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            final long handle = handles[from + i];
            bytes += BufferHeader.packetLength(memory, handle);
            final SoftwareOffload device = offload;
            if (device != null && device.isLong(handle)) {
                cut(device, handle, lane, nowMicros);
                mine.free(handle);
                continue;
            }
            if (device != null) {
                device.complete(handle);
            }
            lane.send(handle, nowMicros);
        }
        totals.add(PortCounter.TX_PACKETS, count);
        totals.add(PortCounter.TX_BYTES, bytes);
        return count;
    }

    /** Sends the segments of a long one. What there is no buffer for is lost, as TCP can stand. */
    private void cut(final SoftwareOffload device, final long handle, final WireLane lane, final long nowMicros) {
        final int segments = device.packets(handle);
        for (int i = 0; i < segments; i++) {
            final long segment = device.finished(handle, i);
            if (segment == PacketPool.NONE) {
                totals.increment(PortCounter.TX_ERRORS);
            } else {
                lane.send(segment, nowMicros);
            }
        }
    }

    @Override
    public boolean linkUp() {
        return wire.linkUp();
    }

    @Override
    public PortStats stats() {
        final PortStats sum = PortStats.ZERO.plus(totals);
        return new PortStats(
                sum.rxPackets(),
                sum.rxBytes(),
                sum.txPackets(),
                sum.txBytes(),
                wire.other(this).count(WireCounter.NO_BUFFER),
                0,
                sum.txErrors() + count(WireCounter.OVERSIZE));
    }

    /** What became of the packets that this end sent; empty until its queue was taken. */
    public @Nullable Counters<WireCounter> counters() {
        return outgoing == null ? null : outgoing.counters();
    }

    /** One of the {@link #counters()}. */
    public long count(final WireCounter name) {
        return outgoing == null ? 0 : outgoing.counters().get(name);
    }

    @Override
    public void close() {
        if (outgoing != null) {
            outgoing.clear();
        }
    }

    void linkUp(final boolean up) {
        if (outgoing != null) {
            outgoing.up(up);
        }
    }

    long nextArrivalAtPeer() {
        return outgoing == null ? Long.MAX_VALUE : outgoing.nextArrival();
    }

    private @Nullable WireLane incoming() {
        if (incoming == null) {
            incoming = wire.other(this).outgoing;
        }
        return incoming;
    }
}
