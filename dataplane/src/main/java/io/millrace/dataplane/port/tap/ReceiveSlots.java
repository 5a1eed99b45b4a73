package io.millrace.dataplane.port.tap;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortCounter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * Where the kernel writes what a queue receives: a buffer of the pool for each slot and, where it may show long TCP
 * segments, memory of its own for what is more than fits. A socket fills many slots by one system call, a file of {@code
 * /dev/net/tun} one.
 */
final class ReceiveSlots {
    private static final int SOCKET_SLOTS = 32;

    /** The largest packet of IP and what stands in front of it. */
    private static final int OVERFLOW = 0x1_0000;

    private static final int VECTORS = 2;
    private static final int VECTOR_BYTES = 16;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    // struct mmsghdr: where the name, its length, the vectors, how many, ancillary data, and the length received are.
    private static final int MESSAGE_BYTES = 64;
    private static final int MESSAGE_VECTORS = 16;
    private static final int MESSAGE_VECTOR_COUNT = 24;
    private static final int MESSAGE_LENGTH = 56;

    private final int fd;
    private final boolean socket;
    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final Counters<PortCounter> counters;
    private final int packetRoom;

    /** Bytes in front of each packet that the kernel writes; 0 for none. */
    private final int header;

    private final LongSegment longSegment;
    private final long[] buffers;
    private final MemorySegment vectors;
    private final MemorySegment messages;
    private final MemorySegment overflow;
    private final MemorySegment errno = Arena.ofAuto().allocate(Linux.ERRNO);

    /** Slots that the kernel has filled, and the first of them that has not been looked at. */
    private int filled;

    private int next;

    /**
     * Makes empty ones.
     *
     * @param socket whether the descriptor is a socket's
     * @param vnet whether a {@link VnetHeader} stands in front of each packet
     */
    ReceiveSlots(
            final int fd,
            final boolean socket,
            final PoolCache cache,
            final Medium medium,
            final boolean vnet,
            final Counters<PortCounter> counters) {
        this.fd = fd;
        this.socket = socket;
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.counters = counters;
        this.packetRoom = pool.dataRoom() - pool.headroom();
        this.header = vnet ? VnetHeader.LENGTH : 0;
        this.longSegment = new LongSegment(cache, medium.headerLength());
        if (pool.headroom() < header) {
            throw new IllegalArgumentException(
                    "a headroom of " + pool.headroom() + " bytes; " + header + " are needed");
        }
        final int slots = socket ? SOCKET_SLOTS : 1;
        this.buffers = new long[slots];
        Arrays.fill(buffers, PacketPool.NONE);
        final Arena arena = Arena.ofAuto();
        this.vectors = arena.allocate(LONG, 2L * VECTORS * slots);
        this.messages = arena.allocate((long) MESSAGE_BYTES * slots, Long.BYTES);
        this.overflow = arena.allocate(vnet ? (long) OVERFLOW * slots : 0);
        for (int i = 0; i < slots; i++) {
            final long message = (long) i * MESSAGE_BYTES;
            messages.set(LONG, message + MESSAGE_VECTORS, vectors.address() + (long) i * VECTORS * VECTOR_BYTES);
            messages.set(LONG, message + MESSAGE_VECTOR_COUNT, vnet ? VECTORS : 1);
            if (vnet) {
                vector(i, 1, overflow.address() + (long) OVERFLOW * i, OVERFLOW);
            }
        }
    }

    /** Receives packets as {@link io.millrace.dataplane.port.PortQueue#receive} does. */
    int receive(final long[] handles, final int max) {
        int count = 0;
        long bytes = 0;
        // Those that are refused count too, or who sends nothing else would keep us here.
        int tried = 0;
        while (count < max && tried < max) {
            final long handle;
            if (longSegment.hasNext()) {
                handle = longSegment.next();
                if (handle == PacketPool.NONE) {
                    break;
                }
            } else {
                if (next == filled && !fill(max - count)) {
                    break;
                }
                tried++;
                handle = take(next++);
                if (handle == PacketPool.NONE) {
                    continue;
                }
            }
            handles[count++] = handle;
            bytes += BufferHeader.length(memory, handle);
        }
        if (count > 0) {
            counters.add(PortCounter.RX_PACKETS, count);
            counters.add(PortCounter.RX_BYTES, bytes);
        }
        return count;
    }

    /** Frees what waits, and the buffers that packets have not come into. */
    void close() {
        for (int i = 0; i < buffers.length; i++) {
            if (buffers[i] != PacketPool.NONE) {
                cache.free(buffers[i]);
                buffers[i] = PacketPool.NONE;
            }
        }
    }

    /** Has the kernel fill slots, once all that it had filled are done with. Returns false if nothing came. */
    private boolean fill(final int most) {
        int ready = 0;
        while (ready < most && ready < buffers.length && prepare(ready)) {
            ready++;
        }
        filled = 0;
        next = 0;
        if (ready == 0) {
            return false; // the packets wait in the kernel's queue, which counts those that it then drops
        }
        final int got = socket ? Linux.recvmmsg(errno, fd, messages.address(), ready) : read();
        if (got <= 0) {
            final int why = Linux.errno(errno);
            if (why != Linux.EAGAIN && why != Linux.EINTR) {
                counters.increment(PortCounter.RX_ERRORS);
            }
            return false;
        }
        filled = got;
        return true;
    }

    private int read() {
        final long length = header > 0
                ? Linux.readv(errno, fd, vectors.address(), VECTORS)
                : Linux.read(errno, fd, vectors.get(LONG, 0), vectors.get(LONG, Long.BYTES));
        if (length <= 0) {
            return -1;
        }
        messages.set(INT, MESSAGE_LENGTH, (int) length);
        return 1;
    }

    /** Sees to a slot's buffer. Returns false if there is none. */
    private boolean prepare(final int slot) {
        if (buffers[slot] == PacketPool.NONE) {
            final long handle = cache.allocate();
            if (handle == PacketPool.NONE) {
                return false;
            }
            buffers[slot] = handle;
            // The kernel checks nothing, so the bounds are checked here.
            final int length = packetRoom + header;
            final long offset =
                    Objects.checkFromIndexSize(pool.dataOffset(handle) - header, (long) length, memory.byteSize());
            vector(slot, 0, memory.address() + offset, length);
        }
        return true;
    }

    /** The packet of a slot; {@link PacketPool#NONE} if it is refused, or long, and then its pieces come next. */
    private long take(final int slot) {
        final long handle = buffers[slot];
        final int length = messages.get(INT, (long) slot * MESSAGE_BYTES + MESSAGE_LENGTH) - header;
        final long at = pool.dataOffset(handle);
        final int size = header == 0 || length <= 0 ? 0 : VnetHeader.segmentSize(memory, at - header);
        final boolean good;
        if (size == 0) {
            good = length > 0
                    && length <= packetRoom
                    && (header == 0 || VnetHeader.finish(memory, at - header, at, length));
            if (good) {
                BufferHeader.length(memory, handle, length);
                buffers[slot] = PacketPool.NONE;
                return handle;
            }
        } else {
            final int here = Math.min(length, packetRoom);
            good = size != VnetHeader.UNKNOWN
                    && longSegment.begin(at, length, here, overflow, (long) OVERFLOW * slot, size);
        }
        if (!good) {
            counters.increment(PortCounter.RX_ERRORS);
        }
        return PacketPool.NONE;
    }

    private void vector(final int slot, final int index, final long address, final int length) {
        final long at = (long) (VECTORS * slot + index) * VECTOR_BYTES;
        vectors.set(LONG, at, address);
        vectors.set(LONG, at + Long.BYTES, length);
    }
}
