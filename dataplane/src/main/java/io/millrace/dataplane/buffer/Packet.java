package io.millrace.dataplane.buffer;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A view of one packet in its buffer, for applications that work on whole packets: allocate it once, {@link #wrap} it
 * around each handle. Indexes count from the packet's first byte and are checked against its length; values are in
 * network byte order. The view owns nothing: the handle's owner stays its owner.
 *
 * <p>Not thread-safe.
 */
public final class Packet {
    private final PacketPool pool;
    private final MemorySegment memory;
    private final BufferLedger ledger;
    private long handle = PacketPool.NONE;
    private long offset;
    private int length;

    /** Makes a view of packets of a pool. */
    public Packet(final PacketPool pool) {
        this.pool = pool;
        this.memory = pool.memory();
        this.ledger = BufferLedger.of(pool);
    }

    /** Points this view at a packet. */
    public Packet wrap(final long newHandle) {
        ledger.check(newHandle);
        handle = newHandle;
        offset = pool.dataOffset(newHandle);
        length = BufferHeader.length(memory, newHandle);
        return this;
    }

    /** The handle that was wrapped last. */
    public long handle() {
        return handle;
    }

    /** The pool's memory. */
    public MemorySegment memory() {
        return memory;
    }

    /** Offset of the packet's first byte within {@link #memory()}. */
    public long offset() {
        return offset;
    }

    /** Bytes of the packet. */
    public int length() {
        return length;
    }

    /** Unsigned 8 bits at {@code index}. */
    public int u8(final int index) {
        return Net.u8(memory, at(index, 1));
    }

    /** Unsigned 16 bits at {@code index}. */
    public int u16(final int index) {
        return Net.u16(memory, at(index, 2));
    }

    /** 32 bits at {@code index}. */
    public int i32(final int index) {
        return Net.i32(memory, at(index, 4));
    }

    /** Unsigned 48 bits at {@code index}: a MAC address. */
    public long u48(final int index) {
        return Net.u48(memory, at(index, 6));
    }

    /** 64 bits at {@code index}. */
    public long i64(final int index) {
        return Net.i64(memory, at(index, 8));
    }

    /** Writes 8 bits at {@code index}. */
    public void put8(final int index, final int value) {
        Net.put8(memory, at(index, 1), value);
    }

    /** Writes 16 bits at {@code index}. */
    public void put16(final int index, final int value) {
        Net.put16(memory, at(index, 2), value);
    }

    /** Writes 32 bits at {@code index}. */
    public void put32(final int index, final int value) {
        Net.put32(memory, at(index, 4), value);
    }

    /** Writes 48 bits at {@code index}. */
    public void put48(final int index, final long value) {
        Net.put48(memory, at(index, 6), value);
    }

    /** Writes 64 bits at {@code index}. */
    public void put64(final int index, final long value) {
        Net.put64(memory, at(index, 8), value);
    }

    /** Bytes free in front of the packet. */
    public int headroom() {
        return BufferHeader.dataOff(memory, handle);
    }

    /** Bytes free behind the packet. */
    public int tailroom() {
        return pool.dataRoom() - headroom() - length;
    }

    /**
     * Lets the packet begin {@code bytes} earlier, over its headroom.
     *
     * @throws IndexOutOfBoundsException if the headroom is smaller
     */
    public Packet prepend(final int bytes) {
        Objects.checkFromIndexSize(0, bytes, headroom());
        return set(headroom() - bytes, length + bytes);
    }

    /**
     * Lets the packet begin {@code bytes} later.
     *
     * @throws IndexOutOfBoundsException if the packet is shorter
     */
    public Packet stripFront(final int bytes) {
        Objects.checkFromIndexSize(0, bytes, length);
        return set(headroom() + bytes, length - bytes);
    }

    /**
     * Sets the packet's length; new bytes hold what was in the buffer before.
     *
     * @throws IndexOutOfBoundsException if it does not fit into the buffer
     */
    public Packet length(final int bytes) {
        Objects.checkFromIndexSize(0, bytes, length + tailroom());
        return set(headroom(), bytes);
    }

    private Packet set(final int dataOff, final int newLength) {
        BufferHeader.dataOff(memory, handle, dataOff);
        BufferHeader.length(memory, handle, newLength);
        return wrap(handle);
    }

    private long at(final int index, final int size) {
        return offset + Objects.checkFromIndexSize(index, size, length);
    }
}
