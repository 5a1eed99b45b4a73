package io.millrace.dataplane.port.tap;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.port.Medium;
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
    private final boolean vnet;
    private final Counters<PortCounter> counters = new Counters<>(PortCounter.class);
    private final MemorySegment vnetHeader = Arena.ofAuto().allocate(VnetHeader.LENGTH, Long.BYTES);

    /** {@code struct iovec}: addresses and lengths of what is written at once, the header first. */
    private final MemorySegment iovec = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, 2L * MOST_VECTORS);

    private final MemorySegment errno = Arena.ofAuto().allocate(Linux.ERRNO);

    private final ReceiveSlots slots;

    private TapQueue(
            final int fd, final boolean socket, final PoolCache cache, final Medium medium, final boolean vnet) {
        this.fd = fd;
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.vnet = vnet;
        this.slots = new ReceiveSlots(fd, socket, cache, medium, vnet, counters);
        iovec.set(ValueLayout.JAVA_LONG, 0, vnetHeader.address());
        iovec.set(ValueLayout.JAVA_LONG, Long.BYTES, VnetHeader.LENGTH);
    }

    /** A queue of a packet socket, with a {@link VnetHeader} in front of each packet. */
    static TapQueue ofSocket(final int fd, final PoolCache cache) {
        return new TapQueue(fd, true, cache, Medium.ETHERNET, true);
    }

    /**
     * A queue of a TAP or TUN interface.
     *
     * @param vnet whether a {@link VnetHeader} stands in front of each packet
     */
    static TapQueue ofFile(final int fd, final PoolCache cache, final Medium medium, final boolean vnet) {
        return new TapQueue(fd, false, cache, medium, vnet);
    }

    Counters<PortCounter> counters() {
        return counters;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        return slots.receive(handles, max);
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        for (int i = 0; i < count; i++) {
            final long handle = handles[from + i];
            final int length = BufferHeader.packetLength(memory, handle);
            final long at = pool.dataOffset(handle);
            final long written = vnet ? gather(handle, at) : Linux.write(errno, fd, address(at, length), length);
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

    /** Closes the descriptor and frees the buffers that wait for packets. */
    void close() {
        Linux.close(fd);
        slots.close();
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
