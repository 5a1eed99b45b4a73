package io.millrace.testkit;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/**
 * Packets from hexadecimal text and back. Everything is native memory: one heap segment in wire code would slow it for
 * the rest of the JVM's life.
 */
public final class Frames {
    private Frames() {}

    /** Bytes in native memory of their own. White space and colons in {@code hex} mean nothing. */
    public static MemorySegment ofHex(final String hex) {
        return ofBytes(HexFormat.of().parseHex(hex.replaceAll("[\\s:]", "")));
    }

    /** A copy of {@code bytes} in native memory of its own. */
    public static MemorySegment ofBytes(final byte[] bytes) {
        final MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return memory;
    }

    /** A packet in a fresh buffer; the caller owns it. */
    public static long packet(final PoolCache cache, final String hex) {
        return packet(cache, ofHex(hex));
    }

    /** A packet in a fresh buffer, with the bytes of a native segment; the caller owns it. */
    public static long packet(final PoolCache cache, final MemorySegment bytes) {
        final PacketPool pool = cache.pool();
        final int length = Math.toIntExact(bytes.byteSize());
        if (length > pool.dataRoom() - pool.headroom()) {
            throw new IllegalArgumentException(length + " bytes do not fit into a buffer of the pool");
        }
        final long handle = cache.allocate();
        if (handle == PacketPool.NONE) {
            throw new IllegalStateException("the pool is empty");
        }
        MemorySegment.copy(bytes, 0, pool.memory(), pool.dataOffset(handle), length);
        BufferHeader.length(pool.memory(), handle, length);
        return handle;
    }

    /** A packet's bytes in lower case, without spaces. */
    public static String hex(final PacketPool pool, final long handle) {
        return hex(pool.memory(), pool.dataOffset(handle), BufferHeader.length(pool.memory(), handle));
    }

    /** Bytes in lower case, without spaces. */
    public static String hex(final MemorySegment memory, final long offset, final int length) {
        return HexFormat.of().formatHex(bytes(memory, offset, length));
    }

    /** A packet's bytes. */
    public static byte[] bytes(final PacketPool pool, final long handle) {
        return bytes(pool.memory(), pool.dataOffset(handle), BufferHeader.length(pool.memory(), handle));
    }

    /** Bytes as an array. */
    public static byte[] bytes(final MemorySegment memory, final long offset, final int length) {
        final byte[] bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        return bytes;
    }
}
