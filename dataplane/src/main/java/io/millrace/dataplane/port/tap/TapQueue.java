package io.millrace.dataplane.port.tap;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.port.PortCounter;
import io.millrace.dataplane.port.PortQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** One queue of a TAP or TUN interface: a file descriptor, read and written without blocking. */
final class TapQueue implements PortQueue {
    private final int fd;
    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final int packetRoom;
    private final Counters<PortCounter> counters = new Counters<>(PortCounter.class);
    private final MemorySegment errno = Arena.ofAuto().allocate(Linux.ERRNO);

    /** A buffer for the next packet, so that a poll that finds none need not allocate and free. */
    private long spare = PacketPool.NONE;

    TapQueue(final int fd, final PoolCache cache) {
        this.fd = fd;
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.packetRoom = pool.dataRoom() - pool.headroom();
    }

    Counters<PortCounter> counters() {
        return counters;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        int count = 0;
        long bytes = 0;
        while (count < max) {
            if (spare == PacketPool.NONE) {
                spare = cache.allocate();
                if (spare == PacketPool.NONE) {
                    // The packets wait in the kernel's queue, which counts those that it then drops.
                    break;
                }
            }
            final long length = Linux.read(errno, fd, address(spare, packetRoom), packetRoom);
            if (length <= 0) {
                if (!wouldBlock()) {
                    counters.increment(PortCounter.RX_ERRORS);
                }
                break;
            }
            BufferHeader.length(memory, spare, (int) length);
            handles[count++] = spare;
            spare = PacketPool.NONE;
            bytes += length;
        }
        if (count > 0) {
            counters.add(PortCounter.RX_PACKETS, count);
            counters.add(PortCounter.RX_BYTES, bytes);
        }
        return count;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        for (int i = 0; i < count; i++) {
            final long handle = handles[from + i];
            final int length = BufferHeader.length(memory, handle);
            if (Linux.write(errno, fd, address(handle, length), length) >= 0) {
                counters.increment(PortCounter.TX_PACKETS);
                counters.add(PortCounter.TX_BYTES, length);
            } else if (wouldBlock()) {
                return i;
            } else {
                // The interface is down, or the packet is none: sending it again would not help.
                counters.increment(PortCounter.TX_ERRORS);
            }
            cache.free(handle);
        }
        return count;
    }

    /** Closes the descriptor and frees the buffer that waits for a packet. */
    void close() {
        Linux.close(fd);
        if (spare != PacketPool.NONE) {
            cache.free(spare);
            spare = PacketPool.NONE;
        }
    }

    /** Address of the packet's first byte. The kernel checks nothing, so the bounds are checked here. */
    private long address(final long handle, final int length) {
        return memory.address() + Objects.checkFromIndexSize(pool.dataOffset(handle), (long) length, memory.byteSize());
    }

    private boolean wouldBlock() {
        final int value = Linux.errno(errno);
        return value == Linux.EAGAIN || value == Linux.EINTR;
    }
}
