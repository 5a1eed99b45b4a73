package io.millrace.stack.socket;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpRepr;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Received packets that wait for an application: a ring, bounded in packets and in bytes, that owns their buffers. What
 * finds it full is not taken: the newest is lost, the oldest stay. A packet alone is taken however long it is.
 *
 * <p>Not thread-safe. Its arrays grow as needed, up to the limit, and stay.
 */
public final class PacketQueue {
    /** Most bytes that wait unless an application says otherwise. */
    public static final int DEFAULT_BYTES = 256 * 1024;

    private static final int FIRST_CAPACITY = 16;

    private final QueueBudget budget;
    private int maxPackets;
    private int maxBytes;
    private @Nullable IpRepr[] headers = new IpRepr[0];
    private long[] handles = new long[0];
    private long[] offsets = new long[0];
    private long[] times = new long[0];
    private int[] lengths = new int[0];
    private int[] tags = new int[0];
    private int head;
    private int count;
    private int bytes;

    /**
     * Makes an empty one.
     *
     * @param budget what all queues share
     */
    public PacketQueue(final QueueBudget budget, final int maxPackets, final int maxBytes) {
        this.budget = budget;
        this.maxPackets = maxPackets;
        this.maxBytes = maxBytes;
    }

    /**
     * Sets its limits. What waits already stays, even if it is more.
     *
     * @throws IllegalArgumentException if one is less than 1, or there are to be more than 65,535 packets
     */
    public void limits(final int packets, final int mostBytes) {
        if (packets < 1 || packets > 0xFFFF) {
            throw new IllegalArgumentException("queue of " + packets + " packets; it is 1 to 65535");
        }
        if (mostBytes < 1) {
            throw new IllegalArgumentException("queue of " + mostBytes + " bytes; it is at least 1");
        }
        maxPackets = packets;
        maxBytes = mostBytes;
    }

    /** Packets that wait. */
    public int size() {
        return count;
    }

    /** Bytes that wait, of the lengths that {@link #add} was given. */
    public int bytes() {
        return bytes;
    }

    /**
     * Takes a packet's buffer over unless a limit forbids it.
     *
     * @param ip its IP header; copied
     * @param handle its buffer
     * @param offset of what the application wants of it
     * @param length bytes of that
     * @param tag whatever else must be kept
     * @param now time of arrival in microseconds
     */
    public boolean add(
            final IpRepr ip, final long handle, final long offset, final int length, final int tag, final long now) {
        if (count >= maxPackets || (count > 0 && length > maxBytes - bytes) || !budget.take()) {
            return false;
        }
        if (count == handles.length) {
            grow();
        }
        final int at = index(count);
        IpRepr header = headers[at];
        if (header == null) {
            header = new IpRepr();
            headers[at] = header;
        }
        header.set(ip);
        handles[at] = handle;
        offsets[at] = offset;
        lengths[at] = length;
        tags[at] = tag;
        times[at] = now;
        count++;
        bytes += length;
        return true;
    }

    /**
     * Adds a copy of bytes in a buffer of its own, unless a limit forbids it or there is no buffer.
     *
     * @param output where buffers come from
     * @param memory where the bytes are
     */
    public boolean addCopy(
            final IpOutput output,
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int length,
            final int tag,
            final long now) {
        if (count >= maxPackets || (count > 0 && length > maxBytes - bytes)) {
            return false;
        }
        final long handle = output.allocate(length);
        if (handle == PacketPool.NONE) {
            return false;
        }
        final PacketStore packets = output.packets();
        final long to = packets.dataOffset(handle);
        packets.length(handle, length);
        MemorySegment.copy(memory, offset, packets.memory(handle), to, length);
        if (keepsLarge(packets, handle) || !add(ip, handle, to, length, tag, now)) {
            output.free(handle);
            return false;
        }
        return true;
    }

    /** Whether to keep a large packet for those who send and reassemble, instead of letting one more wait. */
    public static boolean keepsLarge(final PacketStore packets, final long handle) {
        return PacketStore.isLarge(handle) && packets.largeAvailable() < packets.largeCapacity() / 4;
    }

    /** Frees all packets. */
    public void close(final IpOutput output) {
        while (count > 0) {
            final long handle = handle();
            remove();
            output.free(handle);
        }
    }

    /**
     * IP header of the oldest packet; there must be one, for this and all below.
     *
     * @throws IllegalStateException if none waits
     */
    public IpRepr ip() {
        final IpRepr header = count == 0 ? null : headers[head];
        if (header == null) {
            throw new IllegalStateException("no packet waits");
        }
        return header;
    }

    /** Buffer of the oldest packet. */
    public long handle() {
        return count == 0 ? PacketPool.NONE : handles[head];
    }

    /** Offset of the oldest packet, as {@link #add} was given it. */
    public long offset() {
        return offsets[head];
    }

    /** Bytes of the oldest packet. */
    public int length() {
        return lengths[head];
    }

    /** Tag of the oldest packet. */
    public int tag() {
        return tags[head];
    }

    /** Arrival of the oldest packet in microseconds. */
    public long time() {
        return times[head];
    }

    /** Removes the oldest packet, whose buffer is the caller's from now on. */
    public void remove() {
        bytes -= lengths[head];
        head = index(1);
        count--;
        budget.giveBack();
    }

    private int index(final int place) {
        final int at = head + place;
        return at < handles.length ? at : at - handles.length;
    }

    private void grow() {
        final int old = handles.length;
        final int capacity = Math.min(Math.max(FIRST_CAPACITY, 2 * old), Math.max(maxPackets, old + 1));
        headers = Arrays.copyOf(headers, capacity);
        handles = Arrays.copyOf(handles, capacity);
        offsets = Arrays.copyOf(offsets, capacity);
        times = Arrays.copyOf(times, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
        tags = Arrays.copyOf(tags, capacity);
        // The ring is full: what lies before its head comes behind it, moved up by the new room.
        final int tail = old - head;
        if (head > 0) {
            final int to = capacity - tail;
            System.arraycopy(headers, head, headers, to, tail);
            Arrays.fill(headers, head, to, null);
            System.arraycopy(handles, head, handles, to, tail);
            System.arraycopy(offsets, head, offsets, to, tail);
            System.arraycopy(times, head, times, to, tail);
            System.arraycopy(lengths, head, lengths, to, tail);
            System.arraycopy(tags, head, tags, to, tail);
            head = to;
        }
    }
}
