package io.millrace.dataplane.port.tap;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.port.PortCounter;
import io.millrace.dataplane.port.PortQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** One queue of a TAP or TUN interface, or a packet socket: a file descriptor, read and written without blocking. */
final class TapQueue implements PortQueue {
    /** Most buffers of a packet, and its header. */
    static final int MOST_VECTORS = 1024;

    private final int fd;
    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final int packetRoom;

    /** Bytes in front of each packet that the kernel reads and writes; 0 for none. */
    private final int header;

    private final Counters<PortCounter> counters = new Counters<>(PortCounter.class);
    private final MemorySegment vnetHeader = Arena.ofAuto().allocate(VnetHeader.LENGTH, Long.BYTES);

    /** {@code struct iovec}: addresses and lengths of what is written at once, the header first. */
    private final MemorySegment iovec = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, 2L * MOST_VECTORS);

    private final MemorySegment errno = Arena.ofAuto().allocate(Linux.ERRNO);

    /** A buffer for the next packet, so that a poll that finds none need not allocate and free. */
    private long spare = PacketPool.NONE;

    /**
     * Makes a queue.
     *
     * @param vnet whether a {@link VnetHeader} stands in front of each packet
     */
    TapQueue(final int fd, final PoolCache cache, final boolean vnet) {
        this.fd = fd;
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.packetRoom = pool.dataRoom() - pool.headroom();
        this.header = vnet ? VnetHeader.LENGTH : 0;
        if (vnet && pool.headroom() < header) {
            throw new IllegalArgumentException(
                    "a headroom of " + pool.headroom() + " bytes; " + header + " are needed");
        }
        iovec.set(ValueLayout.JAVA_LONG, 0, vnetHeader.address());
        iovec.set(ValueLayout.JAVA_LONG, Long.BYTES, VnetHeader.LENGTH);
    }

    Counters<PortCounter> counters() {
        return counters;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        int count = 0;
        long bytes = 0;
        // Those that are refused count too, or who sends nothing else would keep us here.
        for (int tried = 0; tried < max; tried++) {
            if (spare == PacketPool.NONE) {
                spare = cache.allocate();
                if (spare == PacketPool.NONE) {
                    // The packets wait in the kernel's queue, which counts those that it then drops.
                    break;
                }
            }
            final long at = pool.dataOffset(spare) - header;
            final long length = Linux.read(errno, fd, address(at, packetRoom + header), packetRoom + header) - header;
            if (length <= 0) {
                if (!wouldBlock()) {
                    counters.increment(PortCounter.RX_ERRORS);
                }
                break;
            }
            if (header > 0 && !VnetHeader.finish(memory, at, at + header, (int) length)) {
                counters.increment(PortCounter.RX_ERRORS);
                continue;
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
            final int length = BufferHeader.packetLength(memory, handle);
            final long at = pool.dataOffset(handle);
            final long written = header > 0 ? gather(handle, at) : Linux.write(errno, fd, address(at, length), length);
            if (written >= 0) {
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

    /** Writes a packet, in however many buffers, behind the header that describes it. */
    private long gather(final long handle, final long offset) {
        VnetHeader.describe(vnetHeader, memory, handle, offset);
        int vectors = 1;
        for (long at = handle; at != PacketPool.NONE && vectors < MOST_VECTORS; at = BufferChain.next(memory, at)) {
            final int length = BufferHeader.length(memory, at);
            iovec.setAtIndex(ValueLayout.JAVA_LONG, 2L * vectors, address(pool.dataOffset(at), length));
            iovec.setAtIndex(ValueLayout.JAVA_LONG, 2L * vectors++ + 1, length);
        }
        return Linux.writev(errno, fd, iovec.address(), vectors);
    }

    /** Closes the descriptor and frees the buffer that waits for a packet. */
    void close() {
        Linux.close(fd);
        if (spare != PacketPool.NONE) {
            cache.free(spare);
            spare = PacketPool.NONE;
        }
    }

    /** Address of bytes of the pool. The kernel checks nothing, so the bounds are checked here. */
    private long address(final long offset, final int length) {
        return memory.address() + Objects.checkFromIndexSize(offset, (long) length, memory.byteSize());
    }

    private boolean wouldBlock() {
        final int value = Linux.errno(errno);
        return value == Linux.EAGAIN || value == Linux.EINTR;
    }
}
