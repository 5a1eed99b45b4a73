package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortCounter;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A port that receives the packets of a capture, and whose transmitted packets are counted and freed. It has one queue;
 * the first poll starts the replay.
 */
public final class PcapReplayPort implements Port, PortQueue {
    /** What {@link PortInfo#driver} calls such a port. */
    public static final String DRIVER = "pcap";

    private static final long MAC_ADDRESS = 0x0200_0000_0001L;
    private static final int MTU = 1500;

    private final PcapReader reader;
    private final PortInfo info;
    private final PacketPool pool;
    private final double speed;
    private final Counters<PortCounter> counters = new Counters<>(PortCounter.class);
    private @Nullable PoolCache cache;
    private boolean started;
    private boolean pending;

    /** The first packet's time in the capture, and the poll loop's when it came. */
    private long firstNanos;

    private long startMicros;

    private PcapReplayPort(final PcapReader reader, final PortInfo info, final PacketPool pool, final double speed) {
        this.reader = reader;
        this.info = info;
        this.pool = pool;
        this.speed = speed;
        this.pending = reader.next();
    }

    /**
     * Opens a capture for replay.
     *
     * @param pool for its packets; those that do not fit into a buffer are counted and left out
     * @param paced whether packets come as far apart as they were captured, or as fast as they are polled
     * @throws io.millrace.dataplane.port.PortException if the file cannot be replayed
     */
    public static PcapReplayPort open(final Path path, final PacketPool pool, final boolean paced) {
        return open(path, pool, paced ? 1 : 0);
    }

    /**
     * Opens a capture for replay at another speed.
     *
     * @param pool for its packets; those that do not fit into a buffer are counted and left out
     * @param speed how many times as fast as they were captured packets come; 2 halves the gaps between them, 0 makes
     *     them come as fast as they are polled
     * @throws io.millrace.dataplane.port.PortException if the file cannot be replayed
     */
    public static PcapReplayPort open(final Path path, final PacketPool pool, final double speed) {
        if (!(speed >= 0)) {
            throw new IllegalArgumentException("replay at " + speed + " times the speed; it must be 0 or more");
        }
        final PcapReader reader = PcapReader.open(path);
        final long mac = reader.medium() == Medium.ETHERNET ? MAC_ADDRESS : 0;
        final PortInfo info = new PortInfo(path.toString(), DRIVER, reader.medium(), mac, MTU, 1);
        return new PcapReplayPort(reader, info, pool, speed);
    }

    /** When the next packet is due in the poll loop's time; 0 if at once, {@link Long#MAX_VALUE} after the last. */
    public long nextArrival() {
        if (!pending) {
            return Long.MAX_VALUE;
        }
        return speed > 0 && started ? startMicros + (long) ((reader.timeNanos() - firstNanos) / (1000 * speed)) : 0;
    }

    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public PortQueue queue(final int index, final PoolCache newCache) {
        info.checkQueue(index, index == 0 && cache == null, pool, newCache);
        cache = newCache;
        return this;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        final PoolCache buffers = cache;
        if (buffers == null) {
            return 0;
        }
        if (!started && pending) {
            started = true;
            firstNanos = reader.timeNanos();
            startMicros = nowMicros;
        }
        final int room = pool.dataRoom() - pool.headroom();
        int count = 0;
        while (count < max && nextArrival() <= nowMicros) {
            if (reader.length() > room) {
                counters.increment(PortCounter.RX_ERRORS);
            } else {
                final long handle = buffers.allocate();
                if (handle == PacketPool.NONE) {
                    break;
                }
                final MemorySegment memory = pool.memory();
                MemorySegment.copy(reader.memory(), reader.offset(), memory, pool.dataOffset(handle), reader.length());
                BufferHeader.length(memory, handle, reader.length());
                handles[count++] = handle;
                counters.increment(PortCounter.RX_PACKETS);
                counters.add(PortCounter.RX_BYTES, reader.length());
            }
            pending = reader.next();
        }
        return count;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        final PoolCache buffers = cache;
        if (buffers == null) {
            return 0;
        }
        for (int i = 0; i < count; i++) {
            counters.increment(PortCounter.TX_PACKETS);
            counters.add(PortCounter.TX_BYTES, BufferHeader.length(pool.memory(), handles[from + i]));
        }
        buffers.free(handles, from, count);
        return count;
    }

    @Override
    public boolean linkUp() {
        return pending;
    }

    @Override
    public PortStats stats() {
        return PortStats.ZERO.plus(counters);
    }

    @Override
    public void close() {
        pending = false;
        reader.close();
    }
}
